// SPDX-License-Identifier: Apache-2.0
//
// The promise of a protocol coroutine: its frame's place behind a node, what it yields, returns and lets escape.
#pragma once

#include "weft/detail/coro_node.hpp"

#include <coroutine>
#include <cstddef>
#include <memory>
#include <new>
#include <optional>
#include <source_location>
#include <type_traits>
#include <utility>
#include <variant>

namespace weft::detail {

/// Whether `sent` stands for Python's None: a monostate, an empty optional, a null pointer.
template <class S>
struct none_of {
  static constexpr bool exists = std::is_same_v<S, std::monostate> || std::is_pointer_v<S>;
  static bool is(const S& sent) noexcept {
    if constexpr (std::is_pointer_v<S>)
      return sent == nullptr;
    else
      return exists;
  }
};
template <class T>
struct none_of<std::optional<T>> {
  static constexpr bool exists = true;
  static bool is(const std::optional<T>& sent) noexcept { return !sent.has_value(); }
};

/// Raw storage for what a coroutine returns; it is constructed there by the coroutine.
template <class R>
class result_place {
  using held = std::conditional_t<std::is_reference_v<R>, std::remove_reference_t<R>*, R>;

 public:
  [[nodiscard]] void* address() noexcept { return bytes_; }
  /// Moves the value out. Once, after the coroutine returned.
  R take() {
    held& value = *std::launder(reinterpret_cast<held*>(bytes_));
    if constexpr (std::is_reference_v<R>) {
      return static_cast<R>(*value);
    } else {
      struct guard {
        held& value;
        ~guard() { std::destroy_at(std::addressof(value)); }
      } destroy_after{value};
      return std::move(value);
    }
  }

 private:
  alignas(held) std::byte bytes_[sizeof(held)];
};
template <>
class result_place<void> {
 public:
  [[nodiscard]] void* address() noexcept { return this; }
  void take() noexcept {}
};

/// What was sent to the chain of `by`, which has just been resumed. Throws what was thrown into it instead.
template <class S>
WEFT_INLINE S take_sent(coro_node& by) {
  coro_node& root = *by.root.load(relaxed);  // ours
  if (root.thrown) [[unlikely]]
    rethrow_thrown(by);
  if constexpr (none_of<S>::exists)
    if (root.sent == nullptr) return S();
  return std::move(*static_cast<S*>(root.sent));
}

/// co_yield: hands a Y to whoever drives the chain, and gives the S that is sent back.
template <class Y, class S>
class yield_awaiter {
 public:
  template <class V>
  WEFT_INLINE yield_awaiter(coro_node& by, V&& value) : by_(by), value_(std::forward<V>(value)) {}

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  WEFT_INLINE void await_suspend(std::coroutine_handle<>) noexcept { by_.root.load(relaxed)->yielded = std::addressof(value_); }  // ours
  WEFT_INLINE S await_resume() { return take_sent<S>(by_); }

 private:
  coro_node& by_;
  Y value_;
};

/// The end: back to who awaits it in the chain, or to who sent.
struct coro_final_awaiter {
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_resume() const noexcept {}
  template <class Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
    coro_node& n = *node_of(frame_of(ended));
    if (n.awaiter == nullptr) return std::noop_coroutine();
    return transfer(unlink(n).body());
  }
};

/// What all promises of Y and S share.
struct coro_promise_start {
  static void* operator new(std::size_t bytes) { return allocate_coroutine(bytes); }
  static void operator delete(void* body, std::size_t) noexcept { release_coroutine(body); }

  [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
  [[nodiscard]] coro_final_awaiter final_suspend() const noexcept { return {}; }

  /// The coroutine's node, which is made with the block and outlives the promise.
  [[nodiscard]] WEFT_INLINE coro_node& node() noexcept { return *std::launder(reinterpret_cast<coro_node*>(node_)); }

 private:
  alignas(coro_node) std::byte node_[sizeof(coro_node)];  // the promise's first member; nothing is written to it here
};

/// Constructs what is returned at the place the driver gave; a driver that gave none discards it.
template <class R>
class returned_value {
 public:
  template <class V>
  void give(coro_node& n, V&& value) {
    give_up(n);  // a body may return again after a local's destructor threw
    if (n.result == nullptr) return;
    if constexpr (std::is_reference_v<R>)
      ::new (n.result) std::remove_reference_t<R>*(std::addressof(value));
    else
      ::new (n.result) R(std::forward<V>(value));
    is_given_ = true;
  }
  void give_up(coro_node& n) noexcept {
    if constexpr (!std::is_reference_v<R>)
      if (std::exchange(is_given_, false)) std::destroy_at(static_cast<R*>(n.result));
  }

 private:
  bool is_given_ = false;
};
template <>
class returned_value<void> {
 public:
  void give_up(coro_node&) noexcept {}
};

/// The source_location among a coroutine's parameters, or one that says nothing.
template <class... Parameters>
[[nodiscard]] std::source_location location_among(const Parameters&... parameters) noexcept {
  std::source_location found;
  [[maybe_unused]] const auto look = [&](const auto& parameter) {
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(parameter)>, std::source_location>) found = parameter;
  };
  (look(parameters), ...);
  return found;
}

template <class T>
using not_void = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

template <class>
inline constexpr bool never = false;

/// What is no coroutine and can be awaited in one: protocol_await<Y, S>(node) gives an awaiter that is `awaited`.
template <class A, class Y, class S>
concept protocol_awaitable = requires(A&& a, coro_node& by) { std::forward<A>(a).template protocol_await<Y, S>(by); };

}  // namespace weft::detail
