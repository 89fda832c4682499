// SPDX-License-Identifier: Apache-2.0
//
// on(s, t): runs a task at another scheduler and comes back.
#pragma once

#include "weft/awaitable.hpp"
#include "weft/detail/join.hpp"
#include "weft/scheduler.hpp"
#include "weft/task.hpp"

#include <utility>

namespace weft {

namespace detail {

/// Starts like a frame: the child's parent at the other scheduler. Resuming it makes the awaiting task ready at home.
struct hop : homed_frame {
  frame* awaiting = nullptr;

  hop() noexcept;
};

/// Makes `child` ready at `target`. Throws scheduler_stopped naming `call`, and then nothing has changed.
void send_over(frame* child, arena* target, const char* call);

template <class T>
class on_awaiter : public weft_awaiter {
 public:
  on_awaiter(arena* target, frame* child) noexcept : target_(target) { cell_.value.child = child; }
  on_awaiter(const on_awaiter&) = delete;
  on_awaiter& operator=(const on_awaiter&) = delete;
  ~on_awaiter() {
    if (!started_) drop_unstarted(cell_.value.child);
  }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> awaiting) {  // no result, as in move_awaiter
    static_assert(std::derived_from<Promise, frame_head>, "only weft coroutines can await weft::on");
    frame* const child = cell_.value.child;
    cell_.awaiting = frame_of(awaiting);
    cell_.home = current_worker().home;
    cell_.head.level = cell_.awaiting->head.level;
    attach_only(&cell_, child, &cell_.value, tag::rooted);
    expect_children(&cell_, 1);
    started_ = true;
    try {
      send_over(child, target_, "on");
    } catch (...) {
      started_ = false;  // refused: nobody has seen the child
      throw;
    }
  }
  T await_resume() {
    if (has_failures(&cell_)) throw_failures(&cell_);
    if constexpr (std::is_reference_v<T>) {
      return *cell_.value.value;
    } else if constexpr (!std::is_void_v<T>) {
      struct guard {
        T& value;
        ~guard() { value.~T(); }
      } destroy_after{cell_.value.value};
      return std::move(cell_.value.value);
    }
  }

 private:
  struct cell : hop {
    slot<T> value;
  };
  cell cell_;
  arena* target_;
  bool started_ = false;
};

}  // namespace detail

/// `co_await on(s, t)`: runs `t` at scheduler `s`; the awaiting task resumes at its own home with the result. Worker only.
/// Throws what `t` throws; usage_error if `t` is empty, from the call; scheduler_stopped if `s` is stopping and usage_error in a
/// forked child, from the await, and then `t` has not run and is destroyed with what `on` gave.
template <class T>
[[nodiscard]] detail::on_awaiter<T> on(scheduler& s, task<T>&& t) {
  return detail::on_awaiter<T>(detail::scheduler_access::arena_of(s), detail::task_access::take(t, "on"));
}

}  // namespace weft
