// SPDX-License-Identifier: Apache-2.0
//
// result<T>: how one operation ended, as a value: what it gave, or what it threw.
#pragma once

#include "weft/detail/expects.hpp"

#include <exception>
#include <type_traits>
#include <utility>
#include <variant>

namespace weft {

/// A value or an exception. T may be void or a reference.
template <class T>
class [[nodiscard]] result {
  using held =
      std::conditional_t<std::is_void_v<T>, std::monostate, std::conditional_t<std::is_reference_v<T>, std::remove_reference_t<T>*, T>>;

 public:
  /// A value, made from `arguments`.
  template <class... Arguments>
  explicit result(std::in_place_t, Arguments&&... arguments) : state_(std::in_place_index<0>, std::forward<Arguments>(arguments)...) {}
  /// A failure.
  explicit result(std::exception_ptr failure) : state_(std::in_place_index<1>, std::move(failure)) {}

  /// Whether there is a value.
  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
  /// Whether there is a value.
  explicit operator bool() const noexcept { return has_value(); }

  /// The value; throws the failure if there is none.
  decltype(auto) value() & { return get(*this); }
  /// The value, moved out; throws the failure if there is none.
  T value() && {
    if constexpr (std::is_void_v<T> || std::is_reference_v<T>)
      return get(*this);
    else
      return std::move(get(*this));
  }

  /// The failure, or null.
  [[nodiscard]] std::exception_ptr failure() const noexcept { return has_value() ? nullptr : *std::get_if<1>(&state_); }

 private:
  static std::add_lvalue_reference_t<T> get(result& self) {
    if (!self.has_value()) std::rethrow_exception(*std::get_if<1>(&self.state_));
    if constexpr (std::is_reference_v<T>)
      return **std::get_if<0>(&self.state_);
    else if constexpr (!std::is_void_v<T>)
      return *std::get_if<0>(&self.state_);
  }

  std::variant<held, std::exception_ptr> state_;
};

}  // namespace weft
