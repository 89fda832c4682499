// SPDX-License-Identifier: Apache-2.0
//
// task<T>: the coroutine type of weft. Lazy, owned until it is started, started by being awaited, joined or spawned.
#pragma once

#include "weft/awaitable.hpp"
#include "weft/detail/bridge.hpp"
#include "weft/detail/expects.hpp"
#include "weft/detail/join.hpp"

#include <coroutine>
#include <source_location>
#include <type_traits>
#include <utility>

namespace weft {

template <class T = void>
class task;

namespace detail {

template <class T>
class task_awaiter;
struct task_access;

/// What the promises of all tasks share.
struct promise_start : frame_head {
  [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
  [[nodiscard]] final_awaiter final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { mark_failed(*this); }

  WEFT_INLINE static void* operator new(std::size_t bytes) { return allocate_frame(bytes); }
  WEFT_INLINE static void operator delete(void* block, std::size_t bytes) noexcept { release_frame(block, bytes); }

  template <class A>
    requires(weft_awaitable<A> && !placed_awaitable<A>)
  WEFT_INLINE decltype(auto) await_transform(A&& a) const noexcept {
    if constexpr (has_member_co_await<A>)
      return static_cast<A&&>(a);
    else
      return awaiting(a);
  }
  template <class A>
    requires(awaitable<A> && !weft_awaitable<A>)
  bridge_awaiter<A> await_transform(A&& a, std::source_location where = std::source_location::current()) const {
    return bridge_awaiter<A>(std::forward<A>(a), where);
  }
  template <placed_awaitable A>
  auto await_transform(A&& a, std::source_location where = std::source_location::current()) const {
    return std::forward<A>(a).awaited_at(where);
  }
};

/// Whether a result lies in its slot. The destructor of a local may throw after co_return: then the result is given up.
struct given_mark {
  bool is_set = false;
};

template <class T>
struct promise_of : promise_start {
  task<T> get_return_object() noexcept;

  template <class U = T>
    requires std::is_constructible_v<T, U>
  WEFT_INLINE void return_value(U&& value) noexcept(std::is_nothrow_constructible_v<T, U>) {
    give_up();  // a body that takes such an exception returns again
    ::new (slot_address(*this)) T(std::forward<U>(value));
    if constexpr (has_end) given_.is_set = true;
  }
  void unhandled_exception() noexcept {
    give_up();
    mark_failed(*this);
  }

 private:
  static constexpr bool has_end = !std::is_trivially_destructible_v<T>;

  WEFT_INLINE void give_up() noexcept {
    if constexpr (has_end)
      if (std::exchange(given_.is_set, false)) [[unlikely]]
        static_cast<T*>(slot_address(*this))->~T();
  }

  [[no_unique_address]] std::conditional_t<has_end, given_mark, nothing> given_;
};

template <class T>
struct promise_of<T&> : promise_start {
  task<T&> get_return_object() noexcept;
  WEFT_INLINE void return_value(T& value) noexcept { ::new (slot_address(*this)) T*(std::addressof(value)); }
};

template <>
struct promise_of<void> : promise_start {
  task<void> get_return_object() noexcept;
  void return_void() const noexcept {}
};

/// The promise of one coroutine: a frame whose parameters need no destructor frees itself.
template <class T, bool FreesItself>
struct task_promise final : promise_of<T> {
  static constexpr bool frees_itself = FreesItself;
};

}  // namespace detail

/// A coroutine that has not been started, giving a T, a T&, or nothing.
///
/// Any thread may create, move or destroy one. Destroying a task that was never started destroys its frame; once it is
/// started the frame frees itself. Await it as an rvalue: `co_await f()` or `co_await std::move(t)`.
/// A T may throw as it is moved, and ends the process if it does as the library destroys it: one that nobody gets.
template <class T>
class [[nodiscard]] WEFT_TRIVIAL_ABI task {
 public:
  using value_type = T;

  task(task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  task& operator=(task&& other) noexcept {
    task(std::move(other)).swap(*this);
    return *this;
  }
  ~task() {
    if (frame_ != nullptr) [[unlikely]]
      detail::destroy_frame(frame_);
  }

  /// Whether there is nothing to start: moved from, awaited, or spawned.
  [[nodiscard]] bool is_empty() const noexcept { return frame_ == nullptr; }

  /// Exchanges two tasks.
  void swap(task& other) noexcept { std::swap(frame_, other.frame_); }

  /// Starts the task and waits for it. The awaiting task resumes where this one ended. Worker only.
  /// Throws what the task throws; usage_error if it is empty.
  [[nodiscard]] WEFT_INLINE detail::task_awaiter<T> operator co_await() &&;

 private:
  explicit task(detail::frame* f) noexcept : frame_(f) {}
  friend struct detail::promise_of<T>;
  friend struct detail::task_access;

  detail::frame* frame_;
};

namespace detail {

/// For what starts tasks: takes their frames.
struct task_access {
  template <class T>
  [[nodiscard]] static frame* peek(const task<T>& t) noexcept {
    return t.frame_;
  }
  template <class T>
  [[nodiscard]] WEFT_INLINE static frame* take(task<T>& t) noexcept {
    return std::exchange(t.frame_, nullptr);
  }
  template <class T>
  [[nodiscard]] WEFT_INLINE static frame* take(task<T>& t, const char* call) {
    expects(t.frame_ != nullptr, call, "the task is empty: it was moved from, awaited or spawned before");
    return take(t);
  }
};

/// Destroys a task's frame that was taken and not started.
inline void drop_unstarted(frame* f) noexcept { destroy_frame(f); }

/// Throws what the join of `parent` collected: one exception as it is, more as a group. Destroys the failed frames.
[[noreturn]] WEFT_COLD_THROWS void throw_failures(frame* parent);

template <class T>
class task_awaiter : public weft_awaiter {
 public:
  explicit task_awaiter(frame* child) noexcept : slot_(child) {}
  task_awaiter(const task_awaiter&) = delete;
  task_awaiter& operator=(const task_awaiter&) = delete;
  ~task_awaiter() {
    if (owner_ == nullptr) [[unlikely]]
      drop_unstarted(slot_.child);
  }

  [[nodiscard]] bool await_ready() const noexcept { return false; }

  template <class Promise>
  WEFT_INLINE std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> awaiting) {
    static_assert(std::derived_from<Promise, frame_head>, "only weft coroutines can await a weft::task; see weft::sync_wait");
    frame* const self = frame_of(awaiting);
    frame* const child = slot_.child;
    attach_only(self, child, &slot_, tag::chained);
    expect_children(self, 1);
    owner_ = self;
    return transfer(child);
  }

  WEFT_INLINE T await_resume() {
    if (has_failures(owner_)) [[unlikely]]
      throw_failures(owner_);
    if constexpr (std::is_reference_v<T>) {
      return *slot_.value;
    } else if constexpr (!std::is_void_v<T>) {
      struct guard {
        T& value;
        ~guard() { value.~T(); }
      } destroy_after{slot_.value};
      return std::move(slot_.value);
    }
  }

 protected:
  /// The awaiting frame, on which failures hang.
  [[nodiscard]] frame* owner() const noexcept { return owner_; }

 private:
  slot<T> slot_;
  frame* owner_ = nullptr;  // set once the child is started
};

template <class T>
task<T> promise_of<T>::get_return_object() noexcept {
  return task<T>(frame_of(std::coroutine_handle<promise_of<T>>::from_promise(*this)));
}
template <class T>
task<T&> promise_of<T&>::get_return_object() noexcept {
  return task<T&>(frame_of(std::coroutine_handle<promise_of<T&>>::from_promise(*this)));
}
inline task<void> promise_of<void>::get_return_object() noexcept {
  return task<void>(frame_of(std::coroutine_handle<promise_of<void>>::from_promise(*this)));
}

}  // namespace detail

template <class T>
detail::task_awaiter<T> task<T>::operator co_await() && {
  return detail::task_awaiter<T>(detail::task_access::take(*this, "co_await task"));
}

}  // namespace weft

/// A task's frame frees itself when no parameter of the coroutine needs a destructor.
template <class T, class... Parameters>
struct std::coroutine_traits<weft::task<T>, Parameters...> {
  using promise_type = weft::detail::task_promise<T, (std::is_trivially_destructible_v<Parameters> && ...)>;
};
