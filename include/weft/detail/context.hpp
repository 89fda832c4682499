// SPDX-License-Identifier: Apache-2.0
//
// What a frame runs under: the level of cancellation, deadline and locals that its children inherit by one store. A level knows who
// waits below it.
//
// Who touches what: the list of waits only under the lock. A wait is listed by the worker that runs its frame, before anybody can
//   wake it, and taken out by the worker that goes on in it, before the frame can end: so a listed wait lives. Reports read it.
// Cost: two uncontended locks for a wait that suspends; a fork-join touches none of it.
// Checked: tests/unit/wait_test.cpp, tests/model/context_model.cpp
#pragma once

#include "weft/detail/frame_head.hpp"
#include "weft/detail/short_lock.hpp"
#include "weft/detail/waiter.hpp"

#include <cstddef>

namespace weft::detail {

/// One level, in the frame or root that opened it.
struct context {
  context* outer = nullptr;
  short_lock lock;             // over the two below
  waiter* oldest = nullptr;    // of those that wait at this level
  waiter* newest = nullptr;
};

/// Readies `w` for a wait of `who`, the frame that this worker runs, and lists it at the level of that. Before `w` is published.
void begin_wait(waiter& w, frame* who) noexcept;

void unlist(waiter& w) noexcept;

/// Takes `w` out of the list, if it is in one. By who runs its frame.
inline void end_wait(waiter& w) noexcept {
  if (w.level != nullptr) unlist(w);
}

}  // namespace weft::detail
