// SPDX-License-Identifier: Apache-2.0
//
// A frame that waits for something: the one record every primitive links, signals and reports.
#pragma once

#include "weft/detail/frame_head.hpp"

#include <source_location>

namespace weft::sched {
class wait_list;
}

namespace weft::detail {

class arena;
struct root;

/// Lives in the awaiter, in the waiting frame. Whoever moves `state` away from waiting makes the frame ready.
struct waiter {
  enum state_of : std::uint32_t { waiting, signalled, cancelled, expired };

  frame* who = nullptr;
  arena* home = nullptr;                 // where it wakes
  atomic<std::uint32_t> state{waiting}; // one winner
  waiter* prev = nullptr;
  waiter* next = nullptr;
  const char* what = "";                // the kind of thing waited for, as a report prints it
  const char* name = "";                // its name, if it has one; lives as long as the wait
  std::source_location where;           // the wait itself, in the user's code
  const root* top = nullptr;            // what the frame hangs below, in the end
  sched::wait_list* listed = nullptr;   // while it is: the list of its worker, for reports (scheduler/waits.hpp)
  waiter* older = nullptr;              // in that list
  waiter* newer = nullptr;
};

/// Readies `w` for a wait of `who`, a frame that this worker runs, and lists it for reports. Before `w` is published.
/// Compiled in scheduler/waits.cpp.
void begin_wait(waiter& w, frame* who) noexcept;
void unlist(waiter& w) noexcept;

/// Takes `w` out of its list, if it is in one. By who runs its frame.
inline void end_wait(waiter& w) noexcept {
  if (w.listed != nullptr) unlist(w);
}

}  // namespace weft::detail
