// SPDX-License-Identifier: Apache-2.0
//
// Awaiting what is not ours: the foreign awaitable gets the handle of a stand-in that makes the task ready at home.
//
// A foreign awaitable may resume its handle on any thread, inside its own await_suspend, or under its own locks. The
// stand-in starts like a coroutine frame and lives in the awaiter; resuming it only calls make_ready, so that no user code
// runs inside the foreign caller and the task goes on on a worker of its scheduler.
#pragma once

#include "weft/awaitable.hpp"
#include "weft/detail/expects.hpp"
#include "weft/detail/resume.hpp"
#include "weft/detail/waiter.hpp"
#include "weft/detail/worker.hpp"

#include <coroutine>
#include <source_location>
#include <type_traits>
#include <utility>

namespace weft::detail {

/// Starts like a frame. Resumed once, by anybody.
struct stand_in : frame {
  waiter wait;

  stand_in() noexcept {
    resume = as_resumed([](frame* self) {
      const waiter& wait = static_cast<stand_in*>(self)->wait;
      make_ready(wait.who, wait.home);
    });
    destroy = [](frame*) { fail("coroutine_handle::destroy", "a foreign awaitable destroyed the handle of a waiting weft task"); };
  }
};

template <class A>
class bridge_awaiter : public weft_awaiter {
 public:
  bridge_awaiter(A&& a, std::source_location where) : awaiter_(awaiter_of(std::forward<A>(a))) {
    stand_in_.wait.what = "an awaitable that is not weft's";
    stand_in_.wait.where = where;
    stand_in_.wait.is_external = true;
  }
  bridge_awaiter(const bridge_awaiter&) = delete;
  bridge_awaiter& operator=(const bridge_awaiter&) = delete;
  ~bridge_awaiter() { end_wait(stand_in_.wait); }  // its await_suspend threw

  [[nodiscard]] bool await_ready() { return static_cast<bool>(awaiter_.await_ready()); }

  template <class Promise>
  auto await_suspend(std::coroutine_handle<Promise> awaiting) {
    frame* const self = frame_of(awaiting);
    begin_wait(stand_in_.wait, self);
    const auto handle = std::coroutine_handle<>::from_address(&stand_in_);
    using result = decltype(awaiter_.await_suspend(handle));
    // Once the foreign await_suspend has the handle, this frame may be gone when it returns: only its result is looked at.
    if constexpr (std::is_void_v<result> || std::is_same_v<result, bool>) {
      return awaiter_.await_suspend(handle);
    } else {
      const std::coroutine_handle<> next = awaiter_.await_suspend(handle);
      return next == handle ? transfer(self) : next;
    }
  }

  decltype(auto) await_resume() {
    end_wait(stand_in_.wait);
    return awaiter_.await_resume();
  }

 private:
  decltype(awaiter_of(std::declval<A>())) awaiter_;  // a reference if the awaitable is its own awaiter
  stand_in stand_in_;
};

/// The awaiter of `a`, ours or foreign, for a wait of which reports say that it stands at `where`: for coroutines of the library, which
/// await for somebody else. A reference if `a` is its own awaiter.
template <class A>
[[nodiscard]] decltype(auto) awaiter_at(A&& a, std::source_location where) {
  if constexpr (placed_awaitable<A>)
    return std::forward<A>(a).awaited_at(where);
  else if constexpr (weft_awaitable<A>)
    return awaiter_of(std::forward<A>(a));
  else
    return bridge_awaiter<A>(std::forward<A>(a), where);
}

}  // namespace weft::detail
