// SPDX-License-Identifier: Apache-2.0
// What a thread of an exploration has seen: vector clocks, and what seq_cst fences add to them.
#pragma once

#include <algorithm>
#include <cstdint>

namespace weft::explorer {

inline constexpr unsigned most_threads = 8;

/// The last step of each thread that happens before here. A step of a thread is an atomic operation and what precedes it.
struct vector_clock {
  std::uint32_t at[most_threads] = {};

  void join(const vector_clock& other) noexcept {
    for (unsigned t = 0; t < most_threads; ++t) at[t] = std::max(at[t], other.at[t]);
  }
  [[nodiscard]] bool covers(unsigned thread, std::uint32_t step) const noexcept { return step <= at[thread]; }
};

/// What travels along a release and an acquire.
struct view {
  vector_clock seen;             // happens before
  vector_clock fenced;           // happens before a seq_cst fence that precedes, in S, one that happens before
  std::uint32_t fence_rank = 0;  // place in S of the last seq_cst fence that happens before

  void join(const view& other) noexcept {
    seen.join(other.seen);
    fenced.join(other.fenced);
    fence_rank = std::max(fence_rank, other.fence_rank);
  }
};

/// All that orders one thread's accesses.
struct thread_view {
  view now;       // now.seen.at[itself] is the step that comes next
  view released;  // as of its last release fence: what relaxed stores carry
  view pending;   // read by relaxed loads: an acquire fence takes it
};

}  // namespace weft::explorer
