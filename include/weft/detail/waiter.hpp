// SPDX-License-Identifier: Apache-2.0
//
// A frame that waits for something: the one record every primitive links, signals and reports.
#pragma once

#include "weft/detail/frame_head.hpp"

#include <source_location>

namespace weft::detail {

class arena;

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
  context* level = nullptr;             // while it is listed there: detail/context.hpp
  waiter* older = nullptr;              // of that list
  waiter* newer = nullptr;
};

}  // namespace weft::detail
