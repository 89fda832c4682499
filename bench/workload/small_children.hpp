// SPDX-License-Identifier: Apache-2.0
// Groups of ten children of a microsecond: what the kind of group costs that waits for them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "workload_facts.hpp"

namespace weft::bench {

class small_children {
 public:
  static constexpr std::size_t in_a_group = 10;
  static constexpr workload_facts facts{.name = "scope",
                                        .meaning = "n scopes, one after the other, of ten children of a microsecond each",
                                        .smallest = 1,
                                        .largest = 10'000'000,
                                        .default_size = 50'000,
                                        .tiny_size = 100};

  explicit small_children(int groups) : groups_(static_cast<std::uint64_t>(groups)) {}

  [[nodiscard]] static int warm_up_size(int groups) { return std::min(groups, 1000); }
  [[nodiscard]] std::uint64_t groups() const { return groups_; }
  [[nodiscard]] std::uint64_t tasks() const { return groups_ * in_a_group; }
  /// The sum over all children of their numbers in the group, from 0.
  [[nodiscard]] bool accepts(std::uint64_t answer) const { return answer == groups_ * (in_a_group * (in_a_group - 1) / 2); }

  /// What a child does for about a microsecond, without a look at any clock: steps that wait for each other. Gives its own number.
  [[nodiscard, gnu::noinline]] static std::uint64_t work(std::uint64_t number) {
    std::uint64_t state = number + 1;
    for (int i = 0; i < 500; ++i) {
      state ^= state >> 12;
      state ^= state << 25;
      state ^= state >> 27;
    }
    return state == 0 ? 0 : number;  // it never is, which no compiler knows
  }

 private:
  std::uint64_t groups_;
};

}  // namespace weft::bench
