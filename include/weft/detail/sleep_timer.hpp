// SPDX-License-Identifier: Apache-2.0
//
// A wait for nothing but time: the timer and the waiter of a sleep.
#pragma once

#include "weft/detail/timer_node.hpp"
#include "weft/detail/waiter.hpp"

#include <cstdint>

namespace weft::detail {

/// In the frame that sleeps.
struct sleep_timer : timer_node {
  waiter wait;
  bool is_begun = false;  // between begin_sleep and end_sleep

  explicit sleep_timer(std::int64_t when) noexcept : timer_node(when) {}
};

/// Sleeps until the deadline, or until `who`, which this worker runs, is cancelled. False: that has come already; who goes on calls
/// end_sleep(). On true nothing of the frame may be touched. Compiled in scheduler/sleep.cpp. Throws usage_error on a thread that is no
/// worker.
[[nodiscard]] bool begin_sleep(sleep_timer& t, frame* who, const char* call);

/// Takes a sleep out of all that knows it. By who goes on in its frame or destroys it.
void leave_sleep(sleep_timer& t) noexcept;

/// leave_sleep(), then whether the time has come; else the wait was cancelled.
[[nodiscard]] bool end_sleep(sleep_timer& t) noexcept;

}  // namespace weft::detail
