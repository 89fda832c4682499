// SPDX-License-Identifier: Apache-2.0
// A tree of scopes with a fan-out of 10, whose leaves wait, is cancelled at its root.
#pragma once

#include <cstdint>

#include "workload_facts.hpp"

namespace weft::bench {

class cancelled_tree {
 public:
  static constexpr int fan_out = 10;
  static constexpr workload_facts facts{.name = "cancel",
                                        .meaning = "the end of a tree of scopes, 10 in each, after a stop request; 10^n tasks wait in it",
                                        .smallest = 0,
                                        .largest = 6,
                                        .default_size = 5,
                                        .tiny_size = 3};

  explicit cancelled_tree(int depth) : depth_(depth) {}

  [[nodiscard]] static int warm_up_size(int depth) { return depth; }
  [[nodiscard]] int depth() const { return depth_; }
  /// Those that wait.
  [[nodiscard]] std::uint64_t tasks() const {
    std::uint64_t leaves = 1;
    for (int level = 0; level < depth_; ++level) leaves *= fan_out;
    return leaves;
  }
  /// How many waits were cancelled.
  [[nodiscard]] bool accepts(std::uint64_t answer) const { return answer == tasks(); }

 private:
  int depth_;
};

}  // namespace weft::bench
