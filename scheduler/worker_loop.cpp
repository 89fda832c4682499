// SPDX-License-Identifier: Apache-2.0
//
// What a worker does: pick, run, search, park.
//
// Order: own deque newest first, then injection oldest first, then other deques oldest first. Every 61st pick looks at
// injection and at the old end of the own deque, in turns first at the one and first at the other, so that neither starves
// behind newest-first work or behind the other. A worker that forks and joins does not come back here: see the mark in idle.hpp.
#include "arena.hpp"
#include "weft/detail/resume.hpp"

namespace weft::detail {

namespace {

constexpr int search_rounds = static_cast<int>(sized(8, 1));

void pause_for(int round) noexcept {
  for (int i = 0; i < 1 << round; ++i) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("isb" ::: "memory");
#endif
  }
}

}  // namespace

void arena::work(worker_place& self) noexcept {
  while (!exiting_.load(acquire)) {  // E1 of stop.cpp
    frame* next = pick(self);
    if (next == nullptr) next = search(self);
    if (next == nullptr) continue;
    if (self.owes_look) look_before_task(self);
    run_picked(self, next);
  }
}

void arena::run_picked(worker_place& self, frame* f) noexcept {
  worker_counters::add(self.counters.tasks_run);
  take_up(self, f);
  run_here(f);
  put_down(self);
}

void arena::take_up(worker& self, const frame* f) noexcept {
  self.level = f->head.level;
  self.budget = full_budget;
  if (sees_pick_ups_) [[unlikely]]
    tell_pick_up(static_cast<worker_place&>(self));
}

// What was run has come back.
void arena::put_down(worker_place& self) noexcept {
  self.level = nullptr;
  if (sees_pick_ups_) [[unlikely]]
    self.stint.end();
}

void arena::went_on(worker& self, const waiter& w) noexcept {
  if (sees_pick_ups_) [[unlikely]]
    static_cast<worker_place&>(self).stint.note(w.where);
}

void arena::tell_pick_up(worker_place& self) noexcept {
  const root* const top = self.level != nullptr ? self.level->top : nullptr;
  if (watchdog_.is_on()) self.stint.begin(top);
  if (top != nullptr) observers_.picked_up(*top);
}

frame* arena::pick(worker_place& self) noexcept {
  if (++self.picks % fair_pick == 0) {
    if (timers_.may_be_due()) fire_between(self);
    const bool oldest_first = self.picks / fair_pick % 2 == 0;  // the two take turns: one never empty would starve the other
    if (oldest_first)
      if (frame* f = take_oldest(self)) return f;
    if (frame* f = take_injected(self)) return f;
    if (frame* f = take_oldest(self)) return f;
  }
  if (!self.ready.as_owner().is_empty())
    if (frame* f = self.ready.as_owner().pop()) return f;
  return take_injected(self);
}

// The oldest runs; the others go to the own deque so that they are popped oldest first, and can be stolen.
frame* arena::take_injected(worker& self) noexcept {
  sched::frame_list list = injected_.take();
  if (list.is_empty()) return nullptr;
  std::uint64_t taken = 1;
  frame* f = list.pop();
  unpack_failures(f);
  for (; !list.is_empty(); ++taken) {
    frame* const older = list.pop();
    unpack_failures(older);
    if (!self.ready.as_owner().push_quietly(f)) {
      pack_failures(f);
      fork_full(self, f);
    }
    f = older;
  }
  worker_counters::add(self.counters.injected, taken);
  if (taken > 1 && takes_step()) notify_after_quiet();
  return f;
}

void arena::look_around(worker& self) noexcept {
  if (player_ != nullptr) return raid(self);
  if (idle_.clear_mark()) {
    frame* const oldest = take_injected(self);
    if (oldest != nullptr && !self.ready.as_owner().push_quietly(oldest)) {
      pack_failures(oldest);
      fork_full(self, oldest);
    }
  }
  notify_after_quiet();
}

frame* arena::take_oldest(worker_place& self) noexcept { return self.ready.as_thief().steal().item; }

frame* arena::steal_round(worker_place& self, bool& lost) noexcept {
  const unsigned count = worker_count();
  self.victim_seed = self.victim_seed * 6364136223846793005U + 1442695040888963407U;
  unsigned victim = static_cast<unsigned>((self.victim_seed >> 33) % count);
  for (unsigned i = 0; i < count; ++i, victim = victim + 1 == count ? 0 : victim + 1) {
    if (victim == self.index) continue;
    const stolen<frame> got = workers_[victim]->ready.as_thief().steal();
    if (got.outcome == steal_outcome::taken) {
      worker_counters::add(self.counters.tasks_stolen);
      return got.item;
    }
    if (got.outcome == steal_outcome::lost) {
      worker_counters::add(self.counters.steals_lost);
      lost = true;
    }
  }
  return nullptr;
}

void arena::found_while_searching() noexcept {
  if (!idle_.stop_search() || !takes_step()) return;
  if (!injected_.is_empty()) return wake(idle_.take_sleeper_or_mark());
  if (has_work()) notify();
}

// Looks at everything for a while, then parks. Null: woken to leave, or to look again.
frame* arena::search(worker_place& self) noexcept {
  bool searching = idle_.start_search();
  for (;;) {
    for (int round = 0; searching && round < search_rounds; ++round) {
      bool lost = false;
      frame* f = steal_round(self, lost);
      if (f == nullptr) f = take_injected(self);
      if (f != nullptr) {
        found_while_searching();
        return f;
      }
      if (exiting_.load(relaxed)) break;  // work() looks again
      pause_for(lost ? 0 : round);
    }
    searching = park(self, searching);
    if (exiting_.load(relaxed)) return nullptr;  // as above
    if (!searching) return nullptr;
  }
}

}  // namespace weft::detail
