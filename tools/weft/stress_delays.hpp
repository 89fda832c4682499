// SPDX-License-Identifier: Apache-2.0
// Small delays at marked points of the tasks of `weft stress`, so that threads meet in orders that they would not find by themselves.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

#include "stress_random.hpp"

namespace weft::tool::stress {

/// The marked points.
enum class point : std::uint64_t { start, before_wait, after_wait, before_submit, before_ring, before_stop };

/// Whether and how long it waits follows from the seed, the number and the point.
class delays {
 public:
  explicit delays(std::uint64_t seed) noexcept : seed_(mixed(seed)) {}

  /// Nothing in 63 of 64 cases; else it spins, now and then gives up the processor, rarely sleeps for some microseconds.
  void at(point where, std::uint64_t number) const noexcept {
    const std::uint64_t draw = mixed(seed_ ^ (number * 8 + static_cast<std::uint64_t>(where)));
    if (draw % 64 == 0) [[unlikely]]
      pause(draw / 64);
  }

 private:
  [[gnu::noinline, gnu::cold]] static void pause(std::uint64_t draw) noexcept {
    if (draw % 64 == 0) {
      std::this_thread::sleep_for(std::chrono::microseconds(1 + draw / 64 % 20));
    } else if (draw % 64 < 8) {
      std::this_thread::yield();
    } else {
      for (std::uint64_t i = draw / 64 % 500; i != 0; --i) std::atomic_signal_fence(std::memory_order_seq_cst);
    }
  }

  std::uint64_t seed_;
};

}  // namespace weft::tool::stress
