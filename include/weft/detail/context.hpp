// SPDX-License-Identifier: Apache-2.0
//
// What a frame runs under: the level of cancellation, deadline and locals that its children inherit by one store.
//
// Plain functions find the level in worker::level. It is set where a worker picks a frame up, where a finished child goes on in a frame of
// another join, and where a level opens and ends; a child that is awaited, its awaiting frame and the siblings of a join share one. But a
// frame that has opened a level may be popped as a sibling, with the level that is outside its own: so the coroutines that open levels
// are the library's, and await one thing in it, after which nothing of the user's runs before the level ends.
#pragma once

#include "weft/detail/durations.hpp"
#include "weft/detail/frame_head.hpp"

#include <cstdint>

namespace weft::detail {

struct cancel_node;
struct local_value;
struct root;

/// One level, in the frame or root that opened it.
struct context {
  context* outer = nullptr;
  const root* top = nullptr;      // what the tasks of this level hang below, in the end
  cancel_node* cancel = nullptr;  // what they are cancelled with, if anything
  bool is_shielded = false;       // the end of their scheduler does not cancel them, either
  std::int64_t deadline = no_deadline;  // when they are, at the latest, in nanoseconds of the steady clock
  local_value* locals = nullptr;  // values of task locals, the innermost first; whoever opened the level holds them
};

/// The frame that this worker runs has opened or is closing a level: for plain functions. Not inlined: a coroutine that goes on on another
/// thread must not keep where its thread's variables were. Compiled in scheduler/locals.cpp.
void enter_level(context& level) noexcept;
void leave_level(const context& level) noexcept;

}  // namespace weft::detail
