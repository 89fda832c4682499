// SPDX-License-Identifier: Apache-2.0
//
// What time it is for tasks.
#pragma once

#include "weft/detail/durations.hpp"

#include <chrono>

namespace weft {

/// The clock that sleeps, deadlines and intervals go by. Its points of time are those of the steady clock, and so is the time, but for the
/// tasks of a virtual_scheduler and the thread that made it: for them virtual time passes. A task that asks this clock can be tested in no
/// time.
struct task_clock {
  using duration = std::chrono::steady_clock::duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::steady_clock::time_point;
  static constexpr bool is_steady = true;

  /// What time it is. Any thread.
  [[nodiscard]] static time_point now() noexcept { return time_point(std::chrono::nanoseconds(detail::now_as_deadline())); }
};

}  // namespace weft
