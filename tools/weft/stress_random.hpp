// SPDX-License-Identifier: Apache-2.0
// The random choices of `weft stress`: all follow from one seed, whichever thread makes them.
#pragma once

#include <cstdint>

namespace weft::tool::stress {

/// Spreads a number over all 64 bits (the end of splitmix64).
[[nodiscard]] inline std::uint64_t mixed(std::uint64_t z) noexcept {
  z += 0x9e3779b97f4a7c15U;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

/// A small generator, cheap enough for one a task.
class random_numbers {
 public:
  explicit random_numbers(std::uint64_t seed) noexcept : state_(mixed(seed)) {}

  std::uint64_t next() noexcept { return mixed(state_ += 0x9e3779b97f4a7c15U); }
  /// 0 to `bound` - 1.
  std::uint64_t below(std::uint64_t bound) noexcept { return next() % bound; }
  /// True in one of `n` cases.
  bool one_in(std::uint64_t n) noexcept { return below(n) == 0; }

 private:
  std::uint64_t state_;
};

}  // namespace weft::tool::stress
