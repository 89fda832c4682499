// SPDX-License-Identifier: Apache-2.0
//
// coroutine<Y, S, R>: Python's coroutine object. It is sent an S, yields a Y, returns an R, and is driven by whoever holds it.
//
// Awaiting hands all of it through: what the innermost coroutine yields goes to whoever drives the outermost, what is sent or thrown
// goes to the innermost, in the same few instructions at any depth.
#pragma once

#include "weft/awaitable.hpp"
#include "weft/coroutine_calls.hpp"
#include "weft/detail/coro_await.hpp"
#include "weft/detail/coro_node.hpp"
#include "weft/detail/protocol_promise.hpp"
#include "weft/detail/protocol_values.hpp"

#include <coroutine>
#include <optional>
#include <source_location>
#include <type_traits>
#include <utility>

namespace weft {

template <class Y, class S, class R>
class coroutine;

/// Whether T is a coroutine object, as inspect.iscoroutine says it.
template <class T>
inline constexpr bool is_coroutine_v = false;
/// As above.
template <class Y, class S, class R>
inline constexpr bool is_coroutine_v<coroutine<Y, S, R>> = true;

namespace detail {

struct coroutine_access {
  template <class C>
  [[nodiscard]] static coro_node& node(const C& c, const char* call) {
    return c.here(call);
  }
  /// The reference that `c` was.
  template <class C>
  [[nodiscard]] static coro_node& release(C& c, const char* call) {
    c.here(call);
    return *std::exchange(c.node_, nullptr);
  }
  template <class C>
  [[nodiscard]] static C make(coro_node* n) noexcept {
    return C(n);
  }
  template <class C>
  [[nodiscard]] static C make_shared(coro_node& n) noexcept {
    add_strong(n);
    return C(&n);
  }
};

/// A coroutine that yields nothing, awaited by a task.
template <class C>
class coroutine_in_task : public weft_awaiter {
  using result = typename C::return_type;

 public:
  explicit coroutine_in_task(C&& c) noexcept : coroutine_(std::move(c)) {}
  [[nodiscard]] bool await_ready() const noexcept { return true; }
  void await_suspend(std::coroutine_handle<>) const noexcept {}
  result await_resume() {
    static_assert(std::is_void_v<typename C::yield_type>,
                  "a task can await a coroutine that yields nothing; what this one yields needs somebody: drive(c, handler)");
    if constexpr (std::is_void_v<result>)
      static_cast<void>(coroutine_.send());
    else
      return std::move(coroutine_.send()).returned();
  }

 private:
  C coroutine_;
};

}  // namespace detail

/// A coroutine object: created by calling a coroutine function that returns it, lazily started, of one owner. Dropping the last reference
/// closes it: errors go to the unraisable hook, and one that was never started is told to the never-awaited hook. Whoever calls it keeps a
/// reference until the call returns: if the last one goes while it runs, the process ends and says so.
///
/// Its body awaits coroutines, views and generators of the same Y and S, and nothing else: what waits for the scheduler is yielded to
/// whoever drives it, drive(c, handler).
template <class Y, class S, class R>
class [[nodiscard]] coroutine final : public coroutine_calls<Y, S, R> {
 public:
  class promise_type;

  coroutine(coroutine&& other) noexcept : coroutine_calls<Y, S, R>(std::exchange(other.node_, nullptr)) {}
  coroutine& operator=(coroutine&& other) noexcept {
    coroutine(std::move(other)).swap(*this);
    return *this;
  }
  ~coroutine() = default;
  /// Exchanges two coroutines.
  void swap(coroutine& other) noexcept { std::swap(this->node_, other.node_); }

  /// For a task: runs a coroutine that yields nothing to its end, here. Others are driven: drive(c, handler).
  [[nodiscard]] auto operator co_await() && { return detail::coroutine_in_task<coroutine>(std::move(*this)); }

 private:
  explicit coroutine(detail::coro_node* n) noexcept : coroutine_calls<Y, S, R>(n) {}
  friend struct detail::coroutine_access;
};

/// A further reference to a coroutine.
template <class Y, class S, class R>
class [[nodiscard]] coroutine_view final : public coroutine_calls<Y, S, R> {
 public:
  coroutine_view(const coroutine_view& other) noexcept : coroutine_calls<Y, S, R>(other.node_) {
    if (this->node_ != nullptr) detail::add_strong(*this->node_);
  }
  coroutine_view(coroutine_view&& other) noexcept : coroutine_calls<Y, S, R>(std::exchange(other.node_, nullptr)) {}
  /// Refers to what `other` does.
  coroutine_view& operator=(coroutine_view other) noexcept {
    std::swap(this->node_, other.node_);
    return *this;
  }
  ~coroutine_view() = default;

 private:
  explicit coroutine_view(detail::coro_node* n) noexcept : coroutine_calls<Y, S, R>(n) {}
  friend struct detail::coroutine_access;
};

/// A reference that does not keep its coroutine alive. Any thread.
template <class Y, class S, class R>
class [[nodiscard]] weak_coroutine final {
 public:
  weak_coroutine(const weak_coroutine& other) noexcept : node_(other.node_) {
    if (node_ != nullptr) node_->weak.fetch_add(1, detail::relaxed);  // ours is one
  }
  weak_coroutine(weak_coroutine&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
  /// Refers to what `other` does.
  weak_coroutine& operator=(weak_coroutine other) noexcept {
    std::swap(node_, other.node_);
    return *this;
  }
  ~weak_coroutine() {
    if (node_ != nullptr) detail::drop_weak(node_);
  }

  /// A view, or nothing once the last reference is gone: already while it is being closed for that.
  [[nodiscard]] std::optional<coroutine_view<Y, S, R>> lock() const {
    if (node_ == nullptr || !detail::try_add_strong(*node_)) return std::nullopt;
    return detail::coroutine_access::make<coroutine_view<Y, S, R>>(node_);
  }

 private:
  explicit weak_coroutine(detail::coro_node* n) noexcept : node_(n) {}
  friend struct detail::coroutine_access;

  detail::coro_node* node_;
};

template <class Y, class S, class R>
coroutine_view<Y, S, R> coroutine_calls<Y, S, R>::view() const {
  return detail::coroutine_access::make_shared<coroutine_view<Y, S, R>>(here("view"));
}
template <class Y, class S, class R>
weak_coroutine<Y, S, R> coroutine_calls<Y, S, R>::weak() const {
  here("weak").weak.fetch_add(1, detail::relaxed);  // this reference is one
  return detail::coroutine_access::make<weak_coroutine<Y, S, R>>(node_);
}

namespace detail {

/// What the body of a coroutine or of a generator-based one may await: a base of its promise.
template <class Promise, class Y, class S>
struct protocol_awaits {
  /// In a coroutine it joins the chain, in a generator it is driven.
  template <class R>
  auto await_transform(coroutine<Y, S, R>&& inner) {
    return await_coroutine<R>(awaiting_node(), coroutine_access::release(inner, "co_await coroutine"));
  }
  template <class R>
  auto await_transform(coroutine<Y, S, R>& inner) {
    coro_node& n = coroutine_access::node(inner, "co_await coroutine");
    add_strong(n);
    return await_coroutine<R>(awaiting_node(), n);
  }
  template <class R>
  auto await_transform(coroutine_view<Y, S, R> inner) {
    auto& by = awaiting_node();
    return view_awaiter<std::remove_reference_t<decltype(by)>, Y, S, R>(by, coroutine_access::release(inner, "co_await view"),
                                                                        awaited_kind::view);
  }
  /// Whatever offers protocol_await is driven, also if `operator co_await` makes it.
  template <class A>
  auto await_transform(A&& a) {
    using node = std::remove_reference_t<decltype(awaiting_node())>;
    if constexpr (protocol_awaitable<A, Y, S, node>)
      return std::forward<A>(a).template protocol_await<Y, S>(awaiting_node());
    else if constexpr (has_member_co_await<A>)
      return await_made(std::forward<A>(a).operator co_await());
    else
      static_assert(never<A>,
                    "a coroutine awaits coroutines, views, as_coroutine's generators and ranges of its own Y and S; a plain generator "
                    "can't be used in 'await' expression; yield anything else to its driver: drive(coroutine, handler)");
  }

 private:
  auto& awaiting_node() noexcept { return static_cast<Promise*>(this)->node(); }

  template <class R>
  static coro_awaiter<Y, S, R> await_coroutine(coro_node& by, coro_node& inner) {
    return {by, inner};
  }
  template <class R, class Node>
  static view_awaiter<Node, Y, S, R> await_coroutine(Node& by, coro_node& inner) {
    return {by, inner, awaited_kind::coroutine};
  }
  template <class A>
  auto await_made(A&& a) {
    static_assert(!is_coroutine_v<std::remove_cvref_t<A>>, "operator co_await returned a coroutine: co_await that instead");
    static_assert(protocol_awaitable<A, Y, S, std::remove_reference_t<decltype(awaiting_node())>>,
                  "operator co_await must give what a coroutine can drive: a generator_coroutine or await_range of its Y and S; yield "
                  "anything else to its driver: drive(coroutine, handler)");
    return std::forward<A>(a).template protocol_await<Y, S>(awaiting_node());
  }
};

}  // namespace detail

/// The promise: what a body may yield, await and return.
template <class Y, class S, class R>
class coroutine<Y, S, R>::promise_type : public detail::protocol_yields<detail::coro_node, Y, S>,
                                         public detail::protocol_returns<promise_type, R>,
                                         public detail::protocol_awaits<promise_type, Y, S> {
 public:
  template <class... Parameters>
  explicit promise_type(const Parameters&... parameters) noexcept {
    static_assert(alignof(promise_type) == alignof(detail::coro_node), "the node must lie at a fixed place in the frame");
    this->node().where = detail::location_among(parameters...);
  }

  ~promise_type() {
    if (this->node().failure) this->returned_.give_up(this->node().result);  // a local's destructor threw after co_return
  }

  coroutine get_return_object(std::source_location own = std::source_location::current()) noexcept {
    return detail::coroutine_access::make<coroutine>(&detail::bear(this->node(), own));
  }
};

}  // namespace weft
