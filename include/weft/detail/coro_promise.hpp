// SPDX-License-Identifier: Apache-2.0
//
// The promise of a coroutine, below its types: what it yields, and how it ends. What is a template of its node serves generators, too.
#pragma once

#include "weft/detail/coro_node.hpp"
#include "weft/detail/protocol_values.hpp"

#include <coroutine>
#include <cstddef>
#include <utility>

namespace weft::detail {

/// What was sent to the chain of `by`, which has just been resumed. Throws what was thrown into it instead.
template <class S>
WEFT_INLINE S take_sent(coro_node& by) {
  coro_node& root = chain_root(by);
  if (root.thrown) [[unlikely]]
    rethrow_thrown(root);
  if constexpr (none_of<S>::exists)
    if (root.sent == nullptr) return S();
  return std::move(*static_cast<S*>(root.sent));
}

/// co_yield: hands a Y to whoever drives the chain, and gives the S that is sent back.
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

/// The end: back to who awaits it in the chain, or to who sent.
template <class Node>
struct protocol_final_awaiter {
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_resume() const noexcept {}
  template <class Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
    // By its frame, not by its node: the body then needs no register for the node.
    if (node_of<Node>(frame_of(ended))->awaiter == nullptr) return std::noop_coroutine();
    return transfer(Node::unlink(frame_of(ended)));
  }
};

/// What all promises of coroutines share.
struct coro_promise_start : protocol_promise<coro_node> {
  static void* operator new(std::size_t bytes) { return allocate_coroutine(bytes); }
  static void operator delete(void* body, std::size_t) noexcept { release_coroutine(body); }

  [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
  [[nodiscard]] protocol_final_awaiter<coro_node> final_suspend() const noexcept { return {}; }
};

/// What is no coroutine and can be awaited in a body: protocol_await<Y, S>(node) gives an awaiter that is `awaited`.
template <class A, class Y, class S, class Node>
concept protocol_awaitable = requires(A&& a, Node& by) { std::forward<A>(a).template protocol_await<Y, S>(by); };

}  // namespace weft::detail
