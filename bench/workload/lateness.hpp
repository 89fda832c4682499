// SPDX-License-Identifier: Apache-2.0
// How late sleepers wake who have the machine to themselves.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "workload_facts.hpp"

namespace weft::bench {

class lateness {
 public:
  static constexpr workload_facts facts{.name = "lateness",
                                        .meaning = "the n-th percentile of how late 500 sleeps of 1 ms end, one after the other",
                                        .smallest = 1,
                                        .largest = 100,
                                        .default_size = 99,
                                        .tiny_size = 50,
                                        .takes_threads = false};

  explicit lateness(int percent) : percent_(static_cast<std::size_t>(percent)) {}

  [[nodiscard]] static int warm_up_size(int percent) { return percent; }
  [[nodiscard]] static std::size_t sleeps() { return 500; }
  [[nodiscard]] static std::chrono::milliseconds how_long() { return std::chrono::milliseconds(1); }
  /// Which of them is asked for, in order of their lateness, from 0.
  [[nodiscard]] std::size_t rank() const { return (sleeps() * percent_ + 99) / 100 - 1; }
  [[nodiscard]] static std::uint64_t tasks() { return 1; }
  /// How many were not early.
  [[nodiscard]] static bool accepts(std::uint64_t answer) { return answer == sleeps(); }

 private:
  std::size_t percent_;
};

}  // namespace weft::bench
