// SPDX-License-Identifier: Apache-2.0
//
// The timer of a cancel node that is cancelled when its time is over.
//
// It is armed by the first wait below the node, or who asks there for a stop token: until then there is nothing that could be cancelled,
//   and what is ready at once costs no timer. It lies in the timers of the home of the root above: that scheduler lives as long as the
//   node, wherever the tasks go.
//
//     unarmed -> armed -> firing -> fired         firing: by the worker that took it from the wheel, with the lock of the timers held
//                  \-> (removed)
//
// Rules   D1  it is armed once, by one of the waits below the node, before that one can sleep, or of those who ask for its token
//         D2  it is disarmed before the node is closed, when all waits below have come to their ends: who arms it is through then
//         D3  who fires it keeps the node, and it, until it has said so; who disarms it waits for that: a short time, for nothing is left
//             below the node that could be cancelled, but callbacks of stop tokens
//
// Edges   E1  fired   the end of the cancellation (release) -> disarm_deadline() (acquire): the node and the timer may go
//
// Checked   tests/unit/timeout_test.cpp, tests/stress/timer_stress.cpp, tests/model/timer_model.cpp
#pragma once

#include "weft/detail/sync.hpp"
#include "weft/detail/timer_node.hpp"

#include <cstdint>

namespace weft::detail {

class arena;
struct cancel_node;

/// In the frame that opened the node.
struct deadline_timer : timer_node {
  enum state_of : std::uint32_t { unarmed, armed, firing, fired };

  cancel_node* node = nullptr;
  arena* home = nullptr;
  deadline_timer* outer = nullptr;         // the next one around it, if any
  atomic<std::uint32_t> state{unarmed};    // E1; futex word of who disarms it

  explicit deadline_timer(std::int64_t when) noexcept : timer_node(when, timer_purpose::cancels) {}

  /// It has been taken from the wheel. With the lock of the timers held.
  deadline_timer& taken() noexcept {
    state.store(firing, relaxed);  // the lock orders it
    return *this;
  }
  /// Its time is over. By who has taken it, without the lock.
  void cancel() noexcept;
};

/// Arms a deadline and those around it, as far as they are not. By who runs below. Compiled in scheduler/deadline.cpp.
WEFT_COLD void arm_deadlines(deadline_timer& innermost) noexcept;

/// Takes it back. By who opened its node, before that is closed.
void disarm_deadline(deadline_timer& t) noexcept;

}  // namespace weft::detail
