// SPDX-License-Identifier: Apache-2.0
// Every workload and every implementation by name, and the function that measures one with the other.
#pragma once

#include <span>
#include <string_view>

#include "measure.hpp"
#include "workload/workload_facts.hpp"

namespace weft::bench {

/// What is known about an implementation without running it.
struct implementation_facts {
  std::string_view name;
  std::string_view meaning;
  /// False for those that have no use for a second thread.
  bool takes_threads;
  /// What has to be found in PATH to run it; empty: nothing.
  std::string_view program = {};
};

/// All workloads, in the order in which they are reported.
[[nodiscard]] std::span<const workload_facts> workloads();

/// All implementations, in the order in which they are reported.
[[nodiscard]] std::span<const implementation_facts> implementations();

/// The workload of that name; null if there is none.
[[nodiscard]] const workload_facts* find_workload(std::string_view name);

/// The implementation of that name; null if there is none.
[[nodiscard]] const implementation_facts* find_implementation(std::string_view name);

using measurement = outcome (*)(int size, int threads);

/// The measurement of a workload by an implementation; null if either is unknown, or
/// the implementation does not compute that workload. The caller keeps to the sizes that the workload allows.
[[nodiscard]] measurement find_measurement(std::string_view workload, std::string_view implementation);

}  // namespace weft::bench
