// SPDX-License-Identifier: Apache-2.0
//
// Who looks at the clock: the rules, and why no timer is forgotten, are in timers.hpp.
#include "arena.hpp"

namespace weft::detail {

bool arena::arm(timer_node& t) noexcept {
  if (!timers_.insert(t)) return false;
  if (idle_.load().in_driver() == 0) return true;
  if (takes_step()) driver_->interrupt();
  return false;
}

bool arena::lacks_watcher() const noexcept { return timers_.earliest() != no_deadline && idle_.load().in_driver() == 0; }

void arena::look_for_watcher() noexcept {
  if (lacks_watcher()) notify();
}

// Also for what was due, of which perhaps not all is what it takes up.
void arena::look_before_task(worker_place& self) noexcept {
  self.owes_look = false;
  if (takes_step() && has_work()) notify_after_quiet();
}

bool arena::rise_for_due(worker_place& self) noexcept {
  const auto next = driver_->next_deadline();
  return next && *next <= now() && get_up(self);
}

void arena::fire_between(worker_place& self) noexcept {
  if (timers_.fire(self)) notify_after_quiet();
}

}  // namespace weft::detail
