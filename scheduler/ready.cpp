// SPDX-License-Identifier: Apache-2.0
//
// Making frames ready: the compiled ends of fork and make_ready.
//
// Once a frame is on an injection queue it may run, end, and with it the last reason to keep its scheduler: the user may destroy
// that while the thread that injected is still about to wake somebody. So whoever is no worker of it is counted as a visitor
// from before the push to after the wake, and the scheduler's memory outlasts its visitors.
//   E1  a visitor's leaving (release) -> the load in ~arena that finds none (acquire). That it had come is seen there because
//       the push, and all that the frame did since, lie in between.
#include "arena.hpp"
#include "weft/detail/expects.hpp"

namespace weft::detail {

void wake_after_fork(worker& self) noexcept {
  if (takes_step()) self.home->look_around(self);
}

void fork_full(worker& self, frame* child) noexcept {
  // The injection queue needs no memory. It is closed only when nothing runs here any more.
  const bool taken = self.home->inject(child);
  invariant(taken, "fork", "a worker forked after its injection queue was closed");
}

void make_ready(frame* ready, arena* home) noexcept {
  worker& here = current_worker();
  if (home->owns(here) && here.ready.as_owner().push(ready)) {
    if (takes_step()) home->notify();
    return;
  }
  // Refused: the scheduler has stopped and abandoned this frame; stop() has reported its root, or it as a guest.
  static_cast<void>(home->inject(ready));
}

bool let_others_run(worker& self, frame* f) noexcept {
  if (self.budget != 0 || !self.home->inject(f)) return false;
  worker_counters::add(self.counters.budgets_spent);
  return true;
}

bool arena::inject(frame* f) noexcept {
  const bool visiting = !owns(current_worker());
  if (visiting) visitors_.fetch_add(1, relaxed);  // ordered by the push, E1
  const bool taken = injected_.push(f);
  if (taken && takes_step()) wake(visiting ? idle_.take_sleeper_or_mark() : idle_.take_sleeper());
  if (visiting) visitors_.fetch_sub(1, release);  // E1; nothing of this scheduler may be touched any more
  return taken;
}

void arena::wake(sched::sleeper who) noexcept {
  if (who.index == sched::sleeper::nobody) return;
  worker& here = current_worker();
  if (owns(here)) worker_counters::add(here.counters.wakes_sent);
  workers_[who.index]->parker.wake();
  if (who.where == sched::bed::driver && takes_step()) driver_->interrupt();
}

}  // namespace weft::detail
