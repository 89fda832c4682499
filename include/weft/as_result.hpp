// SPDX-License-Identifier: Apache-2.0
//
// as_result: awaits without throwing: how it ended is a value.
#pragma once

#include "weft/awaitable.hpp"
#include "weft/detail/bridge.hpp"
#include "weft/detail/failures.hpp"
#include "weft/result.hpp"
#include "weft/task.hpp"

#include <coroutine>
#include <exception>
#include <source_location>
#include <type_traits>
#include <utility>

namespace weft {

namespace detail {

/// Awaits a task; what that throws is taken from its frame and thrown by nobody.
template <class T>
class task_result_awaiter : public task_awaiter<T> {
 public:
  using task_awaiter<T>::task_awaiter;

  result<T> await_resume() {
    if (has_failures(this->owner())) {
      const failure_list failures(this->owner());
      return result<T>(failure_of(failures.first()));
    }
    if constexpr (std::is_void_v<T>)
      return result<T>(std::in_place);
    else if constexpr (std::is_reference_v<T>)
      return result<T>(std::in_place, &task_awaiter<T>::await_resume());
    else
      return result<T>(std::in_place, task_awaiter<T>::await_resume());
  }
};

/// Awaits anything else through its awaiter; what await_resume throws is caught.
template <class Awaiter>
class result_awaiter : public weft_awaiter {
  using value = decltype(std::declval<Awaiter&>().await_resume());

 public:
  /// `make` makes the awaiter in its place.
  template <class Make>
  explicit result_awaiter(std::in_place_t, Make make) : awaiter_(make()) {}

  [[nodiscard]] bool await_ready() { return static_cast<bool>(awaiter_.await_ready()); }
  template <class Promise>
  decltype(auto) await_suspend(std::coroutine_handle<Promise> awaiting) {
    return awaiter_.await_suspend(awaiting);
  }
  result<value> await_resume() {
    try {
      if constexpr (std::is_void_v<value>) {
        awaiter_.await_resume();
        return result<value>(std::in_place);
      } else if constexpr (std::is_reference_v<value>) {
        return result<value>(std::in_place, &awaiter_.await_resume());
      } else {
        return result<value>(std::in_place, awaiter_.await_resume());
      }
    } catch (...) {
      return result<value>(std::current_exception());
    }
  }

 private:
  Awaiter awaiter_;
};

}  // namespace detail

/// What as_result(awaitable) gives: awaiting it gives result<T> of what the awaitable gives as T. Awaited once, where it is.
template <class A>
class [[nodiscard]] result_of {
 public:
  /// Of an awaitable, which has to live until it is awaited.
  explicit result_of(A&& awaitable) noexcept : awaitable_(std::forward<A>(awaitable)) {}

  /// For `co_await` in a task: reports of the wait say where it stands.
  [[nodiscard]] auto awaited_at(std::source_location where) && {
    const auto make = [&]() -> decltype(auto) { return detail::awaiter_at(std::forward<A>(awaitable_), where); };
    return detail::result_awaiter<decltype(make())>(std::in_place, make);
  }
  /// Awaits it; in a task awaited_at does.
  [[nodiscard]] auto operator co_await() && { return std::move(*this).awaited_at({}); }

 private:
  A&& awaitable_;
};

/// `result<T> r = co_await as_result(f());`: runs the task and gives what it returns or throws as a value. Nothing is thrown, which also
/// is a hundred times cheaper. Worker only; resumes at home. Throws usage_error if the task is empty.
template <class T>
[[nodiscard]] detail::task_result_awaiter<T> as_result(task<T>&& t) {
  return detail::task_result_awaiter<T>(detail::task_access::take(t, "as_result"));
}

/// The same of any other awaitable, ours or foreign: what its await_resume throws is caught.
template <class A>
  requires awaitable<A>
[[nodiscard]] result_of<A> as_result(A&& awaitable) noexcept {
  return result_of<A>(std::forward<A>(awaitable));
}

}  // namespace weft
