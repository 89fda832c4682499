// SPDX-License-Identifier: Apache-2.0
//
// What generators and coroutines await besides coroutines: a generator, what is driven like one, and a range.
#pragma once

#include "weft/detail/awaited.hpp"
#include "weft/detail/coro_await.hpp"
#include "weft/detail/generator_node.hpp"
#include "weft/detail/protocol_values.hpp"
#include "weft/errors.hpp"
#include "weft/send_result.hpp"

#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace weft::detail {

/// What is returned by what had ended before: the None of R, or nothing.
template <class R>
R none_returned() {
  if constexpr (std::is_void_v<R>)
    return;
  else if constexpr (none_of<R>::exists)
    return R();
  else
    throw stop_iteration("the generator has ended, and what it returns has no None");
}

/// A step of a generator that is sent `sent` (an S, or null for none), its result to go to `result`.
template <class S>
generator_step step_with(generator_node& n, void* sent, void* result) {
  if constexpr (!none_of<S>::exists)
    if (sent == nullptr) expects_fresh(n);
  if (n.phase == generator_node::running) return advance(n, false);  // it says so
  if (sent != nullptr && n.phase == generator_node::suspended) n.leaf->sent = sent;
  const forgetting_result last{n};
  n.result = result;
  return advance(n, sent != nullptr && !none_of<S>::is(*static_cast<S*>(sent)));
}

/// A co_await or co_yield of something that is driven, in a body whose node is a Node. `step` takes the first step.
template <class Node>
class driving_awaiter : public awaited {
 public:
  explicit driving_awaiter(Node& by) noexcept : by_(by) {}
  driving_awaiter(const driving_awaiter&) = delete;
  driving_awaiter& operator=(const driving_awaiter&) = delete;

  [[nodiscard]] bool await_ready() const noexcept { return false; }

 protected:
  ~driving_awaiter() = default;

  /// Whether to suspend, given whether the first step has yielded.
  bool begin(bool has_yielded) noexcept {
    if (has_yielded) start_driving(by_, *this);
    return has_yielded;
  }

  Node& by_;
};

/// Awaits a generator through its node; IsOwner: drops it in the end.
template <class Node, class Y, class S, class R, bool IsOwner>
class generator_awaiter final : public driving_awaiter<Node> {
 public:
  generator_awaiter(Node& by, generator_node& inner) noexcept : driving_awaiter<Node>(by), inner_(inner) {}
  ~generator_awaiter() {
    if constexpr (IsOwner) drop(&inner_);
  }

  bool send(exchange& with) override { return pass_on(step_with<S>(inner_, with.sent, place_.address()), with); }
  bool raise(exchange& with, std::exception_ptr thrown) override {
    return pass_on(raise_in(inner_, std::move(thrown), place_.address()), with);
  }
  void close() override { detail::close(inner_); }
  [[nodiscard]] awaited_kind kind() const noexcept override { return awaited_kind::generator; }
  [[nodiscard]] std::string name() const override { return name_of(inner_); }
  [[nodiscard]] const awaited* awaiting() const noexcept override { return inner_.awaiting; }

  /// A fresh one that is ours joins the chain of generators; others are driven.
  auto await_suspend(std::coroutine_handle<> self) {
    if constexpr (IsOwner && std::is_same_v<Node, generator_node>) {
      if (inner_.phase == generator_node::created) {
        link(inner_, this->by_);
        this->by_.awaiting = this;
        inner_.result = place_.address();
        is_linked_ = true;
        return transfer(inner_.body());
      }
      return this->begin(first_step()) ? std::coroutine_handle<>(std::noop_coroutine()) : self;
    } else {
      return this->begin(first_step());
    }
  }
  R await_resume() {
    wake(this->by_);
    if (is_linked_) {
      const std::exception_ptr failure = free_ended(inner_);
      if (failure) std::rethrow_exception(failure);
    }
    return is_exhausted_ ? none_returned<R>() : place_.take();
  }

 private:
  bool first_step() { return pass_on(step_with<S>(inner_, nullptr, place_.address()), chain_root(this->by_)); }
  /// What became of one step: true if it yielded, to `with`.
  bool pass_on(generator_step step, exchange& with) noexcept {
    is_exhausted_ = step == generator_step::exhausted;
    if (step != generator_step::yielded) return false;
    with.yielded = inner_.yielded;
    return true;
  }

  generator_node& inner_;
  [[no_unique_address]] result_place<R> place_;
  bool is_linked_ = false;
  bool is_exhausted_ = false;
};

/// What has the calls of a generator and is none of ours: `source` is a G, or a reference to one.
template <class Node, class Y, class S, class R, class G>
class duck_awaiter final : public driving_awaiter<Node> {
 public:
  duck_awaiter(Node& by, G&& source) : driving_awaiter<Node>(by), source_(std::forward<G>(source)) {}

  bool send(exchange& with) override {
    return pass_on(with.sent == nullptr ? next() : source_.send(std::move(*static_cast<S*>(with.sent))), with);
  }
  bool raise(exchange& with, std::exception_ptr thrown) override { return pass_on(source_.throw_(std::move(thrown)), with); }
  void close() override { source_.close(); }
  [[nodiscard]] awaited_kind kind() const noexcept override { return awaited_kind::generator; }
  [[nodiscard]] std::string name() const override {
    if constexpr (requires { source_.name(); })
      return source_.name();
    else
      return "None";
  }

  bool await_suspend(std::coroutine_handle<>) { return this->begin(pass_on(next(), chain_root(this->by_))); }
  R await_resume() {
    wake(this->by_);
    if constexpr (!std::is_void_v<R>) return std::move(*step_).returned();
  }

 private:
  send_result<Y, R> next() {
    if constexpr (requires { source_.next(); }) {
      return source_.next();
    } else {
      static_assert(none_of<S>::exists, "what is yielded from is sent a None where nobody sends a value, and S has none: give it a next()");
      return source_.send(S());
    }
  }
  bool pass_on(send_result<Y, R> step, exchange& with) {
    step_.emplace(std::move(step));
    if (!step_->is_yielded()) return false;
    if constexpr (std::is_reference_v<Y>)
      with.yielded = yielded_value<Y>(std::in_place, step_->yielded().get()).address();
    else
      with.yielded = std::addressof(step_->yielded());
    return true;
  }

  G source_;
  std::optional<send_result<Y, R>> step_;
};

/// Yields what a range has; it has neither send, throw nor close.
template <class Node, class Y, class S, class Range>
class range_awaiter final : public driving_awaiter<Node> {
 public:
  range_awaiter(Node& by, Range&& range, std::string_view type)
      : driving_awaiter<Node>(by), range_(std::forward<Range>(range)), type_(type) {}

  bool send(exchange& with) override {
    if (with.sent != nullptr && !none_of<S>::is(*static_cast<S*>(with.sent)))
      throw attribute_error("'" + std::string(type_) + "' object has no attribute 'send'");
    ++*at_;
    return yield(with);
  }
  bool raise(exchange&, std::exception_ptr thrown) override { std::rethrow_exception(std::move(thrown)); }
  void close() override {}
  [[nodiscard]] awaited_kind kind() const noexcept override { return awaited_kind::range; }
  [[nodiscard]] std::string name() const override { return std::string(type_); }

  bool await_suspend(std::coroutine_handle<>) {
    at_.emplace(std::ranges::begin(range_));
    return this->begin(yield(chain_root(this->by_)));
  }
  void await_resume() { wake(this->by_); }

 private:
  bool yield(exchange& with) {
    if (*at_ == std::ranges::end(range_)) return false;
    held_.emplace(std::in_place, **at_);
    with.yielded = held_->address();
    return true;
  }

  Range range_;
  std::string_view type_;
  std::optional<std::ranges::iterator_t<Range>> at_;
  std::optional<yielded_value<Y>> held_;
};

}  // namespace weft::detail
