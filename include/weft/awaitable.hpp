// SPDX-License-Identifier: Apache-2.0
//
// What can be awaited, what awaiting it gives, and how weft tells its own awaitables from foreign ones.
#pragma once

#include <concepts>
#include <coroutine>
#include <type_traits>
#include <utility>

namespace weft {

namespace detail {

/// Base of weft's own awaiters: they wake their task themselves and need no bridge.
struct weft_awaiter {};

template <class A>
concept has_member_co_await = requires(A&& a) { std::forward<A>(a).operator co_await(); };
template <class A>
concept has_free_co_await = requires(A&& a) { operator co_await(std::forward<A>(a)); };

/// The awaiter that `co_await a` uses.
template <class A>
decltype(auto) awaiter_of(A&& a) {
  if constexpr (has_member_co_await<A>)
    return std::forward<A>(a).operator co_await();
  else if constexpr (has_free_co_await<A>)
    return operator co_await(std::forward<A>(a));
  else
    return std::forward<A>(a);
}

template <class A>
concept awaiter = requires(A& a) {
  { a.await_ready() } -> std::convertible_to<bool>;
  a.await_resume();
};

template <class A>
using awaiter_type = std::remove_cvref_t<decltype(awaiter_of(std::declval<A>()))>;

}  // namespace detail

/// Something that a weft task can `co_await`: it is an awaiter, or `operator co_await` makes one of it.
template <class A>
concept awaitable = requires { typename detail::awaiter_type<A>; } && detail::awaiter<detail::awaiter_type<A>>;

/// What `co_await` of an A gives.
template <awaitable A>
using await_result = decltype(std::declval<detail::awaiter_type<A>&>().await_resume());

namespace detail {

template <class A>
concept weft_awaitable = awaitable<A> && std::derived_from<awaiter_type<A>, weft_awaiter>;

}  // namespace detail

}  // namespace weft
