// SPDX-License-Identifier: Apache-2.0
//
// How an idle worker sleeps when time or I/O is awaited: at most one parked worker holds this role, the others sleep on
// their parkers. The core ships a driver that knows time and no I/O. Why no timer is forgotten is in timers.hpp.
#pragma once

#include "parker.hpp"
#include "timers.hpp"
#include "weft/detail/worker.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace weft::sched {

/// wait: by the worker that holds the role; poll: by a worker that has just given it up. interrupt: any thread.
class driver {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  virtual ~driver() = default;
  /// When the next thing is due, if anything is.
  virtual std::optional<time_point> next_deadline() noexcept = 0;
  /// Makes ready on this worker what is due, and wakes nobody for it. True: something was due.
  virtual bool poll() noexcept = 0;
  /// Sleeps until interrupted, something is due, or `nanoseconds` have passed (negative: for ever). May return early.
  virtual void wait(std::int64_t nanoseconds) noexcept = 0;
  /// Ends the current or the next wait.
  virtual void interrupt() noexcept = 0;
};

/// Sleeps on a futex until the next timer is due.
class futex_driver final : public driver {
 public:
  explicit futex_driver(timers& t) noexcept : timers_(t) {}

  std::optional<time_point> next_deadline() noexcept override {
    const std::int64_t when = timers_.earliest();
    if (when == detail::no_deadline) return std::nullopt;
    return time_point(std::chrono::nanoseconds(when));
  }
  bool poll() noexcept override { return timers_.fire(detail::current_worker()); }
  void wait(std::int64_t nanoseconds) noexcept override { parker_.sleep(timers_.at_most(nanoseconds)); }
  void interrupt() noexcept override { parker_.wake(); }

 private:
  timers& timers_;
  parker parker_;
};

}  // namespace weft::sched
