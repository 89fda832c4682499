// SPDX-License-Identifier: Apache-2.0
//
// run_blocking: functions that block, called where they hold no worker.
#pragma once

#include "weft/awaitable.hpp"
#include "weft/detail/blocking_job.hpp"
#include "weft/detail/context.hpp"
#include "weft/detail/expects.hpp"
#include "weft/detail/failures.hpp"
#include "weft/detail/join.hpp"

#include <concepts>
#include <coroutine>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <source_location>
#include <type_traits>
#include <utility>

namespace weft {

namespace detail {

/// A job with its function and what that gives.
template <class F>
struct blocking_function : blocking_job {
  using value_type = std::invoke_result_t<F>;
  static_assert(!std::is_rvalue_reference_v<value_type>, "a blocking function gives a value, an lvalue reference or nothing");
  static_assert(!awaitable<value_type>, "a blocking function is a plain one: what it gives would have to be awaited; co_await it instead");

  F function;
  slot<value_type> value;
  bool has_value = false;

  explicit blocking_function(F&& f) noexcept(std::is_nothrow_move_constructible_v<F>) : function(std::move(f)) {
    run = [](blocking_job& job) noexcept { static_cast<blocking_function&>(job).call(); };
  }
  blocking_function(const blocking_function&) = delete;
  blocking_function& operator=(const blocking_function&) = delete;
  ~blocking_function() {
    if (has_value) destroy_value(value);
  }

  /// What the function gave or threw. Once.
  value_type take() {
    if (failure != nullptr) std::rethrow_exception(std::exchange(failure, nullptr));
    if constexpr (std::is_reference_v<value_type>)
      return *value.value;
    else if constexpr (!std::is_void_v<value_type>)
      return std::move(value.value);
  }

 private:
  void call() noexcept {
    try {
      if constexpr (std::is_void_v<value_type>)
        std::invoke(std::move(function));
      else if constexpr (std::is_reference_v<value_type>)
        value.value = std::addressof(std::invoke(std::move(function)));
      else
        ::new (static_cast<void*>(std::addressof(value.value))) value_type(std::invoke(std::move(function)));
      has_value = true;
    } catch (...) {
      failure = std::current_exception();
    }
  }
};

/// What try_run_blocking() gives for a T: nothing where the call was refused.
template <class T>
struct perhaps {
  using type = std::optional<T>;
};
template <class T>
struct perhaps<T&> {
  using type = T*;
};
template <>
struct perhaps<void> {
  using type = bool;
};

template <class F, when_full How>
class blocking_awaiter : public weft_awaiter {
  using value_type = std::invoke_result_t<F>;
  static constexpr bool may_refuse = How == when_full::refuses;
  static constexpr const char* call = may_refuse ? "try_run_blocking" : "run_blocking";

 public:
  blocking_awaiter(F&& f, std::source_location where) : job_(std::move(f)) {
    job_.wait.what = "a blocking call";
    job_.wait.where = where;
  }
  blocking_awaiter(const blocking_awaiter&) = delete;
  blocking_awaiter& operator=(const blocking_awaiter&) = delete;
  ~blocking_awaiter() { retire_job(job_); }  // its frame is destroyed, or await_suspend threw; else it was done before

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> awaiting) {
    static_assert(std::derived_from<Promise, frame_head>, "only weft coroutines can await run_blocking");
    return submit_job(job_, frame_of(awaiting), How, call);
  }
  std::conditional_t<may_refuse, typename perhaps<value_type>::type, value_type> await_resume() {
    retire_job(job_);
    if constexpr (may_refuse) {
      if (job_.taken == submission::refused) return {};
      expect_called(job_, call);
      if constexpr (std::is_void_v<value_type>) {
        job_.take();
        return true;
      } else if constexpr (std::is_reference_v<value_type>) {
        return std::addressof(job_.take());
      } else {
        return job_.take();
      }
    } else {
      expect_called(job_, call);
      return job_.take();
    }
  }

 private:
  blocking_function<F> job_;
};

}  // namespace detail

/// What run_blocking() and try_run_blocking() give. Awaited once.
template <class F, detail::when_full How>
class [[nodiscard]] blocking_call {
 public:
  /// A call of `f`, made at `where`.
  blocking_call(F f, std::source_location where) noexcept(std::is_nothrow_move_constructible_v<F>)
      : function_(std::move(f)), where_(where) {}

  /// Awaits it; in a task awaited_at does.
  [[nodiscard]] detail::blocking_awaiter<F, How> operator co_await() && { return std::move(*this).awaited_at(where_); }
  /// For `co_await` in a task: reports of the wait say where it stands; where that is not known, where it was made.
  [[nodiscard]] detail::blocking_awaiter<F, How> awaited_at(std::source_location where) && {
    return {std::move(function_), detail::known_or(where, where_)};
  }

 private:
  F function_;
  std::source_location where_;
};

/// `co_await run_blocking(f)`: calls `f` once on a thread that may block, see scheduler_options::blocking, and gives what it gives or
/// throws. Worker only; resumes at home. While the queue is full it waits in line all the same. `f` goes on the worker, as the wait ends.
/// Task locals and the task's name are those of the task in `f`, which may use weft::sync_wait.
/// Cancelled before a thread has begun with `f`, it throws operation_cancelled and `f` is never called; afterwards it waits for the end
/// of `f`, whose result is not lost. While the scheduler drains, what is queued is called. Throws scheduler_stopped once it has stopped,
/// and std::system_error if there is no thread and none could be started: then `f` was not called.
template <class F>
  requires std::invocable<std::decay_t<F>>
[[nodiscard]] blocking_call<std::decay_t<F>, detail::when_full::waits> run_blocking(
    F&& f, std::source_location where = std::source_location::current()) {
  return {std::forward<F>(f), where};
}

/// `co_await try_run_blocking(f)`: run_blocking(), unless no thread is free or can be started and blocking_options::queue calls wait. Then
/// it refuses at once, and `f` is not called. Gives std::optional of what `f` gives; of a reference a pointer, of nothing a bool. Thread
/// rule and errors as for run_blocking().
template <class F>
  requires std::invocable<std::decay_t<F>>
[[nodiscard]] blocking_call<std::decay_t<F>, detail::when_full::refuses> try_run_blocking(
    F&& f, std::source_location where = std::source_location::current()) {
  return {std::forward<F>(f), where};
}

namespace detail {

/// Waits for a std::future.
template <class T>
struct future_wait {
  std::future<T> future;

  T operator()() && { return future.get(); }
};

}  // namespace detail

/// `co_await from_future(std::move(f))`: gives what a std::future gives, or throws what it throws. It waits by run_blocking(), and so has a
/// thread to itself for as long as that takes. Rules and errors as there; usage_error if the future is empty.
template <class T>
[[nodiscard]] blocking_call<detail::future_wait<T>, detail::when_full::waits> from_future(
    std::future<T>&& future, std::source_location where = std::source_location::current()) {
  detail::expects(future.valid(), "from_future", "the future is empty: it was moved from, or its result was taken");
  return {detail::future_wait<T>{std::move(future)}, where};
}

}  // namespace weft
