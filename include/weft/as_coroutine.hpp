// SPDX-License-Identifier: Apache-2.0
//
// as_coroutine: Python's types.coroutine. It makes awaitable what a generator function makes.
#pragma once

#include "weft/detail/generator_await.hpp"
#include "weft/detail/generator_promise.hpp"
#include "weft/generator.hpp"
#include "weft/generator_coroutine.hpp"
#include "weft/protocol_concepts.hpp"

#include <exception>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>

namespace weft {

/// What has the calls of a generator, and can be awaited: types._GeneratorWrapper. Every call is the wrapped generator's.
template <generator_like G>
class [[nodiscard]] generator_proxy {
 public:
  using yield_type = typename G::yield_type;
  using send_type = typename G::send_type;
  using return_type = typename G::return_type;

  /// Wraps a generator.
  explicit generator_proxy(G&& wrapped) : wrapped_(std::move(wrapped)) {}

  /// Its calls; those that it does not have do not compile.
  decltype(auto) send()
    requires requires(G& g) { g.send(); }
  {
    return wrapped_.send();
  }
  /// As above.
  decltype(auto) send(send_type value) { return wrapped_.send(std::move(value)); }
  /// As above.
  decltype(auto) next()
    requires requires(G& g) { g.next(); }
  {
    return wrapped_.next();
  }
  /// As above.
  decltype(auto) throw_(std::exception_ptr thrown) { return wrapped_.throw_(std::move(thrown)); }
  /// throw_ with an exception of type E made from `arguments`.
  template <class E, class... Arguments>
  decltype(auto) throw_(Arguments&&... arguments) {
    return wrapped_.throw_(std::make_exception_ptr(E(std::forward<Arguments>(arguments)...)));
  }
  /// As above.
  decltype(auto) close() { return wrapped_.close(); }
  /// The wrapped one as a range.
  [[nodiscard]] auto begin() { return wrapped_.begin(); }
  /// As above.
  [[nodiscard]] auto end() { return wrapped_.end(); }
  /// Its state, what it awaits, and its names, if it has such calls.
  [[nodiscard]] coroutine_state state() const
    requires requires(const G& g) { g.state(); }
  {
    return wrapped_.state();
  }
  /// As above.
  [[nodiscard]] auto awaiting() const
    requires requires(const G& g) { g.awaiting(); }
  {
    return wrapped_.awaiting();
  }
  /// As above.
  [[nodiscard]] std::string name() const
    requires requires(const G& g) { g.name(); }
  {
    return wrapped_.name();
  }
  /// As above.
  [[nodiscard]] std::string qualname() const
    requires requires(const G& g) { g.qualname(); }
  {
    return wrapped_.qualname();
  }

  /// For a task: runs one that yields nothing to its end, here.
  [[nodiscard]] auto operator co_await() && { return detail::coroutine_in_task<generator_proxy>(std::move(*this)); }
  /// For a body of the same Y and S, which awaits the wrapped generator; an lvalue has to outlive the await.
  template <class Y, class S, class Node>
    requires std::is_same_v<Y, yield_type> && std::is_same_v<S, send_type>
  auto protocol_await(Node& by) & {
    return await<G&>(by, wrapped_);
  }
  template <class Y, class S, class Node>
    requires std::is_same_v<Y, yield_type> && std::is_same_v<S, send_type>
  auto protocol_await(Node& by) && {
    return await<G>(by, std::move(wrapped_));
  }

 private:
  template <class A, class Node>
  static auto await(Node& by, A&& wrapped) {
    if constexpr (detail::generator_object<G>)
      return detail::await_generator<yield_type, send_type>(by, std::forward<A>(wrapped), "co_await generator");
    else
      return detail::duck_awaiter<Node, yield_type, send_type, return_type, A>(by, std::forward<A>(wrapped));
  }

  G wrapped_;
};

namespace detail {

/// What calls of an F give, if that does not depend on arguments: of functions and of closures that are no templates.
template <class F>
struct fixed_result {
  static constexpr bool is_function = false;
};
template <class F>
  requires(!std::is_member_pointer_v<F>) && requires(F f) { std::function(f); }
struct fixed_result<F> {
  static constexpr bool is_function = true;
  using type = typename decltype(std::function(std::declval<F>()))::result_type;
};

template <class F>
concept fixed_coroutine_function = fixed_result<F>::is_function && is_coroutine_v<typename fixed_result<F>::type>;

struct call_operator {
  void operator()() const {}
};
template <class F>
struct with_call_operator : F, call_operator {};

/// Whether there is anything to call, with whatever arguments.
template <class F>
consteval bool is_callable() {
  if constexpr (!std::is_class_v<F>)
    return std::is_function_v<std::remove_pointer_t<F>> || std::is_member_pointer_v<F>;
  else if constexpr (std::is_final_v<F>)
    return requires { &F::operator(); };
  else
    return !requires { &with_call_operator<F>::operator(); };  // else two are found
}

template <class G>
inline constexpr bool is_generator = false;
template <class Y, class S, class R>
inline constexpr bool is_generator<generator<Y, S, R>> = true;

}  // namespace detail

/// What as_coroutine makes of a callable.
template <class F>
class coroutine_adapter {
 public:
  /// Of the callable `f`.
  explicit coroutine_adapter(F f) : f_(std::move(f)) {}

  /// Calls it, and makes of the result what as_coroutine says.
  template <class... Arguments>
    requires std::is_invocable_v<const F&, Arguments...>
  decltype(auto) operator()(Arguments&&... arguments) const {
    return adapt(f_, std::forward<Arguments>(arguments)...);
  }
  /// The same for one that changes as it is called.
  template <class... Arguments>
    requires std::is_invocable_v<F&, Arguments...>
  decltype(auto) operator()(Arguments&&... arguments) {
    return adapt(f_, std::forward<Arguments>(arguments)...);
  }

 private:
  template <class Callable, class... Arguments>
  static decltype(auto) adapt(Callable& f, Arguments&&... arguments) {
    using made = std::invoke_result_t<Callable&, Arguments...>;
    using object = std::remove_cvref_t<made>;
    if constexpr (detail::is_generator<made> && detail::fixed_result<F>::is_function)
      return generator_coroutine(std::invoke(f, std::forward<Arguments>(arguments)...));
    else if constexpr (!std::is_reference_v<made> && generator_like<object> && !coroutine_like<object> &&
                       !detail::is_generator_coroutine<object>)
      return generator_proxy<object>(std::invoke(f, std::forward<Arguments>(arguments)...));
    else
      return std::invoke(f, std::forward<Arguments>(arguments)...);
  }

  F f_;
};

/// types.coroutine (docs.python.org/3.10/library/types.html): what `f` makes is awaitable. A function that makes coroutines is returned as
/// it is; of a generator function, or a closure that is one, every call makes a generator_coroutine. Of any other callable, what looks like
/// a generator and is no coroutine is wrapped in a generator_proxy, and the rest passes as it is. `f` itself is not changed.
template <class F>
[[nodiscard]] auto as_coroutine(F f) {
  static_assert(detail::is_callable<F>(), "types.coroutine() expects a callable");
  if constexpr (detail::fixed_coroutine_function<F>)
    return f;
  else
    return coroutine_adapter<F>(std::move(f));
}
/// Of what it made before: the same.
template <class F>
[[nodiscard]] coroutine_adapter<F> as_coroutine(coroutine_adapter<F> f) {
  return f;
}

}  // namespace weft
