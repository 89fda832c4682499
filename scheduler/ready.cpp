// SPDX-License-Identifier: Apache-2.0
//
// Making frames ready: the compiled ends of fork and make_ready.
#include "arena.hpp"
#include "weft/detail/expects.hpp"

namespace weft::detail {

void wake_after_fork(worker& self) noexcept { self.home->notify_after_quiet(); }

void fork_full(worker& self, frame* child) noexcept {
  // The injection queue needs no memory. It is closed only when nothing runs here any more.
  const bool taken = self.home->inject(child);
  invariant(taken, "fork", "a worker forked after its injection queue was closed");
}

void make_ready(frame* ready, arena* home) noexcept {
  worker& here = current_worker();
  if (home->owns(here) && here.ready.as_owner().push(ready)) return home->notify();
  // Refused: the scheduler has stopped and abandoned this frame; stop() has reported its root.
  static_cast<void>(home->inject(ready));
}

bool arena::inject(frame* f) noexcept {
  if (!injected_.push(f)) return false;
  notify();
  return true;
}

void arena::wake(sched::sleeper who) noexcept {
  if (who.index == sched::sleeper::nobody) return;
  worker& here = current_worker();
  if (owns(here)) worker_counters::add(here.counters.wakes_sent);
  workers_[who.index]->parker.wake();
  if (who.where == sched::bed::driver) driver_->interrupt();
}

}  // namespace weft::detail
