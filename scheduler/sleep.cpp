// SPDX-License-Identifier: Apache-2.0
//
// Sleeps: waits that a timer ends. Who wakes whom for the timer is in timers.hpp.
#include "weft/detail/sleep_timer.hpp"

#include "arena.hpp"
#include "weft/detail/cancel_node.hpp"
#include "weft/detail/context.hpp"
#include "weft/detail/expects.hpp"

namespace weft::detail {

bool begin_sleep(sleep_timer& t, frame* who, const char* call) {
  worker& here = current_worker();
  arena* const home = here.home;
  expects(home != nullptr, call, "this thread is no worker; sleep in a task, or use std::this_thread::sleep_for");
  t.is_begun = true;
  if (!begin_cancellable_wait(t.wait, who)) return false;
  const bool is_unwatched = home->arm(t);
  if (settle_wait(t.wait)) {
    if (is_unwatched) static_cast<worker_place&>(here).owes_look = true;  // nothing of the frame may be touched any more
    return true;
  }
  if (is_unwatched) home->look_for_watcher();  // this one goes on
  return false;
}

void leave_sleep(sleep_timer& t) noexcept {
  end_wait(t.wait);
  leave_wait(t.wait);
  if (t.wait.state.load(relaxed) != waiter::expired) t.wait.home->disarm(t);  // else the wheel was done with it before it said so
  t.is_begun = false;
}

bool end_sleep(sleep_timer& t) noexcept {
  leave_sleep(t);
  return t.wait.state.load(relaxed) == waiter::expired;  // it was made ready, or never asleep
}

}  // namespace weft::detail
