// SPDX-License-Identifier: Apache-2.0
//
// Scopes: tasks that run beside a body and do not outlive it.
//
// What a child may borrow: all that outlives with_scope, which is the locals of whoever awaits it and what the body's lambda has captured,
// by reference or by value: the lambda lives in with_scope until the last child has ended. The body's own locals are gone at its
// co_return: C++ destroys them before a coroutine can suspend there. A body that lends them to its children waits for those with
// `co_await s.join()` before they go, and that in every way it is left: an exception in between leaves them dangling. So declare
// what children borrow outside of the body, where nothing can go wrong. (A child that touches locals of a body that has ended touches a
// freed frame, which the checks of debug builds and AddressSanitizer see.)
#pragma once

#include "weft/as_result.hpp"
#include "weft/awaitable.hpp"
#include "weft/detail/bridge.hpp"
#include "weft/detail/scope_state.hpp"
#include "weft/detail/scope_waits.hpp"
#include "weft/result.hpp"
#include "weft/spawn.hpp"
#include "weft/task.hpp"

#include <concepts>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <source_location>
#include <type_traits>
#include <utility>

namespace weft {

/// How a scope runs its tasks.
struct scope_options {
  /// So many tasks at once, at least 1; those that are spawned beyond wait for their turn, in order. Left out: no limit.
  std::optional<int> max_concurrency = {};
};

/// The result to come of a task in a scope. Awaiting it waits for that one; dropping it does not matter, the scope has the task. Any thread
/// may hold it, and longer than the scope lives.
template <class T>
class child_handle {
 public:
  /// Whether the task has ended. Any thread. Throws usage_error if the handle is empty.
  [[nodiscard]] bool is_done() const { return child_.get("child_handle::is_done").is_done(); }

  class awaiter;
  /// Waits for the end of the task, and gives its result. Worker only; resumes at home. Throws operation_cancelled if the wait is cancelled
  /// before that, and if the task gives no result: what it threw, with_scope throws. Throws usage_error if the handle is empty.
  [[nodiscard]] awaiter operator co_await() && { return std::move(*this).awaited_at({}); }
  /// The same, for `co_await` in a task: reports of the wait say where it stands.
  [[nodiscard]] awaiter awaited_at(std::source_location where) && { return awaiter(child_.take("co_await child_handle"), where); }

 private:
  friend class scope;
  explicit child_handle(detail::child_root<T>* c) noexcept : child_(c) {}

  detail::root_reference child_;
};

/// Waits for a task of a scope. Owns the handle's reference.
template <class T>
class child_handle<T>::awaiter : public detail::root_wait {
 public:
  using root_wait::root_wait;

  T await_resume() {
    auto& c = static_cast<detail::child_root<T>&>(this->ended("co_await child_handle"));
    if (!c.has_value) detail::throw_no_result(c);
    return detail::take_from(c.value);
  }
};

namespace detail {

struct scope_access;

}  // namespace detail

/// Where a body starts tasks: with_scope gives it one. A copy is the same scope, and may be used longer than that lives: whatever is
/// spawned there then is refused. A reference must not; threads and callbacks take a copy.
class scope {
 public:
  scope(const scope& other) noexcept : state_(other.state_) { state_->hold(); }
  scope& operator=(const scope& other) noexcept {
    scope copy(other);
    std::swap(state_, copy.state_);
    return *this;
  }
  ~scope();  // compiled: g++ 12 sees a pointer that is not set in that of an optional one

  /// Starts a task in the scope, or, with max_concurrency, when its turn comes. It runs at the scheduler of the scope, has a name and
  /// reports of its own, and is cancelled with the scope. Any thread, as long as the body or any task of the scope runs.
  /// Moves from `t` only on success. Throws usage_error if `t` is empty and if the scope has ended, scheduler_stopped if it is refused,
  /// std::bad_alloc.
  template <class T>
  child_handle<T> spawn(task<T>&& t, spawn_options options = {}) {
    detail::scope_place place(*state_);
    if (!place.is_in()) refuse("scope::spawn");
    return child_handle<T>(place.start(t, options.name, "scope::spawn", detail::child_of::its_handle));
  }
  /// spawn() that declines instead of waiting for a turn, and when the scope has ended: false, and `t` is as before. Throws otherwise as
  /// spawn().
  template <class T>
  [[nodiscard]] bool try_spawn(task<T>&& t, spawn_options options = {}) {
    detail::scope_place place(*state_);
    if (!place.is_in() || !place.take_turn()) return false;
    place.start(t, options.name, "scope::try_spawn", detail::child_of::nobody);
    return true;
  }

  /// `co_await s.join()`: waits until all tasks of the scope have ended, so that the body's own locals can go. In the body only, in one
  /// place at a time (else usage_error); resumes at home. Nothing cancels the wait; but if the scope is cancelled, for a task of it failed
  /// or whatever is around it was, it throws operation_cancelled once all have ended.
  [[nodiscard]] detail::scope_join join(std::source_location where = std::source_location::current()) const noexcept {
    return detail::scope_join(*state_, where);
  }

  /// Cancels the body and all tasks of the scope. That tasks end by it is no failure then; that the body does is. Any thread; nothing
  /// happens if the scope has ended.
  void cancel() const noexcept {
    const detail::scope_place place(*state_);
    if (place.is_in()) state_->cancel();
  }

 protected:
  explicit scope(detail::scope_state* s) noexcept : state_(s) {}
  [[noreturn]] WEFT_COLD_THROWS static void refuse(const char* call) {
    detail::reject(call, "the scope has ended; the task is still yours");
  }
  [[nodiscard]] detail::scope_state& state() const noexcept { return *state_; }

 private:
  friend struct detail::scope_access;
  detail::scope_state* state_;
};

namespace detail {

struct scope_access {
  template <class Scope>
  static Scope make(scope_state* s) noexcept {
    return Scope(s);
  }
  static scope_state& state_of(const scope& s) noexcept { return s.state(); }
};

/// The limit of a scope. Throws usage_error.
inline std::size_t most_of(const scope_options& options) {
  if (!options.max_concurrency) return 0;
  expects(*options.max_concurrency >= 1, "with_scope", "max_concurrency must be at least 1; leave it out to have no limit");
  return static_cast<std::size_t>(*options.max_concurrency);
}

/// What a body gives.
template <class Scope, class Body>
using body_result = await_result<std::invoke_result_t<Body&, Scope&>>;

template <class Scope, class Body>
task<body_result<Scope, Body>> run_scope(Body body, std::size_t most, std::source_location where) {
  scope_level level;
  co_await level;
  Scope s = scope_access::make<Scope>(scope_state::make(level, most));
  scope_state& state = scope_access::state_of(s);
  std::optional<result<body_result<Scope, Body>>> came;
  try {
    came.emplace(co_await awaiter_at(as_result(body(s)), where));
  } catch (...) {
    came.emplace(std::current_exception());
  }
  if (!came->has_value()) state.fail_body();
  co_await scope_end(state, where);
  state.close(came->failure());
  co_return std::move(*came).value();
}

}  // namespace detail

/// `co_await with_scope([&](scope& s) -> task<T> { s.spawn(f()); .. })`: runs `body` with a scope, waits for all tasks that were spawned
/// there, and gives what the body gives. Children may borrow what outlives this: see the head of this file. Worker only; resumes at home.
///
/// The first failure, of a task or of the body, cancels all others, which are waited for. One failure is thrown as it is; several as an
/// exception_group of those of the tasks, in the order in which they were spawned and with their names, and that of the body; a
/// cancellation only if nothing else failed. What cancels the awaiting task cancels body and tasks; a task whose turn has not come then
/// does not start. Throws usage_error if `options` ask for what cannot be; the await throws std::bad_alloc.
template <class Body>
  requires std::invocable<Body&, scope&>
[[nodiscard]] task<detail::body_result<scope, Body>> with_scope(Body body, scope_options options = {},
                                                                std::source_location where = std::source_location::current()) {
  return detail::run_scope<scope>(std::move(body), detail::most_of(options), where);
}

}  // namespace weft
