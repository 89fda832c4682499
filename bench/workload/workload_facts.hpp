// SPDX-License-Identifier: Apache-2.0
// What is known about a workload without running it: its name, its sizes, and what a size means.
#pragma once

#include <string_view>

namespace weft::bench {

/// Each workload class has one of these as `static constexpr workload_facts facts`, and
///   explicit Workload(int size)            owns the input of one run
///   static int warm_up_size(int size)      the run before the timed one
///   tasks()                                how many tasks the definition asks for
///   accepts(answer)                        whether an implementation's answer is the right one
struct workload_facts {
  std::string_view name;
  /// What one run computes, for people.
  std::string_view meaning;
  int smallest;
  int largest;
  /// What `weft bench` runs unless it is told: seconds on a small machine.
  int default_size;
  /// The size of the public suite; 0 for what it does not have.
  int suite_size = 0;
  /// Enough to exercise every branch, for tests.
  int tiny_size;
  /// True when sizes between smallest and largest must be powers of two.
  bool powers_of_two = false;
  /// False for what is no work for a second thread.
  bool takes_threads = true;

  [[nodiscard]] constexpr bool allows(int size) const {
    return size >= smallest && size <= largest && (!powers_of_two || (size & (size - 1)) == 0);
  }
};

}  // namespace weft::bench
