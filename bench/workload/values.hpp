// SPDX-License-Identifier: Apache-2.0
// The sum of the numbers below n, each yielded by a generator: what a value costs its loop.
#pragma once

#include <algorithm>
#include <cstdint>

#include "workload_facts.hpp"

namespace weft::bench {

class values {
 public:
  static constexpr workload_facts facts{.name = "generator",
                                        .meaning = "sum of n numbers that a generator yields, one task a number",
                                        .smallest = 0,
                                        .largest = 2'000'000'000,
                                        .default_size = 20'000'000,
                                        .tiny_size = 1000,
                                        .takes_threads = false};

  explicit values(int count) : count_(static_cast<std::uint64_t>(count)) {}

  [[nodiscard]] static int warm_up_size(int count) { return std::min(count, 1'000'000); }
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::uint64_t tasks() const { return count_; }
  [[nodiscard]] bool accepts(std::uint64_t answer) const { return answer == count_ * (count_ - 1) / 2; }

 private:
  std::uint64_t count_;
};

}  // namespace weft::bench
