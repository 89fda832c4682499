// SPDX-License-Identifier: Apache-2.0
//
// generator_coroutine<Y, S, R>: a generator that coroutines can await, as types.coroutine makes it of a generator function.
#pragma once

#include "weft/coroutine.hpp"
#include "weft/detail/generator_promise.hpp"
#include "weft/generator.hpp"
#include "weft/generator_calls.hpp"

#include <type_traits>
#include <utility>
#include <variant>

namespace weft {

/// A generator-based coroutine: all that a generator is, and awaitable. It differs from a coroutine in what a generator differs in: reuse
/// after its end is silent, nobody checks for another awaiter, errors say "generator", and dropping a fresh one warns nobody.
///
/// Its body may await what a coroutine's may. A coroutine of its Y and S awaits it; so does a task, if it yields nothing.
template <class Y, class S = std::monostate, class R = void>
class [[nodiscard]] generator_coroutine final : public generator_calls<Y, S, R> {
 public:
  class promise_type;

  /// Makes a generator awaitable.
  explicit generator_coroutine(generator<Y, S, R>&& plain)
      : generator_calls<Y, S, R>(&detail::generator_access::release(plain, "as_coroutine")) {}
  generator_coroutine(generator_coroutine&& other) noexcept : generator_calls<Y, S, R>(std::exchange(other.node_, nullptr)) {}
  generator_coroutine& operator=(generator_coroutine&& other) noexcept {
    generator_coroutine(std::move(other)).swap(*this);
    return *this;
  }
  ~generator_coroutine() = default;
  /// Exchanges two generators.
  void swap(generator_coroutine& other) noexcept { std::swap(this->node_, other.node_); }

  /// For a task: runs one that yields nothing to its end, here.
  [[nodiscard]] auto operator co_await() && { return detail::coroutine_in_task<generator_coroutine>(std::move(*this)); }
  /// For a body of the same Y and S: an lvalue has to outlive the await.
  template <class Y2, class S2, class Node>
    requires std::is_same_v<Y, Y2> && std::is_same_v<S, S2>
  auto protocol_await(Node& by) & {
    return detail::await_generator<Y, S>(by, *this, "co_await generator");
  }
  template <class Y2, class S2, class Node>
    requires std::is_same_v<Y, Y2> && std::is_same_v<S, S2>
  auto protocol_await(Node& by) && {
    return detail::await_generator<Y, S>(by, std::move(*this), "co_await generator");
  }

 private:
  explicit generator_coroutine(detail::generator_node* n) noexcept : generator_calls<Y, S, R>(n) {}
  friend struct detail::generator_access;
};

/// The promise: what a body may yield, await and return.
template <class Y, class S, class R>
class generator_coroutine<Y, S, R>::promise_type : public detail::generator_promise<promise_type, generator_coroutine, Y, S, R>,
                                                   public detail::protocol_awaits<promise_type, Y, S> {};

}  // namespace weft
