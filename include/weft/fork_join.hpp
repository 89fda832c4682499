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
      while (made > 0) [[unlikely]]
        drop_unstarted(slots[--made].child);
    }
  } guard{slots};
  context* const level = parent->head.level;
  const auto total = static_cast<std::uint16_t>(count);
  const join_place first{static_cast<std::uint16_t>(total - 1), total, slot_distance(parent, slots, count * sizeof(slot<T>)), tag::joined};
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
  if (count > 1) fork_all(current_worker(), count - 1, [=](std::uint64_t i) { return slots[i + 1].child; });
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
  fork_results(fork_results&& other) noexcept(std::is_nothrow_move_constructible_v<held>) : fork_results(other.slots_, other.count_) {}
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

namespace detail {

/// The slots of a bounded fork_join, its start, and its results as a range. Awaiting it gives nothing.
template <std::size_t N, class Make>
class fork_slots : public weft_awaiter {
 protected:
  using T = made_by<Make>;

 public:
  fork_slots(std::size_t count, Make make) : make_(std::move(make)), count_(count) {
    expects(count <= N, "fork_join<N>", "the count is over the bound N");
  }
  fork_slots(const fork_slots&) = delete;
  fork_slots& operator=(const fork_slots&) = delete;
  ~fork_slots() {
    if (stage_.has_values()) destroy_slots(slots_, count_);
  }

  [[nodiscard]] bool await_ready() const noexcept { return count_ == 0; }
  template <class Promise>
  WEFT_INLINE std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> awaiting) {
    static_assert(std::derived_from<Promise, frame_head>, "only weft coroutines can await fork_join; see weft::sync_wait");
    return transfer(start(frame_of(awaiting)));
  }
  /// After the last child: throws if any failed, else the slots hold values.
  WEFT_INLINE void await_resume() {
    if (count_ != 0 && has_failures(stage_.parent())) [[unlikely]]
      throw_settled();
    if constexpr (!std::is_trivially_destructible_v<typename stored<T>::type>) stage_.fill();
  }

  /// The results, in place. After the await.
  [[nodiscard]] fork_iterator<T> begin() noexcept { return fork_iterator<T>(slots_); }
  [[nodiscard]] fork_iterator<T> end() noexcept { return fork_iterator<T>(slots_ + count_); }
  [[nodiscard]] std::size_t size() const noexcept { return count_; }
  /// Result of child i.
  [[nodiscard]] auto& operator[](std::size_t i) noexcept { return *fork_iterator<T>(slots_ + i); }

 protected:
  [[nodiscard]] slot<T>* slots() noexcept { return slots_; }

 private:
  // Not inlined: a coroutine's leaves must not save the registers that this loop needs.
  [[gnu::noinline]] frame* start(frame* parent) {
    expects(stage_.is_fresh(), "co_await fork_join", "it was awaited before");
    return start_children(parent, slots_, count_, make_, stage_);
  }

  [[noreturn]] WEFT_COLD_THROWS void throw_settled() {
    const failure_list failures(stage_.parent());
    stage_.empty();
    failure_cursor at(failures);
    destroy_values(at, slots_, count_);
    failures.throw_all();
  }

  slot<T> slots_[N];
  Make make_;
  std::size_t count_;
  join_stage stage_;
};

}  // namespace detail

/// What fork_join<N>(count, make) gives. Await it once: as a temporary it gives a fork_results range (nothing if the children
/// give nothing); as an lvalue it gives nothing and is itself the range, without a copy. It must live in the frame that
/// awaits it.
template <std::size_t N, class Make>
class [[nodiscard]] bounded_fork_join : public detail::fork_slots<N, Make> {
  using in_place = detail::fork_slots<N, Make>;

 public:
  using in_place::in_place;

  /// Waits; the results stay here.
  [[nodiscard]] decltype(auto) operator co_await() & noexcept { return detail::awaiting<in_place>(*this); }
  /// Waits; gives the results.
  [[nodiscard]] decltype(auto) operator co_await() && noexcept { return detail::awaiting<bounded_fork_join>(*this); }

  /// The results, moved out of the slots.
  WEFT_INLINE auto await_resume() {
    in_place::await_resume();
    if constexpr (!std::is_void_v<typename in_place::T>) return fork_results<typename in_place::T, N>(this->slots(), this->size());
  }
};

/// Runs the tasks `make(0)` to `make(count - 1)` in parallel, `count` at most N, and waits for all of them.
/// `make` is called where the awaiting task suspends, on its worker. Worker only; resumes at home.
/// Exceptions as in when_all; if `make` throws, no child is started.
template <std::size_t N, class Make>
[[nodiscard]] WEFT_INLINE bounded_fork_join<N, Make> fork_join(std::size_t count, Make make) {
  static_assert(N > 0 && N <= 4096, "the bound lies between 1 and 4096; without a bound use fork_join(count, make)");
  static_assert(N <= detail::most_slots<detail::made_by<Make>>,
                "N results fit into the first 512 KiB of a frame; without a bound use fork_join(count, make)");
  return bounded_fork_join<N, Make>(count, std::move(make));
}

}  // namespace weft
