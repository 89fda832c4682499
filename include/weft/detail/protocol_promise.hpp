// SPDX-License-Identifier: Apache-2.0
//
// The promises of coroutines and generators, below what they may await: how a body starts, yields and ends.
//
// The hot path of a body is its co_yield, and it is kept short. What is yielded lies in the promise, if it can be left there, so that no
// awaiter has to find it and the node through the frame. Neither the end nor an exception is told by the promise itself: clang would keep
// its address in a register of the caller's for all of the body.
#pragma once

#include "weft/awaitable.hpp"
#include "weft/detail/protocol_node.hpp"
#include "weft/detail/protocol_values.hpp"
#include "weft/detail/resume.hpp"

#include <coroutine>
#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace weft::detail {

/// The end: back to who awaits it in the chain, or to who sent.
template <class Node>
struct protocol_final_awaiter {
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_resume() const noexcept {}
  template <class Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
    if (node_of<Node>(frame_of(ended))->awaiter == nullptr) {
      Node::end(frame_of(ended));
      return std::noop_coroutine();
    }
    return transfer(Node::unlink(frame_of(ended)));
  }
};

/// What is in a node stays there. To a compiler that sees a whole life at once, storage holds nothing before the constructor of what lies
/// in it and after its destructor: it would leave out what is written to the node before the one and after the other. Costs no
/// instruction.
WEFT_INLINE void keep_node() noexcept { asm volatile("" ::: "memory"); }

/// First base of a promise: its node, which is made with the block and outlives the promise.
template <class Node>
struct protocol_start {
  protocol_start() noexcept { keep_node(); }
  protocol_start(const protocol_start&) = delete;
  protocol_start& operator=(const protocol_start&) = delete;
  ~protocol_start() { keep_node(); }

  static void* operator new(std::size_t bytes) {
    void* const body = Node::allocate(bytes);
    keep_node();
    return body;
  }
  static void operator delete(void* body, std::size_t) noexcept {
    keep_node();
    Node::release(body);
  }

  [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
  [[nodiscard]] protocol_final_awaiter<Node> final_suspend() const noexcept { return {}; }
  static void unhandled_exception() noexcept { keep_escaped(Node::kind); }

  [[nodiscard]] WEFT_INLINE Node& node() noexcept { return *std::launder(reinterpret_cast<Node*>(node_)); }

 private:
  alignas(Node) std::byte node_[sizeof(Node)];  // the promise's first member; nothing is written to it here
};

/// The awaiter of a co_yield whose value lies in the promise, which has set it.
template <class Node, class S>
struct yield_point : protocol_start<Node>, weft_awaiter {
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<>) const noexcept {}
  WEFT_INLINE S await_resume() { return take_sent<S>(this->node()); }
};

/// The awaiter of a co_yield that holds its value: hands it to whoever drives the chain, and gives the S that is sent back.
template <class Node, class Y, class S>
class yield_awaiter {
 public:
  template <class V>
  WEFT_INLINE yield_awaiter(Node& by, V&& value) : by_(by), value_(std::in_place, std::forward<V>(value)) {}

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  WEFT_INLINE void await_suspend(std::coroutine_handle<>) noexcept { chain_root(by_).yielded = value_.address(); }
  WEFT_INLINE S await_resume() { return take_sent<S>(by_); }

 private:
  Node& by_;
  yielded_value<Y> value_;
};

/// A promise that yields Y and is sent S.
template <class Node, class Y, class S>
struct protocol_yields : yield_point<Node, S> {
  /// Yields a Y, made from `value`; the expression gives the S that is sent back.
  template <class V>
    requires std::is_constructible_v<yielded_value<Y>, std::in_place_t, V>
  WEFT_INLINE decltype(auto) yield_value(V&& value) {
    if constexpr (!is_in_slot) {
      return yield_awaiter<Node, Y, S>(this->node(), std::forward<V>(value));
    } else {
      auto* const held = ::new (slot_) yielded_value<Y>(std::in_place, std::forward<V>(value));
      if constexpr (!Node::yields_from_slot || std::is_reference_v<Y>) chain_root(this->node()).yielded = held->address();
      return awaiting(static_cast<yield_point<Node, S>&>(*this));
    }
  }

  /// Where all that is yielded lies, or null.
  [[nodiscard]] void* slot() noexcept { return is_in_slot && !std::is_reference_v<Y> ? slot_ : nullptr; }

 private:
  static constexpr bool is_in_slot = std::is_trivially_copyable_v<yielded_value<Y>> && sizeof(yielded_value<Y>) <= 2 * sizeof(void*);
  struct nothing {};

  alignas(std::conditional_t<is_in_slot, yielded_value<Y>, nothing>) std::byte slot_[is_in_slot ? sizeof(yielded_value<Y>) : 1];
};

/// What is no coroutine and can be awaited in a body: protocol_await<Y, S>(node) gives an awaiter that is `awaited`.
template <class A, class Y, class S, class Node>
concept protocol_awaitable = requires(A&& a, Node& by) { std::forward<A>(a).template protocol_await<Y, S>(by); };

}  // namespace weft::detail
