// SPDX-License-Identifier: Apache-2.0
//
// The promise of a generator, below its types: what it yields and yields from, and how it ends.
#pragma once

#include "weft/detail/generator_await.hpp"
#include "weft/detail/generator_node.hpp"
#include "weft/detail/protocol_promise.hpp"
#include "weft/detail/protocol_values.hpp"

#include <coroutine>
#include <cstddef>
#include <new>
#include <ranges>
#include <source_location>
#include <type_traits>
#include <utility>

namespace weft {

template <class Y, class S, class R>
class generator_calls;

}  // namespace weft

namespace weft::detail {

/// take_sent() of what waits for no value, where something was thrown. Apart, and told of the leaf by where its `thrown` lies: the common
/// case is then one comparison in memory.
template <class S>
WEFT_COLD_THROWS S take_thrown(std::exception_ptr& thrown) {
  auto& leaf = *std::launder(reinterpret_cast<generator_node*>(reinterpret_cast<std::byte*>(&thrown) - generator_node::place_of_thrown));
  if (leaf.sent == &thrown) rethrow_thrown(leaf);
  leaf.sent = nullptr;
  return S();
}

/// What `leaf`, which has just been resumed, was sent. Throws what was thrown into it instead.
template <class S>
WEFT_INLINE S take_sent(generator_node& leaf) {
  if constexpr (none_of<S>::exists)
    if (leaf.sent == nullptr) [[likely]]
      return S();
  if constexpr (std::is_same_v<S, std::monostate>) {
    return take_thrown<S>(leaf.thrown);
  } else {
    if (leaf.sent == &leaf.thrown) [[unlikely]]
      rethrow_thrown(leaf);
    return std::move(*static_cast<S*>(std::exchange(leaf.sent, nullptr)));
  }
}

/// What yield_from gives: a reference to its argument, which co_yield makes an awaiter of.
template <class A>
struct yielding_from {
  A&& from;
};

struct generator_access {
  template <class G>
  [[nodiscard]] static generator_node& node(const G& g, const char* call) {
    return g.here(call);
  }
  /// The generator that `g` was.
  template <class G>
  [[nodiscard]] static generator_node& release(G& g, const char* call) {
    g.here(call);
    return *std::exchange(g.node_, nullptr);
  }
  template <class G>
  [[nodiscard]] static G make(generator_node& n) noexcept {
    return G(&n);
  }
};

template <class G>
inline constexpr bool has_generator_calls = false;
template <class G>
  requires requires {
    typename G::yield_type;
    typename G::send_type;
    typename G::return_type;
  }
inline constexpr bool has_generator_calls<G> =
    std::is_base_of_v<generator_calls<typename G::yield_type, typename G::send_type, typename G::return_type>, G>;

/// A generator of ours, of any kind.
template <class G>
concept generator_object = has_generator_calls<std::remove_cvref_t<G>>;

/// Awaits `g` in the body whose node is `by`; an rvalue is taken over.
template <class Y, class S, class Node, class G>
auto await_generator(Node& by, G&& g, const char* call) {
  using object = std::remove_cvref_t<G>;
  static_assert(std::is_same_v<typename object::yield_type, Y> && std::is_same_v<typename object::send_type, S>,
                "what is yielded from or awaited must yield the same Y and be sent the same S");
  using result = typename object::return_type;
  if constexpr (std::is_lvalue_reference_v<G>)
    return generator_awaiter<Node, Y, S, result, false>(by, generator_access::node(g, call));
  else
    return generator_awaiter<Node, Y, S, result, true>(by, generator_access::release(g, call));
}

/// Promise of an Object that yields Y, is sent S and returns R.
template <class Promise, class Object, class Y, class S, class R>
struct generator_promise : protocol_yields<generator_node, Y, S>, protocol_returns<Promise, R> {
  ~generator_promise() {
    static_assert(alignof(Promise) == alignof(generator_node), "the node must lie at a fixed place in the frame");
    if (this->node().failure) this->returned_.give_up(this->node().result);  // a local's destructor threw after co_return
  }

  Object get_return_object(std::source_location own = std::source_location::current()) noexcept {
    return generator_access::make<Object>(bear(this->node(), own, this->slot()));
  }
  using protocol_yields<generator_node, Y, S>::yield_value;
  /// Yields what a generator or a range yields; the expression gives what the generator returns.
  template <class A>
  auto yield_value(yielding_from<A> inner) {
    if constexpr (generator_object<A>)
      return await_generator<Y, S>(this->node(), std::forward<A>(inner.from), "yield_from");
    else
      return range_awaiter<generator_node, Y, S, A>(this->node(), std::forward<A>(inner.from), "range_iterator");
  }
};

}  // namespace weft::detail
