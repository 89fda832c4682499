// SPDX-License-Identifier: Apache-2.0
// A deadline round what is ready at once: what a timeout costs a request that does not need it.
#pragma once

#include <algorithm>
#include <cstdint>

#include "workload_facts.hpp"

namespace weft::bench {

class ready_deadlines {
 public:
  static constexpr workload_facts facts{.name = "timeout",
                                        .meaning = "n times a deadline round a task that is ready at once, one after the other",
                                        .smallest = 1,
                                        .largest = 2'000'000'000,
                                        .default_size = 5'000'000,
                                        .tiny_size = 1000,
                                        .takes_threads = false};

  explicit ready_deadlines(int count) : count_(static_cast<std::uint64_t>(count)) {}

  [[nodiscard]] static int warm_up_size(int count) { return std::min(count, 100'000); }
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::uint64_t tasks() const { return count_; }
  /// The sum of what the tasks give: the numbers below n.
  [[nodiscard]] bool accepts(std::uint64_t answer) const { return answer == count_ * (count_ - 1) / 2; }

 private:
  std::uint64_t count_;
};

}  // namespace weft::bench
