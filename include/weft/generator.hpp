// SPDX-License-Identifier: Apache-2.0
//
// generator<Y, S, R>: Python's generator. It is a range of Y, and is sent an S where it yields; what it returns is seen by who drives
// it to its end, and by who yields from it.
#pragma once

#include "weft/detail/generator_promise.hpp"
#include "weft/generator_calls.hpp"

#include <ranges>
#include <type_traits>
#include <utility>
#include <variant>

namespace weft {

/// A generator: created by calling a generator function that returns it, lazily started, of one owner, without atomic operations.
/// Dropping it closes it: errors go to the unraisable hook. If it goes while it runs, the process ends and says so.
///
/// Its body yields a Y, `S s = co_yield y;`, or what another yields, `R r = co_yield yield_from(g);`, and awaits nothing: an awaitable
/// one is made by as_coroutine or returns a generator_coroutine.
template <class Y, class S = std::monostate, class R = void>
class [[nodiscard]] generator final : public generator_calls<Y, S, R> {
 public:
  class promise_type;

  generator(generator&& other) noexcept : generator_calls<Y, S, R>(std::exchange(other.node_, nullptr)) {}
  generator& operator=(generator&& other) noexcept {
    generator(std::move(other)).swap(*this);
    return *this;
  }
  ~generator() = default;
  /// Exchanges two generators.
  void swap(generator& other) noexcept { std::swap(this->node_, other.node_); }

 private:
  explicit generator(detail::generator_node* n) noexcept : generator_calls<Y, S, R>(n) {}
  friend struct detail::generator_access;
};

/// For co_yield in a generator: yields all that `from` yields, a generator of the same Y and S or any range. What is sent and thrown goes
/// to a generator, and the expression gives what it returns.
///
/// A fresh generator that is an rvalue joins the chain: a step through it takes as long at any depth. Others are driven, a step each, and
/// an lvalue can be driven by others all the same; it has to outlive the expression.
template <class A>
  requires detail::generator_object<A> || std::ranges::input_range<A>
[[nodiscard]] detail::yielding_from<A> yield_from(A&& from) noexcept {
  return {std::forward<A>(from)};
}

/// The promise: what a body may yield and return.
template <class Y, class S, class R>
class generator<Y, S, R>::promise_type : public detail::generator_promise<promise_type, generator, Y, S, R> {
 public:
  template <class A>
  void await_transform(A&&) {
    static_assert(detail::never<A>,
                  "a generator yields, and awaits nothing: co_yield yield_from(g) for a generator or range; a body that awaits returns a "
                  "generator_coroutine");
  }
};

}  // namespace weft
