// SPDX-License-Identifier: Apache-2.0
//
// One thread that plays all workers of a scheduler in turn, and the time that passes for them (virtual_scheduler.hpp).
//
// Rules   V1  The thread that made the scheduler plays it, in calls that say so, and nobody else does. In a step it is one of the
//             workers: that one takes a frame and runs it until it comes back. Then it is no worker again.
//         V2  Who acts and what it takes is chosen by the next numbers of the seed: what it holds by V3, the newest or the oldest of its
//             own, what was injected, what it steals.
//         V3  A worker that forks leaves its hot path each time, for the word that it looks at always has the sign (idle.hpp): there
//             others may steal from it. Each holds what it stole until it acts. And a worker that would go on with what is no part of
//             the join comes back to the loop each time, as others do every 61st time (join.cpp).
//         V4  Time moves where nothing is ready: to the earliest timer, but no farther than whoever plays allows; and where the user moves
//             it.
//         V5  While a wait is external (waiter.hpp) nobody knows what comes first, its end or a timer. So it is really waited for,
//             asleep as a worker in the driver, and time stands still: also for a blocking call that would wait for time to pass. Only
//             a stop, whose time is limited, lets as much pass meanwhile.
//         V6  Nothing ready, no external wait, no timer: nothing is left to happen.
//
// Who touches what: the thread that plays, but for the time, which others may read. Others inject and wake as at any scheduler.
// Edges: none of its own.
// Checked: tests/unit/virtual_scheduler_test.cpp, tests/unit/virtual_order_test.cpp, tests/stress/cancelled_anywhere_stress.cpp
#pragma once

#include "driver.hpp"
#include "parker.hpp"
#include "weft/detail/sync.hpp"
#include "weft/detail/worker.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace weft::sched {

/// How playing came to an end: who was waited for has ended, the time for it is over, or nothing is left to happen.
enum class play_end : std::uint8_t { awaited_ended, time_over, nothing_left };

/// Makes this thread one of the workers that it plays, as long as it lives.
class acting {
 public:
  explicit acting(detail::worker& who) noexcept : before_(std::exchange(detail::current_cache, &who)) {}
  acting(const acting&) = delete;
  acting& operator=(const acting&) = delete;
  ~acting() { detail::current_cache = before_; }

 private:
  detail::frame_cache* before_;
};

/// Where whoever plays sleeps while something comes from outside: timers do not wake it.
class outside_driver final : public driver {
 public:
  /// Until when it sleeps at most.
  void set_limit(std::optional<time_point> limit) noexcept { limit_ = limit; }

  std::optional<time_point> next_deadline() noexcept override { return limit_; }
  bool poll() noexcept override { return false; }
  void wait(std::int64_t nanoseconds) noexcept override {
    if (limit_) {
      const std::int64_t rest = std::max<std::int64_t>(std::chrono::nanoseconds(*limit_ - detail::now()).count(), 0);
      nanoseconds = nanoseconds < 0 ? rest : std::min(rest, nanoseconds);
    }
    parker_.sleep(nanoseconds);
  }
  void interrupt() noexcept override { parker_.wake(); }

 private:
  std::optional<time_point> limit_;
  parker parker_;
};

class player {
 public:
  /// On the thread that will play, which is no worker. Throws std::bad_alloc.
  player(unsigned workers, std::uint64_t seed);
  player(const player&) = delete;
  player& operator=(const player&) = delete;
  ~player() { leave_thread(); }

  [[nodiscard]] bool is_here() const noexcept { return std::this_thread::get_id() == thread_; }
  /// The thread reads the steady clock again. On that thread.
  void leave_thread() noexcept;

  // --- time ---

  [[nodiscard]] const detail::atomic<std::int64_t>& clock() const noexcept { return time_; }
  [[nodiscard]] std::int64_t now() const noexcept { return time_.load(detail::relaxed); }  // it alone is what is asked for
  void move_to(std::int64_t when) noexcept { time_.store(std::max(when, now()), detail::relaxed); }  // as above

  // --- chance ---

  [[nodiscard]] std::uint64_t seed() const noexcept { return seed_; }
  [[nodiscard]] std::uint64_t next_number() noexcept;
  /// 0 to `bound` - 1.
  [[nodiscard]] unsigned below(unsigned bound) noexcept { return static_cast<unsigned>((next_number() >> 32) % bound); }

  // --- what thieves hold, by worker: V3 ---

  [[nodiscard]] bool holds_nothing(unsigned index) const noexcept { return held_[index] == nullptr; }
  void hold(unsigned index, detail::frame* f) noexcept { held_[index] = f; }
  [[nodiscard]] detail::frame* take_held(unsigned index) noexcept { return std::exchange(held_[index], nullptr); }

  /// The word that its workers look at as they fork.
  [[nodiscard]] const detail::atomic<std::uint64_t>& always_signed() const noexcept { return always_signed_; }

 private:
  /// What its thread is to the library where it plays no worker.
  struct outside : detail::worker {
    detail::frame_cache* before = nullptr;  // what it was to it before
  };

  const std::thread::id thread_ = std::this_thread::get_id();
  const std::uint64_t seed_;
  std::uint64_t state_;
  std::vector<detail::frame*> held_;
  detail::atomic<std::int64_t> time_;  // written by the thread that plays, read by anybody
  const detail::atomic<std::uint64_t> always_signed_;
  outside outside_;
  bool is_on_thread_ = false;
};

/// The seed that the environment gives, or 1. One that is no number is ignored, with a warning.
[[nodiscard]] std::uint64_t seed_in_environment() noexcept;

}  // namespace weft::sched
