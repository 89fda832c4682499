// SPDX-License-Identifier: Apache-2.0
//
// Deadlines of what is cancelled together. The edge is that of detail/deadline.hpp:
//   E1  the end of the cancellation, to who disarms
#include "weft/detail/deadline.hpp"

#include "arena.hpp"
#include "weft/detail/cancel_node.hpp"

namespace weft::detail {

void deadline_timer::cancel() noexcept {
  cancel_node_now(*node, cancel_reason::deadline, "its time was over");
  state.store(fired, release);  // E1; the frame may go now
  futex_wake(&state);
}

void arm_deadlines(deadline_timer& innermost) noexcept {
  for (deadline_timer* t = &innermost; t != nullptr; t = t->outer) {
    std::uint32_t expected = deadline_timer::unarmed;
    if (!t->state.compare_exchange_strong(expected, deadline_timer::armed, relaxed, relaxed)) return;  // one arms it; the lock publishes it
    if (t->home->arm(*t)) t->home->look_for_watcher();
  }
}

void disarm_deadline(deadline_timer& t) noexcept {
  if (t.state.load(relaxed) == deadline_timer::unarmed) return;  // D2: who armed it is through
  if (t.home->disarm(t)) return;
  for (std::uint32_t seen = t.state.load(acquire); seen != deadline_timer::fired; seen = t.state.load(acquire))  // E1
    futex_wait(t.state, seen);
}

}  // namespace weft::detail
