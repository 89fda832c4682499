// SPDX-License-Identifier: Apache-2.0
//
// Going to sleep: announce, look, sleep a little, look again behind a barrier, sleep. The rules are idle.hpp's.
#include "arena.hpp"

namespace weft::detail {

namespace {

constexpr std::int64_t settling = 500'000;              // nanoseconds before the second look
constexpr std::int64_t looking_interval = 100'000'000;  // per worker, where the system has no process-wide barrier

}  // namespace

bool arena::has_work() noexcept {
  if (!injected_.is_empty() || lacks_watcher()) return true;
  for (const auto& w : workers_)
    if (!w->ready.as_thief().is_empty()) return true;
  return false;
}

// True: woken, and counted as a searcher. False: the stop, or something is due. The driver is left before that is looked at: whoever is
// woken to watch finds it free.
bool arena::park(worker_place& self, bool searching) noexcept {
  worker_counters::add(self.counters.parks);
  frame_cache_publish(self);
  self.owes_look = false;  // as it lies down it looks at all there is
  const sched::bed where = idle_.choose_bed();
  idle_.announce(self.index, where, searching);
  if (takes_step() && has_work()) notify();  // perhaps this worker
  const bool woken = sleep_in(self, where);
  idle_.leave_bed(where);
  if (where == sched::bed::stack) return woken;
  self.owes_look = true;
  if (!woken && !exiting_.load(relaxed)) static_cast<void>(driver_->poll());  // work() looks again
  return woken;
}

bool arena::sleep_in(worker_place& self, sched::bed where) noexcept {
  std::int64_t most = settling;
  for (;;) {
    if (sleep(self, where, most)) return !exiting_.load(relaxed);  // work() looks again
    if (exiting_.load(relaxed)) return false;                      // as above
    if (where == sched::bed::driver && rise_for_due(self)) return false;
    if (most < 0) continue;  // it has settled: interrupted for an earlier timer, or somebody else was faster with one
    const bool settled = barrier_all_threads();
    if (takes_step() && has_work()) notify();  // E2 of idle.hpp
    if (options_.on_deadlock) look_for_deadlock();
    most = settled || !takes_step() ? -1 : looking_interval * worker_count();
  }
}

// True: a waker took this worker out of its bed. False: early, or time is over; it is still in bed.
bool arena::sleep(worker_place& self, sched::bed where, std::int64_t nanoseconds) noexcept {
  if (where == sched::bed::stack) return self.parker.sleep(nanoseconds);
  driver_->wait(nanoseconds);
  return self.parker.take_wake();
}

// Leaves the driver unasked. If a waker was faster, its wake is waited for and this worker is a searcher: it stops being one.
bool arena::get_up(worker_place& self) noexcept {
  if (idle_.leave_driver(self.index)) return true;
  while (!self.parker.sleep(-1)) {
  }
  found_while_searching();
  return true;
}

void arena::wake_everybody() noexcept {
  for (const auto& w : workers_) w->parker.wake();
  if (takes_step()) driver_->interrupt();
}

}  // namespace weft::detail
