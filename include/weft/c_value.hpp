// SPDX-License-Identifier: Apache-2.0
//
// A value of the C interface as C++ keeps it, and the exceptions that carry one.
#pragma once

#include "weft/detail/protocol_values.hpp"
#include "weft/errors.hpp"
#include "weft/weft.h"

#include <string>
#include <utility>

namespace weft {

/// Owns a weft_coro_value. What its functions allow says on which threads it may go.
class c_value {
 public:
  /// None.
  constexpr c_value() noexcept = default;
  /// Plain bits.
  explicit constexpr c_value(void* bits) noexcept : value_{bits, nullptr} {}
  c_value(const c_value& other) : c_value(share(other.value_)) {}
  c_value(c_value&& other) noexcept : value_(other.give()) {}
  // Not by value: g++ 12 destroys the argument of `v = co_yield ..` twice.
  /// Keeps what `other` does.
  c_value& operator=(const c_value& other) { return *this = c_value(other); }
  /// Keeps what `other` did.
  c_value& operator=(c_value&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~c_value() {
    if (value_.ops != nullptr && value_.ops->release != nullptr) value_.ops->release(value_.data);
  }

  /// Takes over a reference.
  [[nodiscard]] static c_value take(weft_coro_value value) noexcept {
    c_value taken;
    taken.value_ = value;
    return taken;
  }
  /// A reference more to a borrowed value.
  [[nodiscard]] static c_value share(weft_coro_value value) {
    if (value.ops != nullptr && value.ops->retain != nullptr) value.ops->retain(value.data);
    return take(value);
  }
  /// Gives the reference away; this is None then.
  [[nodiscard]] weft_coro_value give() noexcept { return std::exchange(value_, weft_coro_value{nullptr, nullptr}); }

  /// The value, borrowed.
  [[nodiscard]] weft_coro_value get() const noexcept { return value_; }
  /// Whether it is None.
  [[nodiscard]] bool is_none() const noexcept { return value_.data == nullptr && value_.ops == nullptr; }

 private:
  weft_coro_value value_{nullptr, nullptr};
};

/// What weft_coro_exc_user() makes.
class c_error : public error {
 public:
  /// One that carries `payload` and says `text`.
  explicit c_error(c_value payload, const std::string& text = "an exception of the program's own")
      : error(text), payload_(std::move(payload)) {}
  /// What it carries.
  [[nodiscard]] const c_value& payload() const noexcept { return payload_; }

 private:
  c_value payload_;
};

/// What weft_coro_exc_stop() makes.
class c_stop_iteration : public stop_iteration {
 public:
  /// One that carries `value`.
  explicit c_stop_iteration(c_value value) : value_(std::move(value)) {}
  /// What it carries.
  [[nodiscard]] const c_value& value() const noexcept { return value_; }

 private:
  c_value value_;
};

namespace detail {

template <>
struct none_of<c_value> {
  static constexpr bool exists = true;
  static bool is(const c_value& sent) noexcept { return sent.is_none(); }
};

}  // namespace detail

}  // namespace weft
