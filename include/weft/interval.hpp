// SPDX-License-Identifier: Apache-2.0
//
// interval: ticks on an absolute schedule, so that no lateness adds up.
#pragma once

#include "weft/awaitable.hpp"
#include "weft/detail/durations.hpp"
#include "weft/detail/expects.hpp"
#include "weft/timer.hpp"

#include <chrono>
#include <cstdint>
#include <source_location>

namespace weft {

/// What becomes of ticks that nobody took in time: those after which the next one was due as well.
enum class missed_ticks : std::uint8_t {
  burst,  // they come at once, one after the other, until the schedule is caught up with
  delay,  // the schedule begins anew: the next tick comes a period after the late one was taken
  skip    // they are left out: the next tick is the first of the schedule that is yet to come
};

/// `interval every(100ms); for (;;) { co_await every.tick(); work(); }`: the first tick is due a period after this was made. Whatever
/// `work` takes, and however late ticks are taken, the schedule stays: start + n periods; but for missed_ticks::delay. One task at a time.
class interval {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Throws usage_error if the period is not longer than nothing. One of a hundred years or more never ticks.
  template <class Rep, class Period>
  explicit interval(std::chrono::duration<Rep, Period> period, missed_ticks missed = missed_ticks::burst)
      : period_(detail::saturated_nanoseconds(period)), missed_(missed) {
    detail::expects(period_ != 0, "interval", "the period must be longer than nothing");
    if (period_ < 0) period_ = detail::no_deadline;
    due_ = after(detail::now_as_deadline());
  }

  class awaiter;
  class [[nodiscard]] ticking;
  /// Waits for the next tick and gives the point of time for which it was scheduled; does not suspend if that has come. Never early.
  /// Worker only; resumes at home. Throws operation_cancelled if the wait is cancelled; then the tick is still to come.
  [[nodiscard]] ticking tick(std::source_location where = std::source_location::current()) noexcept;

  /// When the next tick is due.
  [[nodiscard]] time_point due() const noexcept { return time_point(std::chrono::nanoseconds(due_)); }

 private:
  [[nodiscard]] std::int64_t after(std::int64_t when) const noexcept {
    return when < detail::no_deadline - period_ ? when + period_ : detail::no_deadline;
  }
  /// The tick that is due has come. Gives when it was due.
  time_point take() noexcept {
    const time_point taken = due();
    const std::int64_t next = after(due_);
    const std::int64_t now = detail::now_as_deadline();
    if (missed_ == missed_ticks::burst || now < next)
      due_ = next;
    else
      due_ = after(missed_ == missed_ticks::delay ? now : now - (now - due_) % period_);
    return taken;
  }

  std::int64_t period_;
  missed_ticks missed_;
  std::int64_t due_ = 0;
};

/// Waits for one tick.
class interval::awaiter : public detail::sleep_awaiter {
 public:
  /// Of `of`, which lives longer.
  awaiter(interval& of, std::source_location where) noexcept
      : sleep_awaiter(of.due_ <= detail::now_as_deadline() ? detail::at_once : of.due_, "interval::tick", where), of_(of) {}

  /// When it was due.
  time_point await_resume() {
    sleep_awaiter::await_resume();
    return of_.take();
  }

 private:
  interval& of_;
};

/// What tick() gives: to be awaited.
class [[nodiscard]] interval::ticking {
 public:
  /// Of `of`, which lives longer; `where` is the call, for reports.
  ticking(interval& of, std::source_location where) noexcept : of_(of), where_(where) {}
  /// Waits for the tick. Worker only.
  [[nodiscard]] awaiter operator co_await() const noexcept { return awaited_at(where_); }
  /// The same, for `co_await` in a task: reports of the wait say where it stands; where that is not known, where tick() was called.
  [[nodiscard]] awaiter awaited_at(std::source_location where) const noexcept { return {of_, detail::known_or(where, where_)}; }

 private:
  interval& of_;
  std::source_location where_;
};

inline interval::ticking interval::tick(std::source_location where) noexcept { return {*this, where}; }

}  // namespace weft
