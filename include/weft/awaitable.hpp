// SPDX-License-Identifier: Apache-2.0
//
// What can be awaited, what awaiting it gives, and how weft tells its own awaitables from foreign ones.
#pragma once

#include <concepts>
#include <coroutine>
#include <source_location>
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

/// Specialised to true: a type that is not awaitable, whatever it has.
template <class T>
inline constexpr bool disable_awaitable = false;

/// Something that a weft task can `co_await`: it is an awaiter, or `operator co_await` makes one of it.
template <class A>
concept awaitable = !disable_awaitable<std::remove_cvref_t<A>> && requires { typename detail::awaiter_type<A>; } &&
                    detail::awaiter<detail::awaiter_type<A>>;

/// What `co_await` of an A gives.
template <awaitable A>
using await_result = decltype(std::declval<detail::awaiter_type<A>&>().await_resume());

namespace detail {

template <class A>
concept weft_awaitable = awaitable<A> && std::derived_from<awaiter_type<A>, weft_awaiter>;

/// The one of two places that is known, the first rather than the second.
[[nodiscard]] inline std::source_location known_or(std::source_location where, std::source_location otherwise) noexcept {
  return where.line() != 0 ? where : otherwise;
}

/// One that wants to know where it is awaited, for reports: await_transform calls awaited_at(where) for the awaiter.
template <class A>
concept placed_awaitable = weft_awaitable<A> && requires(A&& a) { std::forward<A>(a).awaited_at(std::source_location()); };

/// Stands for a weft awaiter in its co_await.
template <class A>
class awaiter_reference : public weft_awaiter {
 public:
  explicit awaiter_reference(A& a) noexcept : awaiter_(a) {}
  [[nodiscard]] bool await_ready() const { return awaiter_.await_ready(); }
  template <class Promise>
  decltype(auto) await_suspend(std::coroutine_handle<Promise> awaiting) {
    return awaiter_.await_suspend(awaiting);
  }
  decltype(auto) await_resume() { return awaiter_.await_resume(); }

 private:
  A& awaiter_;
};

/// What `operator co_await` and await_transform return for an object that is its own awaiter: the object. g++ 12 would move
/// or copy what a reference names, so there a stand-in is returned; clang would keep the stand-in in the frame.
template <class A>
[[nodiscard]] decltype(auto) awaiting(A& a) noexcept {
#if defined(__clang__)
  return (a);
#else
  return awaiter_reference<A>(a);
#endif
}

}  // namespace detail

}  // namespace weft
