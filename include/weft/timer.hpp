// SPDX-License-Identifier: Apache-2.0
//
// Sleeping: tasks that wait for nothing but time, and keep no thread.
#pragma once

#include "weft/awaitable.hpp"
#include "weft/detail/cancel_node.hpp"
#include "weft/detail/durations.hpp"
#include "weft/detail/frame_head.hpp"
#include "weft/detail/sleep_timer.hpp"
#include "weft/detail/worker.hpp"

#include <chrono>
#include <concepts>
#include <coroutine>
#include <cstdint>
#include <source_location>

namespace weft {

namespace detail {

/// Waits until a deadline.
class sleep_awaiter : public weft_awaiter {
 public:
  sleep_awaiter(std::int64_t deadline, const char* call, std::source_location where) noexcept : timer_(deadline), call_(call) {
    timer_.wait.what = "a timer";
    timer_.wait.where = where;
  }
  sleep_awaiter(const sleep_awaiter&) = delete;
  sleep_awaiter& operator=(const sleep_awaiter&) = delete;
  ~sleep_awaiter() {
    if (timer_.is_begun) leave_sleep(timer_);
  }

  [[nodiscard]] bool await_ready() const noexcept { return is_over() && charge(current_worker()); }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> awaiting) {
    static_assert(std::derived_from<Promise, frame_head>, "only weft coroutines can sleep on a scheduler's timers");
    if (is_over()) return let_others_run(current_worker(), frame_of(awaiting));
    return begin_sleep(timer_, frame_of(awaiting), call_);
  }
  void await_resume() {
    if (timer_.is_begun && !end_sleep(timer_)) throw cancellation_of(timer_.wait, call_);
  }

 private:
  [[nodiscard]] bool is_over() const noexcept { return timer_.deadline <= at_once; }

  sleep_timer timer_;
  const char* call_;
};

}  // namespace detail

/// What sleep_for and sleep_until give: to be awaited.
class [[nodiscard]] sleep {
 public:
  /// Until `deadline`, in nanoseconds of the steady clock; `call` names the public function in errors, `where` its call in reports.
  sleep(std::int64_t deadline, const char* call, std::source_location where) noexcept : deadline_(deadline), call_(call), where_(where) {}

  /// Sleeps. Worker only; resumes at home.
  [[nodiscard]] detail::sleep_awaiter operator co_await() const noexcept { return awaited_at(where_); }
  /// The same, for `co_await` in a task: reports of the wait say where it stands; where that is not known, where it was made.
  [[nodiscard]] detail::sleep_awaiter awaited_at(std::source_location where) const noexcept {
    return {deadline_, call_, detail::known_or(where, where_)};
  }

 private:
  std::int64_t deadline_;
  const char* call_;
  std::source_location where_;
};

/// `co_await sleep_for(10ms)`: the task goes on once so much time has passed since this call, by the steady clock: never earlier. No
/// thread is kept. Awaited by workers only (else usage_error); resumes at home. What is 0, negative or no number is over at once: the task
/// does not suspend. From a hundred years on it is for ever. Throws operation_cancelled if the wait is cancelled before its time has come.
/// Nothing of it can fail for want of memory.
template <class Rep, class Period>
[[nodiscard]] sleep sleep_for(std::chrono::duration<Rep, Period> duration,
                              std::source_location where = std::source_location::current()) noexcept {
  return {detail::deadline_after(duration), "sleep_for", where};
}

/// `co_await sleep_until(t)`: the same until a point of time, which may have passed: then the task does not suspend.
template <class Duration>
[[nodiscard]] sleep sleep_until(std::chrono::time_point<std::chrono::steady_clock, Duration> when,
                                std::source_location where = std::source_location::current()) noexcept {
  const std::int64_t deadline = detail::deadline_at(when);
  return {deadline <= detail::now_as_deadline() ? detail::at_once : deadline, "sleep_until", where};
}

}  // namespace weft
