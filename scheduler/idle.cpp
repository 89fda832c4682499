// SPDX-License-Identifier: Apache-2.0
//
// The transitions of the idle word. The edges are those of idle.hpp:
//   E1  seq_cst change, then loads of the places of work     E2  against quiet publications     E3  below_ before the word
//   E4  one worker in the driver at a time     E5  the mark against the injection queue     E6  around a look for a deadlock
#include "idle.hpp"

#include <algorithm>

namespace weft::sched {

idle::idle(unsigned workers)
    : below_(std::make_unique<detail::atomic<std::uint32_t>[]>(workers)), most_searchers_(std::max(1U, (workers + 1) / 2)) {}

bool idle::start_search() noexcept {
  idle_state seen = load();
  do {
    if (seen.searchers() >= most_searchers_) return false;
  } while (!change(seen, seen.with_searchers(1)));
  return true;
}

bool idle::stop_search() noexcept {
  const idle_state before{word_.fetch_sub(1, detail::seq_cst)};  // E1 E2
  return before.searchers() == 1;
}

bed idle::choose_bed() noexcept {
  return driver_taken_.exchange(true, detail::acquire) ? bed::stack : bed::driver;  // E4
}

void idle::leave_bed(bed where) noexcept {
  if (where == bed::driver) driver_taken_.store(false, detail::release);  // E4
}

void idle::announce(unsigned index, bed where, bool was_searching) noexcept {
  asleep_.fetch_add(1, detail::relaxed);  // a report's figure
  idle_state seen = load();
  idle_state next;
  do {
    next = seen.with_searchers(was_searching ? -1 : 0);
    if (where == bed::driver) {
      next = next.with_driver(index + 1);
    } else {
      below_[index].store(seen.top(), detail::relaxed);  // published by the change, E3
      next = next.with_top(index + 1);
    }
  } while (!change(seen, next));
}

bool idle::leave_driver(unsigned index) noexcept {
  idle_state seen = load();
  while (seen.in_driver() == index + 1)
    if (change(seen, seen.with_driver(0))) {
      asleep_.fetch_sub(1, detail::relaxed);  // a report's figure
      return true;
    }
  return false;
}

sleeper idle::take_sleeper() noexcept {
  idle_state seen = load();
  while (seen.must_wake()) {
    const unsigned top = seen.top();
    if (top == 0) {
      const unsigned driver = seen.in_driver();
      if (!change(seen, seen.with_driver(0).with_searchers(1))) continue;
      asleep_.fetch_sub(1, detail::relaxed);  // a report's figure
      return {driver - 1, bed::driver};
    }
    const unsigned below = below_[top - 1].load(detail::relaxed);  // read under E3; the tag tells if it is stale
    if (!change(seen, seen.with_top(below).with_searchers(1))) continue;
    asleep_.fetch_sub(1, detail::relaxed);  // a report's figure
    return {top - 1, bed::stack};
  }
  return {};
}

sleeper idle::take_sleeper_after_quiet() noexcept {
  word_.fetch_add(0, detail::seq_cst);  // E2
  return take_sleeper();
}

sleeper idle::take_sleeper_or_mark() noexcept {
  for (;;) {
    const sleeper taken = take_sleeper();
    if (taken.index != sleeper::nobody) return taken;
    idle_state seen = load();                                         // E5
    if (seen.must_wake()) continue;                                   // somebody has lain down meanwhile
    if (!seen.must_mark() || !detail::takes_step() || change(seen, seen.with_mark()))
      return {};  // a searcher, or whoever clears the mark, looks
  }
}

bool idle::clear_mark() noexcept {
  idle_state seen = load();
  while (seen.is_marked())
    if (change(seen, seen.without_mark())) return true;  // E5
  return false;
}

bool idle::all_asleep(unsigned workers) const noexcept {
  return asleep_.load(detail::relaxed) == workers;  // a report's figure
}

bool idle::all_in_bed(unsigned workers) noexcept {
  const idle_state seen{word_.fetch_add(0, detail::acq_rel)};  // E6
  unsigned found = seen.in_driver() != 0 ? 1 : 0;
  std::uint32_t at = seen.top();
  for (; at != 0 && found < workers; ++found) at = below_[at - 1].load(detail::relaxed);  // read under E3
  return found == workers;
}

whereabouts idle::where_is(unsigned index, unsigned workers) const noexcept {
  const idle_state seen = load();
  if (seen.in_driver() == index + 1) return whereabouts::in_driver;
  std::uint32_t at = seen.top();
  for (unsigned steps = 0; at != 0 && steps < workers; ++steps) {  // the stack may change under us: never for ever
    if (at == index + 1) return whereabouts::on_stack;
    at = below_[at - 1].load(detail::relaxed);  // a report's figure
  }
  return whereabouts::up;
}

}  // namespace weft::sched
