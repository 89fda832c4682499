// SPDX-License-Identifier: Apache-2.0
//
// A frame that waits for something: the one record every primitive links, signals and reports.
//
// State   arming -> waiting -> signalled | cancelled | expired, arming -> signalled | cancelled | expired
//         A wait that only one place can end starts as waiting. One that can be cancelled as well is arming until all that may end it know
//         it: who ends it meanwhile has nobody to wake, and the frame does not suspend.
//         cancelled | expired -> passed, by the rival that came too late, where the wait has to outlast it
// Edges   E1  early   ending an arming wait (release) -> settle_wait() that fails (acquire): what it was given is seen
//         E2  asleep  settle_wait() (release) -> ending a waiting one (acquire): who makes the frame ready has seen all that it did
#pragma once

#include "weft/detail/frame_head.hpp"
#include "weft/detail/list_link.hpp"

#include <source_location>

namespace weft::sched {
class wait_list;
}

namespace weft::detail {

class arena;
struct cancel_node;
struct root;

/// Lives in the awaiter, in the waiting frame. Whoever moves `state` away from waiting makes the frame ready. Its links: among the waits
/// that are cancelled together (detail/cancel_node.hpp).
struct waiter : list_link {
  enum state_of : std::uint32_t { waiting, arming, signalled, cancelled, expired, passed };

  frame* who = nullptr;
  arena* home = nullptr;                 // where it wakes
  atomic<std::uint32_t> state{waiting}; // E1 E2; one ends it
  const char* what = "";                // the kind of thing waited for, as a report prints it
  const char* name = "";                // its name, if it has one; lives as long as the wait
  std::source_location where;           // the wait itself, in the user's code
  const root* top = nullptr;            // what the frame hangs below, in the end
  sched::wait_list* listed = nullptr;   // while it is: the list of its worker, for reports (scheduler/waits.hpp)
  waiter* older = nullptr;              // in that list
  waiter* newer = nullptr;
  cancel_node* node = nullptr;          // in which it is cancelled, if in any
  bool is_external = false;             // who ends it may be none of its scheduler
  bool can_cancel = false;              // it was begun so that it can be cancelled: with its level, and by a stop
  bool is_shielded = false;             // by a stop it is not
  bool is_linked = false;               // whoever completes what is waited for knows it
};

/// What became of an attempt to end a wait: somebody else has; it was ours, and its frame is awake; or it was, and is to be made ready.
enum class wait_end : std::uint8_t { lost, awake, asleep };

/// Ends a wait, if nobody has.
[[nodiscard]] inline wait_end end_as(waiter& w, waiter::state_of as) noexcept {
  std::uint32_t seen = waiter::waiting;
  while (!w.state.compare_exchange_weak(seen, as, acq_rel, relaxed))  // E1 E2
    if (seen != waiter::waiting && seen != waiter::arming) return wait_end::lost;
  return seen == waiter::waiting ? wait_end::asleep : wait_end::awake;
}

/// All that may end an arming wait know it. True: its frame sleeps, and nothing of it may be touched. False: it has ended already.
[[nodiscard]] inline bool settle_wait(waiter& w) noexcept {
  std::uint32_t expected = waiter::arming;
  return w.state.compare_exchange_strong(expected, waiter::waiting, release, acquire);  // E2, E1 if it fails
}

/// Readies `w` for a wait of `who`, a frame that this worker runs, and lists it for reports. Before `w` is published.
/// Compiled in scheduler/waits.cpp.
void begin_wait(waiter& w, frame* who) noexcept;
void unlist(waiter& w) noexcept;

/// Takes `w` out of its list, if it is in one. By who runs its frame.
inline void end_wait(waiter& w) noexcept {
  if (w.listed != nullptr) unlist(w);
}

}  // namespace weft::detail
