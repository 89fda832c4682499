// SPDX-License-Identifier: Apache-2.0
//
// fork_join: children made by a function where the awaiting task suspends, in a number that is bounded at compile time
// and known at run time. No heap. Without a bound: when_all_range.hpp.
#pragma once

#include "weft/awaitable.hpp"
#include "weft/detail/failures.hpp"
#include "weft/detail/join.hpp"
#include "weft/task.hpp"

#include <bit>
#include <cstddef>
#include <iterator>
#include <type_traits>
#include <utility>

namespace weft {

namespace detail {

/// The T of the task<T> that `make(i)` returns.
template <class Make>
using made_by = typename std::remove_cvref_t<std::invoke_result_t<Make&, std::size_t>>::value_type;

/// Makes the children of a join, hangs each below `parent` and forks all but the first, which is returned to go on in.
/// If `make` throws, those made are destroyed and nothing has been published. Every loop stays rolled: unrolled, the path of
/// the leaves pays for it.
template <class T, class Make>
WEFT_INLINE frame* start_children(frame* parent, slot<T>* slots, std::size_t count, Make& make, join_stage& stage) {
  struct undo {
    slot<T>* slots;
    std::size_t made = 0;
    ~undo() {
      while (made > 0) [[unlikely]] drop_unstarted(slots[--made].child);
    }
  } guard{slots};
  context* const level = parent->head.level;
  const auto total = static_cast<std::uint16_t>(count);
  const join_place first{static_cast<std::uint16_t>(total - 1), total, slot_distance(parent, slots, count * sizeof(slot<T>)),
                         tag::joined};
  auto place = std::bit_cast<std::uint64_t>(first);
  constexpr auto next_slot = std::bit_cast<std::uint64_t>(join_place{0, 0, sizeof(slot<T>) / 8, 0});
  expect_children(parent, count);
#if defined(__clang__)
#pragma clang loop unroll(disable)
#endif
  do {
    auto task = make(guard.made);
    frame* const child = task_access::take(task, "fork_join");
    slots[guard.made].child = child;
    attach(parent, level, child, std::bit_cast<join_place>(place));
    place += next_slot;
  } while (++guard.made < count);
  guard.made = 0;
  stage.start(parent);
  frame* const to_run = slots[0].child;
  fork_all(current_worker(), count - 1, [=](std::uint64_t i) { return slots[i + 1].child; });
  return to_run;
}

}  // namespace detail

/// Walks the results of a fork_join, in child order.
template <class T>
class fork_iterator {
 public:
  using value_type = std::remove_cvref_t<T>;
  using difference_type = std::ptrdiff_t;
  using reference = std::remove_reference_t<T>&;
  using pointer = std::remove_reference_t<T>*;
  using iterator_category = std::forward_iterator_tag;

  fork_iterator() = default;
  explicit fork_iterator(detail::slot<T>* at) noexcept : at_(at) {}
  [[nodiscard]] reference operator*() const noexcept { return detail::value_of(*at_); }
  fork_iterator& operator++() noexcept {
    ++at_;
    return *this;
  }
  fork_iterator operator++(int) noexcept { return fork_iterator(at_++); }
  friend bool operator==(fork_iterator a, fork_iterator b) noexcept { return a.at_ == b.at_; }

 private:
  detail::slot<T>* at_ = nullptr;
};

/// The results of an awaited temporary fork_join<N>: a range of up to N values.
template <class T, std::size_t N>
class fork_results {
  using held = typename detail::stored<T>::type;

 public:
  fork_results() noexcept = default;
  /// Moves the values out of the slots of a join.
  fork_results(detail::slot<T>* from, std::size_t count) noexcept(std::is_nothrow_move_constructible_v<held>) : fork_results() {
    if constexpr (std::is_trivially_copyable_v<held>) {
      count_ = count;
      for (std::size_t i = 0; i < count; ++i) ::new (&slots_[i].value) held(from[i].value);
    } else {
      for (; count_ < count; ++count_) ::new (&slots_[count_].value) held(std::move(from[count_].value));
    }
  }
  fork_results(fork_results&& other) noexcept(std::is_nothrow_move_constructible_v<held>)
      : fork_results(other.slots_, other.count_) {}
  fork_results& operator=(fork_results&&) = delete;
  ~fork_results() { detail::destroy_slots(slots_, count_); }

  [[nodiscard]] fork_iterator<T> begin() noexcept { return fork_iterator<T>(slots_); }
  [[nodiscard]] fork_iterator<T> end() noexcept { return fork_iterator<T>(slots_ + count_); }
  [[nodiscard]] std::size_t size() const noexcept { return count_; }
  /// Result of child i.
  [[nodiscard]] auto& operator[](std::size_t i) noexcept { return *fork_iterator<T>(slots_ + i); }

 private:
  detail::slot<T> slots_[N];
  std::size_t count_ = 0;
};

/// What fork_join<N>(count, make) gives. Await it once: as a temporary it gives a fork_results range (nothing if the children
/// give nothing); as an lvalue it gives nothing and is itself the range, without a copy. It must live in the frame that
/// awaits it.
template <std::size_t N, class Make>
class [[nodiscard]] bounded_fork_join {
  using T = detail::made_by<Make>;

 public:
  bounded_fork_join(std::size_t count, Make make) : make_(std::move(make)), count_(count) {
    detail::expects(count <= N, "fork_join<N>", "the count is over the bound N");
  }
  bounded_fork_join(const bounded_fork_join&) = delete;
  bounded_fork_join& operator=(const bounded_fork_join&) = delete;
  ~bounded_fork_join() {
    if (stage_.has_values()) detail::destroy_slots(slots_, count_);
  }

  /// Waits; the results stay here.
  [[nodiscard]] detail::in_place_awaiter<bounded_fork_join> operator co_await() & noexcept { return detail::in_place_awaiter<bounded_fork_join>(*this); }
  /// Waits; gives the results.
  [[nodiscard]] detail::taking_awaiter<bounded_fork_join> operator co_await() && noexcept { return detail::taking_awaiter<bounded_fork_join>(*this); }

  /// The results, in place. After the await.
  [[nodiscard]] fork_iterator<T> begin() noexcept { return fork_iterator<T>(slots_); }
  [[nodiscard]] fork_iterator<T> end() noexcept { return fork_iterator<T>(slots_ + count_); }
  [[nodiscard]] std::size_t size() const noexcept { return count_; }
  /// Result of child i.
  [[nodiscard]] auto& operator[](std::size_t i) noexcept { return *fork_iterator<T>(slots_ + i); }

 private:
  friend detail::join_awaiter<bounded_fork_join>;
  friend detail::in_place_awaiter<bounded_fork_join>;
  friend detail::taking_awaiter<bounded_fork_join>;

  [[nodiscard]] bool is_ready() const noexcept { return count_ == 0; }

  // Not inlined: a coroutine's leaves must not save the registers that this loop needs.
  [[gnu::noinline]] detail::frame* start(detail::frame* parent) {
    detail::expects(stage_.is_fresh(), "co_await fork_join", "it was awaited before");
    return detail::start_children(parent, slots_, count_, make_, stage_);
  }

  WEFT_INLINE void settle() {
    if (count_ != 0 && detail::has_failures(stage_.parent())) [[unlikely]] throw_settled();
    stage_.fill();
  }

  WEFT_INLINE auto take() {
    if constexpr (!std::is_void_v<T>) return fork_results<T, N>(slots_, count_);
  }

  WEFT_COLD void throw_settled() {
    detail::frame* const parent = stage_.parent();
    const detail::failure_list failures(parent);
    stage_.empty();
    detail::destroy_values(failures, parent, slots_, count_);
    failures.throw_all();
  }

  detail::slot<T> slots_[N];
  Make make_;
  std::size_t count_;
  detail::join_stage stage_;
};

/// Runs the tasks `make(0)` to `make(count - 1)` in parallel, `count` at most N, and waits for all of them.
/// `make` is called where the awaiting task suspends, on its worker. Worker only; resumes at home.
/// Exceptions as in when_all; if `make` throws, no child is started.
template <std::size_t N, class Make>
[[nodiscard]] WEFT_INLINE bounded_fork_join<N, Make> fork_join(std::size_t count, Make make) {
  static_assert(N > 0 && N <= 4096, "the bound lies between 1 and 4096; without a bound use fork_join(count, make)");
  return bounded_fork_join<N, Make>(count, std::move(make));
}

}  // namespace weft
