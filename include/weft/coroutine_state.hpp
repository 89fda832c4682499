// SPDX-License-Identifier: Apache-2.0
//
// Introspection: where a coroutine is in its life, and what it awaits.
#pragma once

#include "weft/detail/awaited.hpp"

#include <optional>
#include <string>

namespace weft {

/// Where a coroutine is in its life, as inspect.getcoroutinestate says it.
enum class coroutine_state { created, running, suspended, closed };

/// What a suspended coroutine awaits, as cr_await shows it. For whoever drives the coroutine: it is valid until the next call to it.
class awaited_object {
 public:
  using kind_of = detail::awaited_kind;

  /// Of what a node awaits.
  explicit awaited_object(const detail::awaited& what) noexcept : what_(&what) {}
  /// A coroutine, a view of one, a generator or a range.
  [[nodiscard]] kind_of kind() const noexcept { return what_->kind(); }
  /// Its name.
  [[nodiscard]] std::string name() const { return what_->name(); }
  /// What it awaits in turn, if it is a coroutine or generator in the same chain.
  [[nodiscard]] std::optional<awaited_object> awaiting() const {
    const detail::awaited* const inner = what_->awaiting();
    return inner == nullptr ? std::nullopt : std::optional(awaited_object(*inner));
  }

 private:
  const detail::awaited* what_;
};

}  // namespace weft
