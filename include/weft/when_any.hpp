// SPDX-License-Identifier: Apache-2.0
//
// when_any and race: the first result wins, the others are cancelled and waited for.
//
// What has not begun when one wins is not started. What has is cancelled: its waits end, and it comes to its end in its own time. What a
// loser gives all the same is destroyed, so do not race for what must not be lost, such as an item taken from somewhere; and what a loser
// throws counts only if nothing has won.
#pragma once

#include "weft/awaitable.hpp"
#include "weft/cancellation.hpp"
#include "weft/detail/bridge.hpp"
#include "weft/detail/expects.hpp"
#include "weft/detail/join.hpp"
#include "weft/errors.hpp"
#include "weft/task.hpp"
#include "weft/when_all.hpp"
#include "weft/when_all_range.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace weft {

namespace detail {

/// Where one of several arrives first. In the frame that waits for all of them; a join orders what the winner writes beside it.
class finish_line {
 public:
  explicit finish_line(cancel_level& level) noexcept : level_(level) {}

  [[nodiscard]] bool is_crossed() const noexcept { return crossed_.load(relaxed); }  // a hint to who has not begun
  /// True, once: this one is the first, and the others are cancelled.
  [[nodiscard]] bool cross() noexcept {
    if (crossed_.exchange(true, relaxed)) return false;  // who is the first is all that it says
    level_.cancel(cancel_reason::lost_race, "another one has won");
    return true;
  }

 private:
  cancel_level& level_;
  atomic<bool> crossed_{false};
};

/// What is held for a result, as a reference to it, or moved out.
template <class T, class Held>
[[nodiscard]] decltype(auto) shown(Held& held) noexcept {
  if constexpr (std::is_reference_v<T>)
    return static_cast<T>(*held);
  else if constexpr (!std::is_void_v<T>)
    return static_cast<T&>(held);
}
template <class T, class Held>
[[nodiscard]] T moved_out(Held& held) {
  if constexpr (std::is_reference_v<T>)
    return *held;
  else if constexpr (!std::is_void_v<T>)
    return std::move(held);
}

/// One of them: awaits `a`, and gives what it gave to `won.set(which, value)` if it is the first. Where when_any was called is not known.
template <class Which, class A, class Won>
task<> enter(Which which, A a, finish_line& line, Won& won) {
  if (line.is_crossed()) co_return;
  using result_type = await_result<A>;
  if constexpr (std::is_void_v<result_type>) {
    co_await awaiter_at(std::move(a), {});
    if (line.cross()) won.set(which, nothing());
  } else if constexpr (std::is_reference_v<result_type>) {
    auto&& value = co_await awaiter_at(std::move(a), {});
    if (line.cross()) won.set(which, std::addressof(value));
  } else {
    result_type value = co_await awaiter_at(std::move(a), {});
    if (line.cross()) won.set(which, std::move(value));
  }
}

template <std::size_t I>
using place_of = std::integral_constant<std::size_t, I>;

/// Runs them all, and gives what the winner left. `Won` has set(), is_set(), and give() for the result.
template <class Won, class... As, std::size_t... Is>
task<typename Won::given> run_any(std::index_sequence<Is...>, As... as) {
  cancel_level level;
  co_await level;
  finish_line line(level);
  Won won;
  try {
    auto all = when_all(enter(place_of<Is>(), std::move(as), line, won)...);
    co_await all;
  } catch (...) {
    if (!won.is_set()) throw;
  }
  co_return won.give();
}

template <class Won, class T>
task<typename Won::given> run_any(std::vector<task<T>> tasks) {
  cancel_level level;
  co_await level;
  finish_line line(level);
  Won won;
  try {
    std::vector<task<>> all;
    all.reserve(tasks.size());
    for (std::size_t i = 0; i < tasks.size(); ++i) all.push_back(enter(i, std::move(tasks[i]), line, won));
    co_await when_all(std::move(all));
  } catch (...) {
    if (!won.is_set()) throw;
  }
  co_return won.give();
}

/// Of what can be empty: usage_error if it is.
template <class A>
void require_full(const A& a, const char* call) {
  if constexpr (requires { a.is_empty(); }) expects(!a.is_empty(), call, "a task is empty: it was moved from, awaited or spawned before");
}
template <class T>
void require_full(const std::vector<task<T>>& tasks, const char* call) {
  expects(!tasks.empty(), call, "there is nothing to wait for");
  for (const task<T>& t : tasks) require_full(t, call);
}

/// The type of what race() gives.
template <class... Ts>
struct race_type {
  using type = std::common_type_t<Ts...>;
};
template <class T, class... Ts>
  requires(std::is_same_v<T, Ts> && ...)
struct race_type<T, Ts...> {
  using type = T;
};

/// The value of a race, without its winner.
template <class T>
class race_value {
 public:
  using given = T;

  template <class Which, class Held>
  void set(Which, Held&& value) {
    held_.emplace(std::forward<Held>(value));
  }
  [[nodiscard]] bool is_set() const noexcept { return held_.has_value(); }
  [[nodiscard]] T give() { return moved_out<T>(*held_); }

 private:
  std::optional<typename stored<T>::type> held_;
};

}  // namespace detail

/// Which of several has won, and with what.
template <class... Ts>
class any_result {
 public:
  using given = any_result;

  /// The number of the winner, from 0.
  [[nodiscard]] std::size_t index() const noexcept { return held_->index(); }
  /// What number I gave, in place. Throws usage_error if it has not won.
  template <std::size_t I>
  [[nodiscard]] decltype(auto) get() & {
    return detail::shown<type<I>>(of_winner<I>());
  }
  /// The same, moved out.
  template <std::size_t I>
  [[nodiscard]] decltype(auto) get() && {
    return detail::moved_out<type<I>>(of_winner<I>());
  }

  /// For who runs the race.
  template <std::size_t I, class Held>
  void set(detail::place_of<I>, Held&& value) {
    held_.emplace(std::in_place_index<I>, std::forward<Held>(value));
  }
  /// As above.
  [[nodiscard]] bool is_set() const noexcept { return held_.has_value(); }
  /// As above.
  [[nodiscard]] any_result give() { return std::move(*this); }

 private:
  template <std::size_t I>
  using type = std::tuple_element_t<I, std::tuple<Ts...>>;

  template <std::size_t I>
  [[nodiscard]] auto& of_winner() {
    detail::expects(index() == I, "any_result::get", "another one has won; index() says which");
    return *std::get_if<I>(&*held_);
  }

  std::optional<std::variant<typename detail::stored<Ts>::type...>> held_;
};

/// Which of a vector of tasks has won, and with what.
template <class T>
class any_value {
 public:
  using given = any_value;

  /// The number of the winner, from 0.
  [[nodiscard]] std::size_t index() const noexcept { return index_; }
  /// What it gave, in place.
  [[nodiscard]] decltype(auto) value() & { return detail::shown<T>(*held_); }
  /// The same, moved out.
  [[nodiscard]] T value() && { return detail::moved_out<T>(*held_); }

  /// For who runs the race.
  template <class Held>
  void set(std::size_t which, Held&& value) {
    held_.emplace(std::forward<Held>(value));
    index_ = which;
  }
  /// As above.
  [[nodiscard]] bool is_set() const noexcept { return held_.has_value(); }
  /// As above.
  [[nodiscard]] any_value give() { return std::move(*this); }

 private:
  std::optional<typename detail::stored<T>::type> held_;
  std::size_t index_ = 0;
};

/// `auto r = co_await when_any(f(), g()); if (r.index() == 0) use(r.get<0>());`: runs them in parallel; the first that gives a result wins,
/// the others are cancelled and waited for. Worker only; resumes at home. If none gives a result, throws the one failure as it is, several
/// as an exception_group in order; a cancellation only if nothing else failed. Throws usage_error if a task is empty. They may
/// borrow the caller's locals.
template <awaitable... As>
  requires(sizeof...(As) > 0)
[[nodiscard]] task<any_result<await_result<As>...>> when_any(As... as) {
  (detail::require_full(as, "when_any"), ...);
  return detail::run_any<any_result<await_result<As>...>>(std::index_sequence_for<As...>(), std::move(as)...);
}

/// The same over a vector of tasks, of which there is at least one (else usage_error). Uses the heap.
template <class T>
[[nodiscard]] task<any_value<T>> when_any(std::vector<task<T>> tasks) {
  detail::require_full(tasks, "when_any");
  return detail::run_any<any_value<T>>(std::move(tasks));
}

/// when_any() that gives the winner's value itself, as the common type of all.
template <awaitable... As>
  requires(sizeof...(As) > 0)
[[nodiscard]] task<typename detail::race_type<await_result<As>...>::type> race(As... as) {
  (detail::require_full(as, "race"), ...);
  using value = detail::race_value<typename detail::race_type<await_result<As>...>::type>;
  return detail::run_any<value>(std::index_sequence_for<As...>(), std::move(as)...);
}

/// The same over a vector of tasks, of which there is at least one (else usage_error). Uses the heap.
template <class T>
[[nodiscard]] task<T> race(std::vector<task<T>> tasks) {
  detail::require_full(tasks, "race");
  return detail::run_any<detail::race_value<T>>(std::move(tasks));
}

}  // namespace weft
