// SPDX-License-Identifier: Apache-2.0
//
// What send, throw_ and next give: a value that was yielded, or the one that was returned.
#pragma once

#include <cstddef>
#include <functional>
#include <type_traits>
#include <utility>
#include <variant>

namespace weft {

namespace detail {

template <class T>
struct held_in_result {
  using type = T;
};
template <>
struct held_in_result<void> {
  using type = std::monostate;
};
template <class T>
struct held_in_result<T&> {
  using type = std::reference_wrapper<T>;
};

}  // namespace detail

/// Yielded a Y, or returned an R and ended. A normal return is no exception, unlike Python's StopIteration. A reference is held as a
/// std::reference_wrapper.
template <class Y, class R>
class [[nodiscard]] send_result {
  template <class T>
  using held = typename detail::held_in_result<T>::type;

 public:
  /// It yielded, constructed from `value`.
  template <class V>
  send_result(std::in_place_index_t<0> which, V&& value) : value_(which, std::forward<V>(value)) {}
  /// It returned, constructed from `value` (nothing, if it returns nothing).
  template <class... V>
  explicit(sizeof...(V) == 0) send_result(std::in_place_index_t<1> which, V&&... value) : value_(which, std::forward<V>(value)...) {}

  /// Whether it yielded, and can be resumed.
  [[nodiscard]] bool is_yielded() const noexcept { return value_.index() == 0; }
  /// Whether it returned, and has ended.
  [[nodiscard]] bool is_returned() const noexcept { return value_.index() == 1; }

  /// The value yielded. Throws std::bad_variant_access if it returned.
  [[nodiscard]] held<Y>& yielded() & { return std::get<0>(value_); }
  [[nodiscard]] const held<Y>& yielded() const& { return std::get<0>(value_); }
  [[nodiscard]] held<Y>&& yielded() && { return std::get<0>(std::move(value_)); }
  /// The value returned. Throws std::bad_variant_access if it yielded.
  [[nodiscard]] held<R>& returned() & { return std::get<1>(value_); }
  [[nodiscard]] const held<R>& returned() const& { return std::get<1>(value_); }
  [[nodiscard]] held<R>&& returned() && { return std::get<1>(std::move(value_)); }

 private:
  std::variant<held<Y>, held<R>> value_;
};

}  // namespace weft
