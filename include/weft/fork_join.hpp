// SPDX-License-Identifier: Apache-2.0
//
// fork_join: children made by a function where the awaiting task suspends, in a number that is bounded at compile time
// and known at run time. No heap. Without a bound: when_all_range.hpp.
#pragma once

#include "weft/awaitable.hpp"
#include "weft/detail/failures.hpp"
#include "weft/detail/join.hpp"
#include "weft/task.hpp"

#include <cstddef>
#include <iterator>
#include <type_traits>
#include <utility>

namespace weft {

namespace detail {

/// The T of the task<T> that `make(i)` returns.
template <class Make>
using made_by = typename std::remove_cvref_t<std::invoke_result_t<Make&, std::size_t>>::value_type;

/// Forks the children in slots, of which the first is popped first.
template <class T>
WEFT_INLINE void fork_slots(slot<T>* slots, std::size_t count) noexcept {
  worker& here = current_worker();
  auto own = here.ready.as_owner();
  const std::uint64_t b = own.bottom();
  if (!own.has_room(b, count)) [[unlikely]] {
    while (count > 0) fork_full(here, slots[--count].child);
    return;
  }
#if defined(__clang__)
#pragma clang loop unroll(disable)
#endif
  for (std::size_t i = 0; i < count; ++i) own.put(b + count - 1 - i, slots[i].child);
  own.advance(b + count);
  wake_somebody(here);
}

/// Makes the children of a join, hangs each below `parent` and forks all but the first, which is returned to go on in.
/// If `make` throws, those made are destroyed and nothing has been published. Every loop stays rolled: unrolled, the path of
/// the leaves pays for it.
template <class T, class Make>
WEFT_INLINE frame* start_children(frame* parent, slot<T>* slots, std::size_t count, Make& make) {
  struct undo {
    slot<T>* slots;
    std::size_t made = 0;
    ~undo() {
      while (made > 0) [[unlikely]] drop_unstarted(slots[--made].child);
    }
  } guard{slots};
  context* const level = parent->head.level;
  const auto total = static_cast<std::uint16_t>(count);
  join_place place{static_cast<std::uint16_t>(total - 1), total, slot_distance(parent, slots, count * sizeof(slot<T>)), tag::joined};
  expect_children(parent, count);
#if defined(__clang__)
#pragma clang loop unroll(disable)
#endif
  do {
    auto task = make(guard.made);
    frame* const child = task_access::take(task, "fork_join");
    slots[guard.made].child = child;
    attach(parent, level, child, place);
    place.slot = static_cast<std::uint16_t>(place.slot + sizeof(slot<T>) / 8);
  } while (++guard.made < count);
  guard.made = 0;
  fork_slots(slots + 1, count - 1);
  return slots[0].child;
}

}  // namespace detail

/// The results of a bounded fork_join, in child order: a range of up to N values.
template <class T, std::size_t N>
class fork_results {
  using held = typename detail::stored<T>::type;

 public:
  /// Walks the results.
  class iterator {
   public:
    using value_type = std::remove_cvref_t<T>;
    using difference_type = std::ptrdiff_t;
    using reference = std::remove_reference_t<T>&;
    using pointer = std::remove_reference_t<T>*;
    using iterator_category = std::forward_iterator_tag;

    iterator() = default;
    explicit iterator(detail::slot<T>* at) noexcept : at_(at) {}
    [[nodiscard]] reference operator*() const noexcept {
      if constexpr (std::is_reference_v<T>)
        return *at_->value;
      else
        return at_->value;
    }
    iterator& operator++() noexcept {
      ++at_;
      return *this;
    }
    iterator operator++(int) noexcept { return iterator(at_++); }
    friend bool operator==(iterator a, iterator b) noexcept { return a.at_ == b.at_; }

   private:
    detail::slot<T>* at_ = nullptr;
  };

  fork_results() noexcept = default;
  fork_results(fork_results&& other) noexcept(std::is_nothrow_move_constructible_v<held>) {
    for (; count_ < other.count_; ++count_) take(other.slots_[count_]);
  }
  fork_results& operator=(fork_results&&) = delete;
  ~fork_results() {
    for (std::size_t i = 0; i < count_; ++i) detail::destroy_value(slots_[i]);
  }

  [[nodiscard]] iterator begin() noexcept { return iterator(slots_); }
  [[nodiscard]] iterator end() noexcept { return iterator(slots_ + count_); }
  [[nodiscard]] std::size_t size() const noexcept { return count_; }
  /// Result of child i.
  [[nodiscard]] decltype(auto) operator[](std::size_t i) noexcept { return *iterator(slots_ + i); }

 private:
  template <std::size_t, class>
  friend class bounded_fork_join;

  void take(detail::slot<T>& from) { ::new (&slots_[count_].value) held(std::move(from.value)); }

  detail::slot<T> slots_[N];
  std::size_t count_ = 0;
};

/// What fork_join<N>(count, make) gives. Await it once. It must live in the frame that awaits it.
template <std::size_t N, class Make>
class [[nodiscard]] bounded_fork_join : public detail::weft_awaiter {
  using T = detail::made_by<Make>;

 public:
  bounded_fork_join(std::size_t count, Make make) : make_(std::move(make)), count_(count) {
    detail::expects(count <= N, "fork_join<N>", "the count is over the bound N");
  }
  bounded_fork_join(const bounded_fork_join&) = delete;
  bounded_fork_join& operator=(const bounded_fork_join&) = delete;

  [[nodiscard]] bool await_ready() const noexcept { return count_ == 0; }

  template <class Promise>
  WEFT_INLINE std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> awaiting) {
    static_assert(std::derived_from<Promise, detail::frame_head>, "only weft coroutines can await fork_join");
    parent_ = detail::frame_of(awaiting);
    return detail::transfer(detail::start_children(parent_, slots_, count_, make_));
  }

  /// The results as a fork_results range; nothing if the children give nothing.
  WEFT_INLINE auto await_resume() {
    if (count_ != 0 && detail::has_failures(parent_)) [[unlikely]] throw_settled();
    if constexpr (!std::is_void_v<T>) {
      fork_results<T, N> results;
      struct guard {
        detail::slot<T>* slots;
        std::size_t count;
        ~guard() {
          for (std::size_t i = 0; i < count; ++i) detail::destroy_value(slots[i]);
        }
      } destroy_after{slots_, count_};
      for (; results.count_ < count_; ++results.count_) results.take(slots_[results.count_]);
      return results;
    }
  }

 private:
  WEFT_COLD void throw_settled() {
    const detail::failure_list failures(parent_);
    detail::destroy_values(failures, parent_, slots_, count_);
    failures.throw_all();
  }

  detail::slot<T> slots_[N];
  Make make_;
  std::size_t count_;
  detail::frame* parent_ = nullptr;
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
