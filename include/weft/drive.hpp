// SPDX-License-Identifier: Apache-2.0
//
// drive: a task that runs a coroutine as an event loop would, and does for it what it yields.
#pragma once

#include "weft/awaitable.hpp"
#include "weft/coroutine.hpp"
#include "weft/errors.hpp"
#include "weft/send_result.hpp"
#include "weft/task.hpp"

#include <concepts>
#include <exception>
#include <optional>
#include <stop_token>
#include <type_traits>
#include <utility>

namespace weft {

namespace detail {

/// What `handler` gives for a yielded Y, once awaited: an S, or nothing if S has a None.
template <class Handler, class Y, class S>
concept answers = std::invocable<Handler&, Y> && awaitable<std::invoke_result_t<Handler&, Y>> &&
                  (std::constructible_from<S, await_result<std::invoke_result_t<Handler&, Y>>> ||
                   (std::is_void_v<await_result<std::invoke_result_t<Handler&, Y>>> && none_of<S>::exists));

/// What `step` has yielded.
template <class Y, class R>
[[nodiscard]] decltype(auto) taken_yielded(send_result<Y, R>& step) {
  if constexpr (std::is_reference_v<Y>)
    return static_cast<Y>(step.yielded().get());
  else
    return std::move(step).yielded();
}

}  // namespace detail

/// Runs `c` to its end and gives what it returns: each value that it yields is given to `handler`, whose awaitable the task awaits on its
/// scheduler, and what that gives is sent back; what it throws is thrown into the coroutine. Between two sends the task may move to another
/// worker, and the coroutine with it.
///
/// Once `stop` is requested, the coroutine gets an operation_cancelled instead of the next answer. If it returns then, that is the result;
/// if it yields it is closed and drive throws the operation_cancelled, or what close() throws. The awaitable of the moment is not
/// interrupted.
template <class Y, class S, class R, detail::answers<Y, S> Handler>
[[nodiscard]] task<R> drive(coroutine<Y, S, R> c, Handler handler, std::stop_token stop = {}) {
  std::optional<send_result<Y, R>> step;
  step.emplace(c.send());
  while (step->is_yielded()) {
    std::optional<S> answer;
    std::exception_ptr failure;
    try {
      if constexpr (std::is_void_v<await_result<std::invoke_result_t<Handler&, Y>>>) {
        co_await handler(detail::taken_yielded(*step));
        answer.emplace();
      } else {
        answer.emplace(co_await handler(detail::taken_yielded(*step)));
      }
    } catch (...) {
      failure = std::current_exception();
    }
    const bool is_stopping = stop.stop_requested();
    if (is_stopping) failure = std::make_exception_ptr(operation_cancelled("drive: a stop was requested"));
    if (failure)
      step.emplace(c.throw_(failure));
    else
      step.emplace(c.send(*std::move(answer)));
    if (is_stopping && step->is_yielded()) {
      c.close();
      std::rethrow_exception(failure);
    }
  }
  if constexpr (!std::is_void_v<R>) co_return std::move(*step).returned();
}

}  // namespace weft
