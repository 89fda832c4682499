// SPDX-License-Identifier: Apache-2.0
//
// What is a coroutine, a generator, a function that makes one: collections.abc and inspect as concepts and traits.
//
//   object                          awaitable   coroutine_like   generator_like   is_awaitable_v   is_coroutine_v
//   coroutine                       yes         yes              no               yes              yes
//   generator_coroutine             yes         no               yes              yes              no
//   generator                       no          no               yes              no               no
//   generator_proxy                 yes         yes              yes              yes              no
//   with operator co_await          yes         no               no               yes              no
//   coroutine_view                  no          no               no               no               no
#pragma once

#include "weft/awaitable.hpp"
#include "weft/coroutine.hpp"
#include "weft/coroutine_state.hpp"
#include "weft/generator_coroutine.hpp"

#include <exception>
#include <ranges>
#include <type_traits>
#include <utility>

namespace weft {

namespace detail {

/// send, throw_ and close, and the types that they pass.
template <class T>
concept has_protocol_calls = requires(T t, typename T::send_type value, std::exception_ptr thrown) {
  typename T::yield_type;
  typename T::return_type;
  t.send(std::move(value));
  t.throw_(std::move(thrown));
  t.close();
};

/// A task awaits it, or a coroutine does: `operator co_await` may make what only a coroutine can drive.
template <class T>
concept awaitable_somewhere = awaitable<T> || (!disable_awaitable<std::remove_cvref_t<T>> && has_member_co_await<T>);

template <class T>
inline constexpr bool is_generator_coroutine = false;
template <class Y, class S, class R>
inline constexpr bool is_generator_coroutine<generator_coroutine<Y, S, R>> = true;

}  // namespace detail

/// Whether T counts as a coroutine: it is awaitable and has send, throw_ and close; a generator-based coroutine does not. Specialise it to
/// true to register a type, as Coroutine.register does, or to false to opt out.
template <class T>
inline constexpr bool enable_coroutine_like =
    detail::awaitable_somewhere<T> && detail::has_protocol_calls<T> && !detail::is_generator_coroutine<T>;

/// collections.abc.Coroutine. It asks for expressions, where Python asks for names.
template <class T>
concept coroutine_like = enable_coroutine_like<std::remove_cvref_t<T>>;

/// collections.abc.Generator: a range with send, throw_ and close.
template <class T>
concept generator_like = std::ranges::input_range<std::remove_cvref_t<T>> && detail::has_protocol_calls<std::remove_cvref_t<T>>;

/// inspect.isawaitable.
template <class T>
inline constexpr bool is_awaitable_v = detail::awaitable_somewhere<T> || coroutine_like<T>;

/// A function, or whatever can be called with `Arguments`, that makes a coroutine object: inspect.iscoroutinefunction.
template <class F, class... Arguments>
concept coroutine_function =
    std::is_invocable_v<F, Arguments...> && is_coroutine_v<std::remove_cvref_t<std::invoke_result_t<F, Arguments...>>>;
/// The same as a value.
template <class F, class... Arguments>
inline constexpr bool is_coroutine_function_v = coroutine_function<F, Arguments...>;

/// The three as types, for templates that want one.
template <class T>
struct is_coroutine : std::bool_constant<is_coroutine_v<T>> {};
/// As above.
template <class T>
struct is_awaitable : std::bool_constant<is_awaitable_v<T>> {};
/// As above.
template <class F, class... Arguments>
struct is_coroutine_function : std::bool_constant<is_coroutine_function_v<F, Arguments...>> {};

/// inspect.getcoroutinestate, of a coroutine or generator.
template <class C>
  requires requires(const C& c) { c.state(); }
[[nodiscard]] coroutine_state get_coroutine_state(const C& c) {
  return c.state();
}

}  // namespace weft
