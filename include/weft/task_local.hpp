// SPDX-License-Identifier: Apache-2.0
//
// Task locals: what a task and all below it can read without its being passed, such as the number of a request in a log line.
#pragma once

#include "weft/awaitable.hpp"
#include "weft/cancellation.hpp"
#include "weft/detail/bridge.hpp"
#include "weft/detail/local_value.hpp"
#include "weft/task.hpp"

#include <coroutine>
#include <source_location>
#include <string_view>
#include <type_traits>
#include <utility>

namespace weft {

/// The key of a value that differs from task to task. A static object: `inline weft::task_local<int> request_id;`.
template <class T>
class task_local {
 public:
  /// One whose value is T() where nobody has set it.
  constexpr task_local()
    requires std::default_initializable<T>
  = default;
  /// One whose value is `otherwise` where nobody has set it.
  explicit constexpr task_local(T otherwise) noexcept(std::is_nothrow_move_constructible_v<T>) : otherwise_(std::move(otherwise)) {}
  task_local(const task_local&) = delete;
  task_local& operator=(const task_local&) = delete;

  /// The value that the running task was given by with_local(), itself or through what it was awaited, joined or spawned by; on a thread
  /// that makes a blocking call, that of its task. Else, as on any other thread, the one of the constructor. Any thread, plain functions
  /// too. Takes a step for each value that is set. The reference is good as long as the task runs under that value.
  [[nodiscard]] const T& get() const noexcept {
    const detail::local_value* const found = detail::find_local(this);
    return found != nullptr ? static_cast<const detail::local_of<T>*>(found)->value : otherwise_;
  }

 private:
  T otherwise_{};
};

/// What the running task, or the task of a blocking call, was named as it was spawned; empty on other threads. Any thread. Good as long as
/// the task runs.
[[nodiscard]] std::string_view current_task_name() noexcept;

namespace detail {

/// A level with one more value.
class local_level : public opened_level {
 public:
  /// Takes a value that nobody else holds.
  explicit local_level(local_value* mine) noexcept : mine_(mine) {}
  ~local_level() { release_locals(mine_); }

  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> opening) noexcept {
    opened_level::await_suspend(opening);
    mine_->outer = hold_locals(level().locals);
    level().locals = mine_;
    return false;
  }

 private:
  local_value* mine_;
};

}  // namespace detail

/// Awaits `a` so that `key.get()` is `value` in it, in all that it awaits and joins, in blocking calls, and in tasks that are spawned from
/// there, for as long as they run. Gives what `a` gives. Worker only. Throws what `a` throws, and std::bad_alloc before `a` is started. The
/// value is read by several threads at a time, and destroyed by the last task that has it.
template <class T, awaitable A>
[[nodiscard]] task<await_result<A>> with_local(const task_local<T>& key, std::type_identity_t<T> value, A a,
                                               std::source_location where = std::source_location::current()) {
  detail::local_level level(detail::make_local<T>(&key, std::move(value)));
  co_await level;
  co_return co_await detail::awaiter_at(std::move(a), where);
}

}  // namespace weft
