// SPDX-License-Identifier: Apache-2.0
// A tree of fan-out ten whose leaves return their ordinal number and whose inner nodes add up their children: wide forks.
#pragma once

#include <cstdint>

#include "workload_facts.hpp"

namespace weft::bench {

class skynet {
 public:
  static constexpr workload_facts facts{.name = "skynet",
                                        .meaning = "sum over a tree of fan-out 10 and depth n, one task a node",
                                        .smallest = 0,
                                        .largest = 9,
                                        .default_size = 6,
                                        .suite_size = 8,
                                        .tiny_size = 3};
  static constexpr int fan_out = 10;

  explicit skynet(int depth) {
    for (int level = 0; level < depth; ++level) leaves_ *= fan_out;
  }

  [[nodiscard]] static int warm_up_size(int depth) { return depth; }
  [[nodiscard]] std::uint64_t leaves() const { return leaves_; }
  /// Leaves and inner nodes: (10^(depth+1) - 1) / 9.
  [[nodiscard]] std::uint64_t tasks() const { return (leaves_ * fan_out - 1) / (fan_out - 1); }
  [[nodiscard]] bool accepts(std::uint64_t answer) const { return answer == leaves_ * (leaves_ - 1) / 2; }

 private:
  std::uint64_t leaves_ = 1;
};

}  // namespace weft::bench
