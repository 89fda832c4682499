// SPDX-License-Identifier: Apache-2.0
//
// The waits of a scope: of its body for the children, of with_scope for the end, and for the next result.
#pragma once

#include "weft/awaitable.hpp"
#include "weft/detail/cancel_node.hpp"
#include "weft/detail/scope_state.hpp"
#include "weft/detail/worker.hpp"

#include <concepts>
#include <coroutine>
#include <source_location>

namespace weft::detail {

/// What they share. The scope outlives the wait.
class scope_wait : public weft_awaiter {
 public:
  scope_wait(scope_state& s, const char* what, std::source_location where) noexcept : scope_(s) {
    wait_.what = what;
    wait_.where = where;
  }
  scope_wait(const scope_wait&) = delete;
  scope_wait& operator=(const scope_wait&) = delete;
  ~scope_wait() = default;

 protected:
  /// The frame that waits.
  template <class Promise>
  [[nodiscard]] static frame* waiting(std::coroutine_handle<Promise> awaiting) noexcept {
    static_assert(std::derived_from<Promise, frame_head>, "only weft coroutines can wait for the tasks of a scope");
    return frame_of(awaiting);
  }
  /// Throws operation_cancelled if the wait was cancelled, or the scope is. While that is open.
  void throw_if_cancelled(const char* call) {
    if (wait_.node == nullptr || cause_of(*wait_.node) == nullptr) wait_.node = &scope_.node();
    if (cause_of(*wait_.node) != nullptr || wait_.state.load(relaxed) == waiter::cancelled)  // made ready, or never asleep
      throw cancellation_of(wait_, call);
  }

  scope_state& scope_;  // NOLINT(*-non-private-member-variables-in-classes)
  waiter wait_;         // NOLINT(*-non-private-member-variables-in-classes)
};

/// What `co_await s.join()` does.
class scope_join : public scope_wait {
 public:
  scope_join(scope_state& s, std::source_location where) noexcept : scope_wait(s, "the tasks of a scope", where) {}
  ~scope_join() { scope_.give_up(wait_); }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> awaiting) {
    frame* const body = waiting(awaiting);
    require_body(*body);
    expects(scope_.claim(wait_), "scope::join", "another task of the body waits already");
    begin_wait(wait_, body);
    return scope_.join();
  }
  void await_resume() {
    end_wait(wait_);
    throw_if_cancelled("scope::join");
  }

 private:
  void require_body(const frame& who) {
    const scope_place place(scope_);
    expects(place.is_in(), "scope::join", "the scope has ended");
    expects(who.head.level != nullptr && who.head.level->top == scope_.level().top, "scope::join",
            "only the body of the scope can wait for its tasks; one of them would wait for itself");
  }
};

/// The end of a scope, once its body has ended. Nothing cancels it.
class scope_end : public scope_wait {
 public:
  scope_end(scope_state& s, std::source_location where) noexcept : scope_wait(s, "the tasks of a scope", where) {}

  [[nodiscard]] bool await_ready() const noexcept { return scope_.end_alone(); }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> awaiting) noexcept {
    if (!scope_.claim(wait_)) fail("with_scope", "the body has ended while another task waits in scope::join");
    begin_wait(wait_, waiting(awaiting));
    return scope_.end();
  }
  void await_resume() noexcept { end_wait(wait_); }
};

/// The wait for the next result.
class scope_next : public scope_wait {
 public:
  scope_next(scope_state& s, std::source_location where) noexcept : scope_wait(s, "a result of a scope", where) {}

  [[nodiscard]] bool await_ready() noexcept {
    worker& here = current_worker();
    return here.budget != 0 && (found_ = scope_.results().ask(wait_)) != next_result::to_come && charge(here);
  }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> awaiting) noexcept {
    worker& here = current_worker();
    if (begin_cancellable_wait(wait_, waiting(awaiting))) {
      found_ = scope_.results().link(wait_);
      if (found_ == next_result::to_come && settle_wait(wait_)) return true;
    }
    return let_others_run(here, waiting(awaiting));
  }

 protected:
  /// The next one, with its reference; null: there is none, or the scope has ended. Throws if there is none because it is cancelled.
  scope_child* next() {
    end_wait(wait_);
    leave_wait(wait_);  // before anything is thrown
    expects(found_ != next_result::taken, "scope_of::next", "another task waits for the next result; one at a time can");
    scope_child* const c = scope_.results().take(wait_);
    if (c != nullptr) return c;
    const scope_place place(scope_);
    if (place.is_in()) throw_if_cancelled("scope_of::next");
    return nullptr;
  }

 private:
  next_result found_ = next_result::to_come;
};

}  // namespace weft::detail
