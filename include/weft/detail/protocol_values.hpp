// SPDX-License-Identifier: Apache-2.0
//
// The values that coroutines and generators are sent, yield and return, below their nodes.
#pragma once

#include "weft/detail/sync.hpp"
#include "weft/errors.hpp"

#include <cstddef>
#include <exception>
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

/// Holds a Y that is yielded, or what it refers to, for as long as the driver needs it.
template <class Y>
class yielded_value {
 public:
  template <class V>
  WEFT_INLINE explicit yielded_value(std::in_place_t, V&& value) : value_(std::forward<V>(value)) {}
  [[nodiscard]] WEFT_INLINE void* address() noexcept { return std::addressof(value_); }

 private:
  Y value_;
};
template <>
class yielded_value<void> {};
template <class Y>
class yielded_value<Y&> {
 public:
  WEFT_INLINE explicit yielded_value(std::in_place_t, Y& value) noexcept : value_(std::addressof(value)) {}
  [[nodiscard]] WEFT_INLINE void* address() const noexcept { return const_cast<void*>(static_cast<const void*>(value_)); }

 private:
  Y* value_;
};

/// A yielded Y, to be moved out, or the reference that it is.
template <class Y>
WEFT_INLINE decltype(auto) move_yielded(void* yielded) noexcept {
  if constexpr (std::is_reference_v<Y>)
    return static_cast<Y>(*static_cast<std::remove_reference_t<Y>*>(yielded));
  else
    return std::move(*static_cast<Y*>(yielded));
}

/// Raw storage for what is returned; it is constructed there by the body.
template <class R>
class result_place {
  using held = std::conditional_t<std::is_reference_v<R>, std::remove_reference_t<R>*, R>;

 public:
  [[nodiscard]] void* address() noexcept { return bytes_; }
  /// Moves the value out. Once, after the body returned.
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

/// Constructs what is returned at the place the driver gave; a driver that gave none discards it.
template <class R>
class returned_value {
 public:
  template <class V>
  void give(void* result, V&& value) {
    give_up(result);  // a body may return again after a local's destructor threw
    if (result == nullptr) return;
    if constexpr (std::is_reference_v<R>)
      ::new (result) std::remove_reference_t<R>*(std::addressof(value));
    else
      ::new (result) R(std::forward<V>(value));
    is_given_ = true;
  }
  void give_up(void* result) noexcept {
    if constexpr (!std::is_reference_v<R>)
      if (std::exchange(is_given_, false)) std::destroy_at(static_cast<R*>(result));
  }

 private:
  bool is_given_ = false;
};
template <>
class returned_value<void> {
 public:
  void give_up(void*) noexcept {}
};

/// How a body's return reaches its driver: a base of its promise.
template <class Promise, class R>
struct protocol_returns {
  template <class V = R>
    requires std::is_constructible_v<R, V>
  void return_value(V&& value) {
    returned_.give(static_cast<Promise*>(this)->node().result, std::forward<V>(value));
  }

 protected:
  returned_value<R> returned_;
};
template <class Promise>
struct protocol_returns<Promise, void> {
  void return_void() const noexcept {}

 protected:
  returned_value<void> returned_;
};

/// What throw_ is given must be something.
inline void expects_thrown(const std::exception_ptr& thrown) {
  if (!thrown) throw type_error("throw_: the exception_ptr is null; pass one that holds an exception");
}

/// The source_location among a body's parameters, or one that says nothing.
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

}  // namespace weft::detail
