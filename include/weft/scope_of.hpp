// SPDX-License-Identifier: Apache-2.0
//
// Scopes whose tasks all give a T: their results are taken as they come.
#pragma once

#include "weft/detail/scope_waits.hpp"
#include "weft/scope.hpp"
#include "weft/when_all_range.hpp"

#include <concepts>
#include <memory>
#include <optional>
#include <source_location>
#include <type_traits>
#include <utility>

namespace weft {

namespace detail {

/// A result of T, if there is one.
template <class T>
struct optional_result {
  using type = std::optional<in_vector<T>>;
};
template <>
struct optional_result<void> {
  using type = bool;
};

}  // namespace detail

/// A scope that hands on the results of its tasks in the order in which they end.
template <class T>
class scope_of : public scope {
 public:
  /// As scope::spawn(); the result comes by next().
  void spawn(task<T>&& t, spawn_options options = {}) {
    detail::scope_place place(state());
    if (!place.is_in()) refuse("scope::spawn");
    place.start(t, options.name, "scope::spawn", detail::child_of::its_results);
  }
  /// As scope::try_spawn(); the result comes by next().
  [[nodiscard]] bool try_spawn(task<T>&& t, spawn_options options = {}) {
    detail::scope_place place(state());
    if (!place.is_in() || !place.take_turn()) return false;
    place.start(t, options.name, "scope::try_spawn", detail::child_of::its_results);
    return true;
  }

  /// What next() gives: an optional, or, for tasks that give nothing, whether one has ended.
  using next_of = typename detail::optional_result<T>::type;

  class next_awaiter;
  /// `while (auto r = co_await s.next()) use(*r);`: the result of the next task that ends; nothing if all that were spawned so far have
  /// ended and their results are taken. Worker only, one task at a time (else usage_error); resumes at home. Throws operation_cancelled
  /// if there is no result and the wait is cancelled, or the scope is: for a failed task has no result. What has come by then is given
  /// first; what is never taken is destroyed at the end of the scope.
  [[nodiscard]] next_awaiter next(std::source_location where = std::source_location::current()) const noexcept {
    return next_awaiter(state(), where);
  }

 private:
  friend struct detail::scope_access;
  using scope::scope;
};

/// Waits for the next result.
template <class T>
class scope_of<T>::next_awaiter : public detail::scope_next {
 public:
  using scope_next::scope_next;

  next_of await_resume() {
    const std::unique_ptr<detail::root, detail::drop_root> taken(this->next());
    if constexpr (std::is_void_v<T>)
      return taken != nullptr;
    else
      return taken == nullptr ? next_of() : next_of(detail::take_from(static_cast<detail::child_root<T>&>(*taken).value));
  }
};

/// with_scope() for tasks that all give a T: `co_await with_scope<int>([&](scope_of<int>& s) -> task<> { .. })`.
template <class T, class Body>
  requires std::invocable<Body&, scope_of<T>&>
[[nodiscard]] task<detail::body_result<scope_of<T>, Body>> with_scope(Body body, scope_options options = {},
                                                                      std::source_location where = std::source_location::current()) {
  return detail::run_scope<scope_of<T>>(std::move(body), detail::most_of(options), where);
}

}  // namespace weft
