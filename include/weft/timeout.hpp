// SPDX-License-Identifier: Apache-2.0
//
// Deadlines: what is awaited under one is cancelled when its time is over, and so is all that it awaits in turn.
#pragma once

#include "weft/awaitable.hpp"
#include "weft/cancellation.hpp"
#include "weft/detail/bridge.hpp"
#include "weft/detail/cancel_node.hpp"
#include "weft/detail/context.hpp"
#include "weft/detail/deadline.hpp"
#include "weft/detail/durations.hpp"
#include "weft/detail/frame_head.hpp"
#include "weft/detail/root.hpp"
#include "weft/errors.hpp"
#include "weft/task.hpp"

#include <algorithm>
#include <chrono>
#include <concepts>
#include <coroutine>
#include <cstdint>
#include <optional>
#include <source_location>
#include <string>
#include <utility>

namespace weft {

namespace detail {

/// One that is cancelled when its time is over. If something around it is over before, that is enough: it has no timer.
class timeout_level : public cancel_level {
 public:
  explicit timeout_level(std::int64_t deadline) noexcept : timer_(deadline) {}
  ~timeout_level() { disarm_deadline(timer_); }

  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> opening) noexcept {
    const context* const outer = frame_of(opening)->head.level;
    if (outer != nullptr && timer_.deadline < outer->deadline) {
      timer_.node = &node();
      timer_.home = outer->top->home;
      node().clock = &timer_;
    }
    cancel_level::await_suspend(opening);
    if (timer_.node != nullptr) level().deadline = timer_.deadline;
    return false;
  }

  /// Whether a cancellation here was for want of time, and this deadline's doing.
  [[nodiscard]] bool has_ended() noexcept {
    const cancel_cause* const cause = cause_of(node());
    return cause == &node().own && cause->why == cancel_reason::deadline;
  }

 private:
  deadline_timer timer_;
};

template <awaitable A>
[[nodiscard]] task<await_result<A>> await_until(std::int64_t deadline, const char* call, A a, std::source_location where) {
  timeout_level level(deadline);
  co_await level;
  try {
    co_return co_await awaiter_at(std::move(a), where);
  } catch (const operation_cancelled& e) {
    if (e.reason() != cancel_reason::deadline || !level.has_ended()) throw;
  }
  throw timeout_error(std::string("weft: ") + call + ": the time was over before what is awaited had come");
}

/// How long there is until the deadline of the level of who asks.
class remaining_awaiter : public weft_awaiter {
 public:
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> asking) noexcept {
    static_assert(std::derived_from<Promise, frame_head>, "only weft coroutines run under a deadline");
    if (const context* const level = frame_of(asking)->head.level) deadline_ = level->deadline;
    return false;
  }
  [[nodiscard]] std::optional<std::chrono::nanoseconds> await_resume() const noexcept {
    if (deadline_ == no_deadline) return std::nullopt;
    return std::chrono::nanoseconds(std::max<std::int64_t>(deadline_ - now_as_deadline(), 0));
  }

 private:
  std::int64_t deadline_ = no_deadline;
};

}  // namespace detail

/// Awaits `a` for at most so long, counted from this call. When the time is over, all waits in `a`, and in what it awaits and joins, are
/// cancelled, as by with_stop_token; once `a` has ended by that, timeout_error is thrown. What `a` gives in spite of it is kept, and what
/// else it throws is thrown. Worker only. Where `a` is ready at once there is no timer, whatever `duration` is; 0, what is negative or no
/// number: its first wait is cancelled. From a hundred years on it is for ever. A deadline around it that is earlier cancels it first, and
/// is told by who set it. Foreign awaitables are waited for.
template <class Rep, class Period, awaitable A>
[[nodiscard]] task<await_result<A>> timeout(std::chrono::duration<Rep, Period> duration, A a,
                                            std::source_location where = std::source_location::current()) {
  return detail::await_until(detail::deadline_after(duration), "timeout", std::move(a), where);
}

/// timeout() that ends at a point of time.
template <class Duration, awaitable A>
[[nodiscard]] task<await_result<A>> timeout_at(std::chrono::time_point<std::chrono::steady_clock, Duration> when, A a,
                                               std::source_location where = std::source_location::current()) {
  return detail::await_until(detail::deadline_at(when), "timeout_at", std::move(a), where);
}

/// `co_await remaining()`: how long there is until the earliest deadline that the asking task runs under, at least 0; nothing if there is
/// none, as in a shield, and in a task that was spawned. Does not suspend. Worker only.
[[nodiscard]] inline detail::remaining_awaiter remaining() noexcept { return {}; }

}  // namespace weft
