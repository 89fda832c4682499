// SPDX-License-Identifier: Apache-2.0
//
// spawn and its kin: tasks that run beside their creator.
#pragma once

#include "weft/awaitable.hpp"
#include "weft/detail/root_wait.hpp"
#include "weft/scheduler.hpp"
#include "weft/task.hpp"

#include <concepts>
#include <future>
#include <source_location>
#include <string_view>
#include <type_traits>
#include <utility>

namespace weft {

/// What a spawned task is called in reports and hooks; what is over 39 bytes is cut off.
struct spawn_options {
  std::string_view name = {};
};

namespace detail {

/// Gives the frame of `t` to `start`, which takes it and gives back something true: `t` is empty then. If that is false or something is
/// thrown, `t` is as before.
template <class T, class Start>
auto hand_over(task<T>& t, const char* call, Start start) {
  expects(!t.is_empty(), call, "the task is empty: it was moved from, awaited or spawned before");
  task<T> taken = std::move(t);
  try {
    auto* const started = start(task_access::peek(taken));
    if (started != nullptr)
      static_cast<void>(task_access::take(taken));
    else
      t = std::move(taken);
    return started;
  } catch (...) {
    t = std::move(taken);
    throw;
  }
}

/// launch() of a task: `t` is empty afterwards, or unchanged if something was thrown.
template <class Root, class T, class... Arguments>
Root* launch_task(arena* home, task<T>& t, std::string_view name, const char* call, Arguments&&... arguments) {
  return hand_over(t, call, [&](frame* f) { return launch<Root>(home, f, name, call, std::forward<Arguments>(arguments)...); });
}

}  // namespace detail

/// A running task's result to come. Awaiting it joins; dropping it detaches. Any thread may hold it, and longer than the scheduler
/// lives; a failure that is dropped with it goes to scheduler_options::on_unhandled, or to stderr once the scheduler is gone.
template <class T>
class [[nodiscard]] join_handle {
 public:
  /// Whether the task has ended. Any thread. Throws usage_error if the handle is empty.
  [[nodiscard]] bool is_done() const { return root_.get("join_handle::is_done").is_done(); }

  class awaiter;
  /// Waits for the end of the task; gives its result or throws its exception. Worker only; resumes at home.
  /// Throws usage_error if the handle is empty, operation_cancelled if the wait is cancelled before the task has ended: the task goes on,
  /// as if the handle had been dropped.
  [[nodiscard]] awaiter operator co_await() && { return std::move(*this).awaited_at({}); }
  /// The same, for `co_await` in a task: reports of the wait say where it stands.
  [[nodiscard]] awaiter awaited_at(std::source_location where) && { return awaiter(root_.take("co_await join_handle"), where); }

 private:
  template <class U>
  friend join_handle<U> spawn(task<U>&&, spawn_options);
  template <class U>
  friend join_handle<U> spawn(scheduler&, task<U>&&, spawn_options);

  explicit join_handle(detail::root_of<T>* r) noexcept : root_(r) {}

  detail::root_reference root_;
};

/// Waits for a spawned task. Owns the handle's reference.
template <class T>
class join_handle<T>::awaiter : public detail::root_wait {
 public:
  using root_wait::root_wait;

  T await_resume() { return detail::take_value(static_cast<detail::root_of<T>&>(this->ended("co_await join_handle"))); }
};

/// Starts a task beside this one, on this worker's deque. Worker only (else usage_error). Moves from `t` only on success.
/// Throws usage_error if `t` is empty, scheduler_stopped once what is left is being abandoned, std::bad_alloc.
template <class T>
join_handle<T> spawn(task<T>&& t, spawn_options options = {}) {
  return join_handle<T>(detail::launch_task<detail::root_of<T>>(detail::home_of_worker("spawn"), t, options.name, "spawn"));
}

/// Starts a task on a scheduler, from any thread. Moves from `t` only on success.
/// Throws usage_error if `t` is empty and in a forked child, scheduler_stopped if it is refused, std::bad_alloc.
template <class T>
join_handle<T> spawn(scheduler& s, task<T>&& t, spawn_options options = {}) {
  return join_handle<T>(detail::launch_task<detail::root_of<T>>(detail::scheduler_access::arena_of(s), t, options.name, "spawn"));
}

namespace detail {

/// A root that nobody waits for, from its start: its failure always finds its scheduler.
template <class T>
struct detached_root : root_of<T> {
  detached_root() noexcept { this->references.store(1, relaxed); }  // nobody else knows it yet
};

}  // namespace detail

/// spawn() without a handle: starts a task beside this one, whose exception goes to scheduler_options::on_unhandled. Worker only
/// (else usage_error). Moves from `t` only on success. Throws usage_error if `t` is empty, scheduler_stopped once what is left is being
/// abandoned, std::bad_alloc.
template <class T>
void spawn_detached(task<T>&& t, spawn_options options = {}) {
  static_cast<void>(
      detail::launch_task<detail::detached_root<T>>(detail::home_of_worker("spawn_detached"), t, options.name, "spawn_detached"));
}

/// spawn() on a scheduler without a handle: an exception goes to scheduler_options::on_unhandled. Any thread. Moves from `t` only on
/// success. Throws usage_error if `t` is empty and in a forked child, scheduler_stopped if it is refused, std::bad_alloc.
template <class T>
void spawn_detached(scheduler& s, task<T>&& t, spawn_options options = {}) {
  static_cast<void>(
      detail::launch_task<detail::detached_root<T>>(detail::scheduler_access::arena_of(s), t, options.name, "spawn_detached"));
}

namespace detail {

/// A root that hands its result to a std::promise.
template <class T>
struct future_root : root_of<T> {
  std::promise<T> promise;

  explicit future_root(std::promise<T>&& p) : promise(std::move(p)) {
    this->deliver = [](root& r) noexcept {
      auto& self = static_cast<future_root&>(r);
      self.failure_seen = true;
      try {
        if (self.failure != nullptr)
          self.promise.set_exception(std::exchange(self.failure, nullptr));
        else if constexpr (std::is_void_v<T>)
          self.promise.set_value();
        else
          self.promise.set_value(take_value(static_cast<root_of<T>&>(self)));
      } catch (...) {
        self.promise.set_exception(std::current_exception());  // moving the result threw
      }
    };
  }
};

}  // namespace detail

/// Starts a task on a scheduler and gives a std::future for threads that are no worker. Any thread. Throws as spawn().
template <class T>
[[nodiscard]] std::future<T> spawn_future(scheduler& s, task<T>&& t, spawn_options options = {}) {
  std::promise<T> promise;
  std::future<T> future = promise.get_future();
  auto* r = detail::launch_task<detail::future_root<T>>(detail::scheduler_access::arena_of(s), t, options.name, "spawn_future",
                                                        std::move(promise));
  detail::drop(r);
  return future;
}

}  // namespace weft
