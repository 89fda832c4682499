// SPDX-License-Identifier: Apache-2.0
//
// The user's durations and points of time as nanoseconds, whatever they are: what does not fit is for ever.
#pragma once

#include "weft/detail/sync.hpp"

#include <chrono>
#include <cstdint>
#include <limits>

namespace weft::detail {

/// A deadline that does not come.
inline constexpr std::int64_t no_deadline = std::numeric_limits<std::int64_t>::max();
/// One that has come already, whatever the clock says.
inline constexpr std::int64_t at_once = 0;

/// What the clock of this thread says, as a deadline: the steady one, if it is not played (weft/task_clock.hpp). Any thread. Compiled in
/// scheduler/clock.cpp.
std::int64_t now_as_deadline() noexcept;

/// As nanoseconds, rounded up: 0 for what is negative or no number, negative (for ever) from a hundred years on.
template <class Rep, class Period>
std::int64_t saturated_nanoseconds(std::chrono::duration<Rep, Period> duration) noexcept {
  using limit = std::chrono::duration<double>;
  if (!(limit(duration) > limit::zero())) return 0;
  if (limit(duration) >= std::chrono::duration_cast<limit>(std::chrono::hours(24 * 365 * 100))) return -1;
  return std::chrono::ceil<std::chrono::nanoseconds>(duration).count();
}

/// The deadline so long after now.
template <class Rep, class Period>
std::int64_t deadline_after(std::chrono::duration<Rep, Period> duration) noexcept {
  const std::int64_t nanoseconds = saturated_nanoseconds(duration);
  if (nanoseconds < 0) return no_deadline;
  return nanoseconds == 0 ? at_once : now_as_deadline() + nanoseconds;  // a clock that has run for 190 years would overflow
}

/// The deadline at that point of time.
template <class Duration>
std::int64_t deadline_at(std::chrono::time_point<std::chrono::steady_clock, Duration> when) noexcept {
  const std::int64_t nanoseconds = saturated_nanoseconds(when.time_since_epoch());
  return nanoseconds < 0 ? no_deadline : nanoseconds;
}

}  // namespace weft::detail
