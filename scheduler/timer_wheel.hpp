// SPDX-License-Identifier: Apache-2.0
//
// Who sleeps until when: timers by deadline, to be taken out once they are due.
//
// Shape: levels of 64 slots, a slot a list of timers, a level a bitmap of the slots in use. `reached_` is a time that nothing in the
//   levels lies before. A deadline's level is that of the highest six bits in which it differs from `reached_`; those six bits are its
//   slot. So every timer of a level is due before all of the next one, slots before higher slots, and where two bitmaps have their
//   lowest bit, there is the earliest slot.
//
//     level   0      1       2       3          4         5        6       ...  10
//     slot    1 ns   64 ns   4 us    a tick,    16.8 ms   1.07 s   68.7 s       36 years: up to INT64_MAX
//                                    0.26 ms
//
//   When time enters a slot, its timers move to lower levels (the cascade); a slot of a tick or less that is over is emptied as it is.
//   Timers that were late when they came, so before `reached_`, are in a list of their own.
//
// Invariants
//   I1  0 <= reached_ <= every deadline in the levels; reached_ never decreases and is no later than the latest `now` seen.
//   I2  A timer lies where its deadline and reached_ of this moment say. So equal deadlines keep the order in which they came.
//   I3  A slot's `earliest` is no later than any deadline in it, no earlier than the slot, and the earliest of them if none of those
//       that came since it was empty has gone.
//
// Who touches what: everything only one thread at a time; its user locks. A timer is its owner's again when it has been taken or removed.
// Cost: no memory but the wheel's own 17 KiB. insert, remove and next_deadline take a few steps. So does take_due, but for timers that
//   move: each moves at most once a level. One call may move a whole slot. Where `now` goes back it looks through all late timers.
// Checked: tests/unit/timer_wheel_test.cpp, tests/unit/timer_wheel_border_test.cpp, tests/unit/timer_wheel_random_test.cpp,
//   tests/unit/timer_wheel_memory_test.cpp
// From: Varghese and Lauck 1987; that a level is found by what differs is tokio's. The bound a slot keeps, and levels below the tick,
//   are ours: with them nothing is early and a lone timer wakes its sleeper once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "weft/detail/timer_node.hpp"

namespace weft::sched {

using timer = detail::timer_node;

/// The timers of one scheduler. One thread at a time.
class timer_wheel {
 public:
  static constexpr unsigned slot_bits = 6;
  static constexpr unsigned tick_level = 3;
  /// Deadlines in one tick may be taken in any order.
  static constexpr std::int64_t tick = std::int64_t{1} << slot_bits * tick_level;

  timer_wheel() = default;
  timer_wheel(const timer_wheel&) = delete;
  timer_wheel& operator=(const timer_wheel&) = delete;

  /// Adds a timer that is in no wheel. True: it is earlier than what next_deadline() said before, or the first: who sleeps until then
  /// has to be woken. False for one earlier than all others only if next_deadline() was earlier still: the sleeper wakes in time.
  [[nodiscard]] bool insert(timer& t) noexcept;

  /// Takes a timer out. False: it is not in; it has been taken.
  bool remove(timer& t) noexcept;

  /// Takes out one timer with a deadline <= `now`; null if there is none, never one with a later deadline. Of those that were not yet
  /// late when they came (time begins at 0), those of an earlier tick first, and of equal ones the first that came; late ones before them,
  /// as they came. `now` may be earlier than before.
  [[nodiscard]] timer* take_due(std::int64_t now) noexcept;

  /// When to call take_due next; nothing if there is no timer. Never later than the earliest deadline. After take_due(now) returned
  /// null it is later than `now`, so who sleeps until then and asks again makes progress; and it is the earliest deadline itself,
  /// unless remove() has been called or time has gone back. Then it may be what it was for a timer that is gone, but
  ///   less than a tick early where the earliest deadline is in the same 64 ticks (16.8 ms) as the latest `now`;
  ///   no earlier than the slot of the earliest deadline elsewhere: take_due at that time moves the slot's timers, the next answer is
  ///   exact.
  [[nodiscard]] std::optional<std::int64_t> next_deadline() const noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  static constexpr unsigned slots = 1U << slot_bits;
  static constexpr unsigned levels = (63 + slot_bits - 1) / slot_bits;
  static constexpr unsigned late = levels * slots;  // the place of the list of late timers

  /// A list, the first that came first.
  struct slot {
    timer* first = nullptr;
    timer* last = nullptr;
    std::int64_t earliest = 0;  // I3; of a list that is not empty
  };

  [[nodiscard]] unsigned place_of(std::int64_t deadline) const noexcept;
  [[nodiscard]] unsigned first_place() const noexcept;
  [[nodiscard]] std::int64_t start_of(unsigned place) const noexcept;
  void link(timer& t, unsigned place) noexcept;
  void unlink(timer& t) noexcept;
  void mark_empty(unsigned place) noexcept;
  timer* take(timer* t) noexcept;
  timer* take_late(std::int64_t now) noexcept;
  void cascade(unsigned place, std::int64_t start) noexcept;

  std::int64_t reached_ = 0;  // I1
  std::size_t size_ = 0;
  std::uint32_t levels_in_use_ = 0;  // a bit for each level with timers
  std::array<std::uint64_t, levels> in_use_{};  // a bit for each slot with timers
  std::array<slot, levels * slots + 1> slots_{};  // by place: level * 64 + slot; at the end the late ones
};

}  // namespace weft::sched
