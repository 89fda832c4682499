// SPDX-License-Identifier: Apache-2.0
//
// parallel_invoke: some functions at once.
#pragma once

#include "weft/awaitable.hpp"
#include "weft/task.hpp"
#include "weft/when_all.hpp"

#include <concepts>
#include <type_traits>
#include <utility>

namespace weft {

namespace detail {

/// What a function gives, or what awaiting that gives.
template <class F, class Given = std::invoke_result_t<F&>>
struct invoked {
  using type = Given;
};
template <class F, awaitable Given>
struct invoked<F, Given> {
  using type = await_result<Given>;
};

/// A task that calls `f`, which it keeps.
template <class F>
task<typename invoked<F>::type> invoke_in_task(F f) {
  if constexpr (awaitable<std::invoke_result_t<F&>>)
    co_return co_await f();
  else
    co_return f();
}

}  // namespace detail

/// `auto [a, b] = co_await parallel_invoke([&] { return f(); }, [&] { return g(); });` calls functions in parallel and waits for all of
/// them; gives the tuple of what they give. One may return a task, or anything awaitable, which is awaited. They are kept until the end,
/// and may borrow the caller's locals. Worker only; resumes at home. Exceptions and the form of what it gives as in when_all.
template <std::invocable... Fs>
  requires(sizeof...(Fs) > 0)
[[nodiscard]] auto parallel_invoke(Fs... fs) {
  return when_all(detail::invoke_in_task(std::move(fs))...);
}

}  // namespace weft
