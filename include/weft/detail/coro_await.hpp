// SPDX-License-Identifier: Apache-2.0
//
// What a coroutine may await: another of the same Y and S, in its chain; a view of one, driven step by step.
#pragma once

#include "weft/detail/coro_node.hpp"
#include "weft/detail/protocol_promise.hpp"
#include "weft/detail/protocol_values.hpp"
#include "weft/errors.hpp"

#include <coroutine>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace weft::detail {

/// What became of one step of `inner`: true if it yielded, to `with`; `held` keeps the value.
template <class Y>
bool pass_on(coro_node& inner, exchange& with, std::optional<yielded_value<Y>>& held) {
  if (inner.yielded == nullptr) {
    end(inner);
    return false;
  }
  const leaving_suspended last{inner};
  if constexpr (!std::is_void_v<Y>) {
    held.emplace(std::in_place, move_yielded<Y>(inner.yielded));
    with.yielded = held->address();
  }
  return true;
}

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

/// take() to send nothing: a coroutine that waits for a value of a type without a None cannot be given one.
template <class S>
void take_for_none(coro_node& n) {
  if constexpr (none_of<S>::exists)
    take(n, false);
  else
    take_created(n);
  n.sent = nullptr;
}

/// `by` has been resumed in an await: throws what was thrown into it.
inline void wake(coro_node& by) {
  by.awaiting = nullptr;
  coro_node& root = chain_root(by);
  if (root.thrown) rethrow_thrown(root);
}

/// Awaits a coroutine through its node, of which it takes over a reference, in a body of whose node is a Node.
template <class Node, class Y, class S, class R>
class node_awaiter : public awaited {
 public:
  node_awaiter(Node& by, coro_node& inner) noexcept : by_(by), inner_(inner) {}
  node_awaiter(const node_awaiter&) = delete;
  node_awaiter& operator=(const node_awaiter&) = delete;

  bool send(exchange& with) final {
    if (with.sent == nullptr) {
      take_for_none<S>(inner_);
    } else {
      detail::take(inner_, !none_of<S>::is(*static_cast<S*>(with.sent)));
      inner_.sent = with.sent;
    }
    place_result();
    run(inner_);
    return pass_on<Y>(inner_, with, held_);
  }
  bool raise(exchange& with, std::exception_ptr thrown) final {
    raise_in(inner_, std::move(thrown), place_.address());
    return pass_on<Y>(inner_, with, held_);
  }
  void close() final { detail::close(inner_); }
  [[nodiscard]] std::string name() const final { return name_of(inner_); }

 protected:
  ~node_awaiter() { drop_strong(&inner_); }

  void place_result() noexcept {
    inner_.result = place_.address();
    inner_.yielded = nullptr;
  }

  Node& by_;
  coro_node& inner_;
  [[no_unique_address]] result_place<R> place_;
  std::optional<yielded_value<Y>> held_;  // what it yielded, if it is driven
};

/// co_await of a coroutine in a coroutine: it joins the chain.
template <class Y, class S, class R>
class coro_awaiter final : public node_awaiter<coro_node, Y, S, R> {
 public:
  using node_awaiter<coro_node, Y, S, R>::node_awaiter;

  [[nodiscard]] awaited_kind kind() const noexcept override { return awaited_kind::coroutine; }
  [[nodiscard]] const awaited* awaiting() const noexcept override { return this->inner_.awaiting; }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<>) {
    link(this->inner_, this->by_);
    this->by_.awaiting = this;
    this->place_result();
    return transfer(this->inner_.body());
  }
  R await_resume() {
    wake(this->by_);
    if (this->inner_.frame_is == coro_node::alive) {  // it ended in the chain
      const std::exception_ptr failure = free_ended(this->inner_);
      if (failure) std::rethrow_exception(failure);
    }
    return this->place_.take();
  }
};

/// co_await of a view, and of a coroutine in a generator: it stays a root and is driven, whether somebody awaits it already or not.
template <class Node, class Y, class S, class R>
class view_awaiter final : public node_awaiter<Node, Y, S, R> {
 public:
  view_awaiter(Node& by, coro_node& inner, awaited_kind kind) noexcept : node_awaiter<Node, Y, S, R>(by, inner), kind_(kind) {}

  [[nodiscard]] awaited_kind kind() const noexcept override { return kind_; }
  [[nodiscard]] const awaited* awaiting() const noexcept override {
    return kind_ == awaited_kind::coroutine ? this->inner_.awaiting : nullptr;
  }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<>) {
    take_for_none<S>(this->inner_);
    this->place_result();
    run(this->inner_);
    if (!pass_on<Y>(this->inner_, chain_root(this->by_), this->held_)) return false;
    start_driving(this->by_, *this);
    return true;
  }
  R await_resume() {
    wake(this->by_);
    return this->place_.take();
  }

 private:
  const awaited_kind kind_;
};

}  // namespace weft::detail
