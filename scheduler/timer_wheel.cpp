// SPDX-License-Identifier: Apache-2.0
// The timer wheel: which slot a deadline belongs to, the lists, and the cascade.
#include "timer_wheel.hpp"

#include <algorithm>
#include <bit>

#include "weft/detail/expects.hpp"

namespace weft::sched {
namespace {

/// The last nanosecond of a slot of `level`, counted from its start.
constexpr std::int64_t last_of(unsigned level) noexcept { return (std::int64_t{1} << timer_wheel::slot_bits * level) - 1; }

}  // namespace

bool timer_wheel::insert(timer& t) noexcept {
  detail::invariant(!t.is_in_wheel(), "timer_wheel::insert", "a timer is in one wheel, once");
  const std::optional<std::int64_t> before = next_deadline();
  link(t, place_of(t.deadline));
  ++size_;
  return !before || t.deadline < *before;
}

bool timer_wheel::remove(timer& t) noexcept {
  if (!t.is_in_wheel()) return false;
  unlink(t);
  --size_;
  return true;
}

timer* timer_wheel::take_due(std::int64_t now) noexcept {
  if (slots_[late].first != nullptr) [[unlikely]]
    if (timer* const t = take_late(now)) return t;
  if (now < reached_) [[unlikely]]
    return nullptr;  // I1
  while (levels_in_use_ != 0) {
    const unsigned place = first_place();
    const unsigned level = place / slots;
    const std::int64_t start = start_of(place);
    if (start > now) break;
    timer* const t = slots_[place].first;
    const bool may_take = t->next == nullptr ? t->deadline <= now : level <= tick_level && now - start >= last_of(level);
    if (may_take) return take(t);
    cascade(place, start);
  }
  reached_ = now;  // all slots that are in use begin later
  return nullptr;
}

std::optional<std::int64_t> timer_wheel::next_deadline() const noexcept {
  if (slots_[late].first != nullptr) [[unlikely]]
    return slots_[late].earliest;
  if (levels_in_use_ == 0) return std::nullopt;
  return slots_[first_place()].earliest;
}

/// Where a deadline belongs, by reached_.
unsigned timer_wheel::place_of(std::int64_t deadline) const noexcept {
  if (deadline < reached_) [[unlikely]]
    return late;
  const auto when = static_cast<std::uint64_t>(deadline);
  const std::uint64_t differing = when ^ static_cast<std::uint64_t>(reached_);
  const unsigned level = static_cast<unsigned>(std::bit_width(differing | 1) - 1) / slot_bits;
  return level * slots + static_cast<unsigned>(when >> slot_bits * level & (slots - 1));
}

/// The earliest place in use. Only if a level is in use.
unsigned timer_wheel::first_place() const noexcept {
  const auto level = static_cast<unsigned>(std::countr_zero(levels_in_use_));
  return level * slots + static_cast<unsigned>(std::countr_zero(in_use_[level]));
}

/// When the slot at a place begins: the bits of reached_ above the level, and the slot's number in it.
std::int64_t timer_wheel::start_of(unsigned place) const noexcept {
  const unsigned shift = place / slots * slot_bits;
  const std::uint64_t below = (std::uint64_t{slots} << shift) - 1;  // all bits on the highest level, where 64 slots are more than there is
  const std::uint64_t above = static_cast<std::uint64_t>(reached_) & ~below;
  return static_cast<std::int64_t>(above | std::uint64_t{place % slots} << shift);
}

void timer_wheel::link(timer& t, unsigned place) noexcept {
  slot& s = slots_[place];
  t.place = static_cast<std::uint16_t>(place);
  t.previous = s.last;
  t.next = nullptr;
  if (s.first != nullptr) {
    s.last->next = &t;
    s.earliest = std::min(s.earliest, t.deadline);
  } else {
    s.first = &t;
    s.earliest = t.deadline;
    if (place != late) {
      levels_in_use_ |= 1U << place / slots;
      in_use_[place / slots] |= std::uint64_t{1} << place % slots;
    }
  }
  s.last = &t;
}

void timer_wheel::unlink(timer& t) noexcept {
  slot& s = slots_[t.place];
  (t.previous != nullptr ? t.previous->next : s.first) = t.next;
  (t.next != nullptr ? t.next->previous : s.last) = t.previous;
  if (s.first == nullptr) mark_empty(t.place);
  t.previous = t.next = nullptr;
  t.place = timer::nowhere;
}

void timer_wheel::mark_empty(unsigned place) noexcept {
  if (place == late) return;
  const unsigned level = place / slots;
  in_use_[level] &= ~(std::uint64_t{1} << place % slots);
  if (in_use_[level] == 0) levels_in_use_ &= ~(1U << level);
}

timer* timer_wheel::take(timer* t) noexcept {
  unlink(*t);
  --size_;
  return t;
}

/// All late timers are due, unless the clock has gone back behind some of them.
timer* timer_wheel::take_late(std::int64_t now) noexcept {
  slot& s = slots_[late];
  if (now >= reached_) [[likely]]
    return take(s.first);
  if (now < s.earliest) return nullptr;
  std::int64_t earliest = s.first->deadline;
  for (timer* t = s.first; t != nullptr; t = t->next) {
    if (t->deadline <= now) return take(t);
    earliest = std::min(earliest, t->deadline);
  }
  s.earliest = earliest;
  return nullptr;
}

/// Time enters the earliest slot in use: its timers move to lower levels. Nothing else moves, as all below the slot is empty.
void timer_wheel::cascade(unsigned place, std::int64_t start) noexcept {
  detail::invariant(start > reached_, "timer_wheel::cascade", "a slot above level 0 begins later than what is reached");
  timer* t = slots_[place].first;
  slots_[place] = {};
  mark_empty(place);
  reached_ = start;
  while (t != nullptr) {
    timer* const next = t->next;
    link(*t, place_of(t->deadline));
    t = next;
  }
}

}  // namespace weft::sched
