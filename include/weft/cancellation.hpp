// SPDX-License-Identifier: Apache-2.0
//
// Cancellation that is inherited without being passed: what is awaited under with_stop_token, by whatever way, is cancelled with it.
#pragma once

#include "weft/awaitable.hpp"
#include "weft/detail/bridge.hpp"
#include "weft/detail/cancel_node.hpp"
#include "weft/detail/context.hpp"
#include "weft/task.hpp"

#include <coroutine>
#include <source_location>
#include <stop_token>
#include <string_view>
#include <type_traits>
#include <utility>

namespace weft {

namespace detail {

/// A level that the coroutine in whose frame it lies opens: `co_await level` at its start. All that it awaits from then on runs under it.
/// By itself it is as the one around it.
class opened_level : public weft_awaiter {
 public:
  opened_level() noexcept = default;
  opened_level(const opened_level&) = delete;
  opened_level& operator=(const opened_level&) = delete;
  ~opened_level() {
    if (who_ == nullptr) return;
    who_->head.level = level_.outer;
    leave_level(level_);
  }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> opening) noexcept {
    who_ = frame_of(opening);
    context* const outer = who_->head.level;
    if (outer != nullptr) level_ = *outer;
    level_.outer = outer;
    who_->head.level = &level_;
    enter_level(level_);
    return false;
  }
  void await_resume() const noexcept {}

 protected:
  [[nodiscard]] context& level() noexcept { return level_; }

 private:
  frame* who_ = nullptr;
  context level_;
};

/// One that nothing around it cancels, no deadline ends, and no stop of its scheduler.
class shield_level : public opened_level {
 public:
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> opening) noexcept {
    opened_level::await_suspend(opening);
    level().cancel = nullptr;
    level().deadline = no_deadline;
    level().is_shielded = true;
    return false;
  }
};

/// One that can be cancelled.
class cancel_level : public opened_level {
 public:
  ~cancel_level() {
    if (level().cancel == &node_) close_node(node_);
  }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> opening) noexcept {
    opened_level::await_suspend(opening);
    open_node(node_, level().cancel);
    level().cancel = &node_;
    return false;
  }
  /// Once it is open, and as long as it is. Any thread.
  void cancel(cancel_reason why, std::string_view text) noexcept { cancel_node_now(node_, why, text); }

 protected:
  [[nodiscard]] cancel_node& node() noexcept { return node_; }

 private:
  cancel_node node_;
};

/// Gives the token of the level under which the awaiting task runs.
class level_token : public weft_awaiter {
 public:
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> asking) {
    const context* const level = frame_of(asking)->head.level;
    if (level != nullptr && level->cancel != nullptr) token_ = token_of(*level->cancel);
    return false;
  }
  [[nodiscard]] std::stop_token await_resume() noexcept { return std::move(token_); }

 private:
  std::stop_token token_;
};

}  // namespace detail

/// `std::stop_token t = co_await current_stop_token();`: a token that is stopped when what this task runs under is cancelled: for foreign
/// code that takes one, and for loops that do not wait. Where nothing can be cancelled, one that never is (stop_possible() is false).
/// Worker only. Callbacks on it run in the call that cancels, on its thread, after all waits of the level have been ended, and before those
/// of levels inside; they may do anything but wait for the cancelled task. The first use in a level takes memory: throws std::bad_alloc.
[[nodiscard]] inline detail::level_token current_stop_token() noexcept { return {}; }

/// Awaits `a` so that a stop request cancels it: each wait for a join_handle in `a`, and in all that it awaits and joins, throws
/// operation_cancelled, unless what it waits for has come by then; those that begin later throw at once. Foreign awaitables are waited for,
/// and tasks that `a` spawned go on. Where `a` is in something that is cancelled, it is cancelled with that, too. Gives what `a` gives.
/// Worker only. The stop may be requested by any thread, at any time; nothing of the user's runs in the call but callbacks on tokens that
/// current_stop_token() gave.
template <awaitable A>
[[nodiscard]] task<await_result<A>> with_stop_token(std::stop_token stop, A a,
                                                    std::source_location where = std::source_location::current()) {
  detail::cancel_level level;
  co_await level;
  const auto cancel = [&level] { level.cancel(cancel_reason::requested, "a stop was requested"); };
  const std::stop_callback<decltype(cancel)> on_request(std::move(stop), cancel);
  co_return co_await detail::awaiter_at(std::move(a), where);
}

/// Awaits `a` so that nothing around it cancels it: for what has to be done to its end, such as a cleanup. Gives what `a` gives. Worker
/// only.
template <awaitable A>
[[nodiscard]] task<await_result<A>> shield(A a, std::source_location where = std::source_location::current()) {
  detail::shield_level level;
  co_await level;
  co_return co_await detail::awaiter_at(std::move(a), where);
}

}  // namespace weft
