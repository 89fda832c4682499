// SPDX-License-Identifier: Apache-2.0
//
// when_all and when_all_ready over a fixed number of tasks: the children run in parallel, the awaiting task resumes at its
// scheduler after the last one. Over a vector: when_all_range.hpp.
#pragma once

#include "weft/awaitable.hpp"
#include "weft/detail/failures.hpp"
#include "weft/detail/join.hpp"
#include "weft/result.hpp"
#include "weft/task.hpp"

#include <array>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace weft {

namespace detail {

/// What stands for a result in a tuple.
template <class T>
using in_tuple = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

template <std::size_t I, class T>
struct join_cell {
  slot<T> at;
};

template <class Indices, class... Ts>
struct join_cells;
template <std::size_t... Is, class... Ts>
struct join_cells<std::index_sequence<Is...>, Ts...> : join_cell<Is, Ts>... {
  explicit join_cells(task<Ts>&... tasks, const char* call) : join_cell<Is, Ts>{slot<Ts>(task_access::take(tasks, call))}... {}
};

/// The slots of a join over a fixed number of tasks, and its start. Lives in the awaiting frame.
template <class... Ts>
class fixed_join : public weft_awaiter {
  static constexpr std::size_t count = sizeof...(Ts);
  static constexpr bool all_trivial = (std::is_trivially_destructible_v<typename stored<Ts>::type> && ...);
  using indices = std::index_sequence_for<Ts...>;

 public:
  fixed_join(const char* call, task<Ts>&... tasks) : cells_((require_all(call, tasks...), tasks)..., call) {}
  fixed_join(const fixed_join&) = delete;
  fixed_join& operator=(const fixed_join&) = delete;
  WEFT_INLINE ~fixed_join() {
    if (stage_.is_fresh()) [[unlikely]]
      drop_all<this_convention>();
    else if constexpr (!all_trivial)
      if (stage_.has_values()) each([](auto& s) { destroy_value(s); });
  }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <class Promise>
  WEFT_INLINE std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> awaiting) {
    static_assert(std::derived_from<Promise, frame_head>, "only weft coroutines can await when_all; see weft::sync_wait");
    expects(stage_.is_fresh(), "co_await when_all", "it was awaited before");
    return transfer(start(frame_of(awaiting), indices{}));
  }
  /// After the last child: throws if any failed, else the slots hold values.
  WEFT_INLINE void await_resume() {
    if (has_failures(stage_.parent())) [[unlikely]]
      throw_settled();
    if constexpr (!all_trivial) stage_.fill();
  }

 protected:
  template <std::size_t I>
  [[nodiscard]] WEFT_INLINE auto& slot_at() noexcept {
    return cell<I>(cells_).at;
  }
  template <class F>
  WEFT_INLINE void each(F f) {
    [&]<std::size_t... Is>(std::index_sequence<Is...>) { (f(slot_at<Is>()), ...); }(indices{});
  }

  join_stage& stage() noexcept { return stage_; }

 private:
  template <std::size_t I, class T>
  static join_cell<I, T>& cell(join_cell<I, T>& c) noexcept {
    return c;
  }

  static void require_all(const char* call, const task<Ts>&... tasks) {
    expects((!tasks.is_empty() && ...), call, "a task is empty: it was moved from, awaited or spawned before");
  }

  // Child 0 runs first; the others lie on the deque so that the owner pops them in order. What is read of this frame is read
  // before anything is written to another.
  template <std::size_t... Is>
  WEFT_INLINE frame* start(frame* self, std::index_sequence<Is...>) {
    worker& here = current_worker();
    context* const level = self->head.level;
    frame* const children[count] = {slot_at<Is>().child...};
    const std::uint16_t places[count] = {slot_distance(self, &slot_at<Is>(), sizeof slot_at<Is>())...};
    stage_.start(self);
    expect_children(self, count);
    (attach(self, level, children[Is], {count - 1, count, places[Is], tag::joined}), ...);
    if constexpr (count == 2)
      fork(here, children[1]);
    else if constexpr (count > 2)
      fork_all(here, count - 1, [&](std::uint64_t i) { return children[i + 1]; });
    return children[0];
  }

  // Kept apart, so that a coroutine saves no registers for it.
  template <class Convention>
  WEFT_COLD void drop_all() noexcept {
    each([](auto& s) { drop_unstarted(s.child); });
  }

  [[noreturn]] WEFT_COLD_THROWS void throw_settled() {
    const failure_list failures(stage_.parent());
    stage_.empty();
    failure_cursor at(failures);
    each([&](auto& s) { destroy_values(at, &s, 1); });
    failures.throw_all();
  }

  join_cells<indices, Ts...> cells_;
  join_stage stage_;
};

template <class T>
WEFT_INLINE decltype(auto) value_in(slot<T>& s) noexcept {
  if constexpr (std::is_void_v<T>)
    return std::monostate{};
  else if constexpr (std::is_reference_v<T>)
    return static_cast<T>(*s.value);
  else
    return static_cast<T&>(s.value);
}

}  // namespace detail

/// What when_all(tasks...) gives. Await it once: as a temporary it gives the tuple of results (nothing if all are void), as
/// an lvalue it gives nothing and the results are read in place by get<I>(). It must live in the frame that awaits it.
template <class... Ts>
class [[nodiscard]] when_all_join : public detail::fixed_join<Ts...> {
 public:
  explicit when_all_join(task<Ts>&... tasks) : detail::fixed_join<Ts...>("when_all", tasks...) {}

  /// Result of child I, in place. After the await.
  template <std::size_t I>
  [[nodiscard]] WEFT_INLINE decltype(auto) get() noexcept {
    return detail::value_in(this->template slot_at<I>());
  }

  /// Waits; the results stay here.
  [[nodiscard]] decltype(auto) operator co_await() & noexcept { return detail::awaiting<detail::fixed_join<Ts...>>(*this); }
  /// Waits; gives the results.
  [[nodiscard]] decltype(auto) operator co_await() && noexcept { return detail::awaiting<when_all_join>(*this); }

  /// The results, moved out of the slots.
  WEFT_INLINE auto await_resume() {
    detail::fixed_join<Ts...>::await_resume();
    if constexpr (!(std::is_void_v<Ts> && ...)) return take(std::index_sequence_for<Ts...>{});
  }

 private:
  template <std::size_t... Is>
  WEFT_INLINE std::tuple<detail::in_tuple<Ts>...> take(std::index_sequence<Is...>) {
    return std::tuple<detail::in_tuple<Ts>...>(static_cast<detail::in_tuple<Ts>&&>(get<Is>())...);
  }
};

namespace detail {

/// The result of one slot; the value is moved from and stays to be destroyed.
template <class T>
result<T> move_result(failure_cursor& failures, slot<T>& s) {
  if (const std::exception_ptr* failure = failures.pass(&s)) return result<T>(*failure);
  if constexpr (std::is_void_v<T>)
    return result<T>(std::in_place);
  else
    return result<T>(std::in_place, std::move(s.value));
}

}  // namespace detail

/// What when_all_ready(tasks...) gives: awaiting it gives a tuple of result<T>, one for each task, and throws nothing.
template <class... Ts>
class [[nodiscard]] when_all_ready_join : public detail::fixed_join<Ts...> {
 public:
  explicit when_all_ready_join(task<Ts>&... tasks) : detail::fixed_join<Ts...>("when_all_ready", tasks...) {}

  /// The results.
  std::tuple<result<Ts>...> await_resume() {
    const detail::failure_list failures(this->stage().parent());
    this->stage().empty();
    struct guard {
      when_all_ready_join& self;
      const detail::failure_list& failures;
      ~guard() {
        detail::failure_cursor at(failures);
        self.each([&](auto& s) { detail::destroy_values(at, &s, 1); });
      }
    } destroy_after{*this, failures};
    detail::failure_cursor at(failures);
    return [&]<std::size_t... Is>(std::index_sequence<Is...>) {
      return std::tuple<result<Ts>...>{detail::move_result(at, this->template slot_at<Is>())...};
    }(std::index_sequence_for<Ts...>{});
  }
};

/// Runs the tasks in parallel and waits for all of them, failed or not. Worker only; resumes at home.
/// One failure is thrown as it is, several as an exception_group in child order. Children may borrow the caller's locals.
template <class... Ts>
  requires(sizeof...(Ts) > 0)
[[nodiscard]] WEFT_INLINE when_all_join<Ts...> when_all(task<Ts>&&... tasks) {
  return when_all_join<Ts...>(tasks...);
}

/// The same, giving each child's outcome as a result<T>.
template <class... Ts>
  requires(sizeof...(Ts) > 0)
[[nodiscard]] when_all_ready_join<Ts...> when_all_ready(task<Ts>&&... tasks) {
  return when_all_ready_join<Ts...>(tasks...);
}

}  // namespace weft
