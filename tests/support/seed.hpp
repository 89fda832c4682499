// SPDX-License-Identifier: Apache-2.0
// Random numbers for tests: one seed a process, printed, and taken back from WEFT_SEED.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>

namespace weft::test {

/// The seed of this process: WEFT_SEED if it is set, else a new one; printed at the first call. Any thread.
inline std::uint64_t seed() {
  static const std::uint64_t chosen = [] {
    const char* given = std::getenv("WEFT_SEED");
    const std::uint64_t value = given != nullptr ? std::strtoull(given, nullptr, 0) : std::uint64_t{std::random_device{}()};
    std::printf("seed: WEFT_SEED=%llu repeats this run's random choices\n", static_cast<unsigned long long>(value));
    std::fflush(stdout);
    return value;
  }();
  return chosen;
}

/// A small generator (splitmix64): cheap to make, one for each thread or task, told apart by `stream`.
class random_source {
 public:
  explicit random_source(std::uint64_t stream) : state_(seed() ^ (stream + 1) * 0xd1342543de82ef95U) { next(); }

  std::uint64_t next() noexcept {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
  }

  /// 0 to `bound` - 1.
  std::uint64_t below(std::uint64_t bound) noexcept { return next() % bound; }

  /// True in one of `n` cases.
  bool one_in(std::uint64_t n) noexcept { return below(n) == 0; }

 private:
  std::uint64_t state_;
};

}  // namespace weft::test
