// SPDX-License-Identifier: Apache-2.0
//
// The tree of what is cancelled together, and the waits in it.
//
// Shape: a node for each scope, timeout and the like, in the frame that opened it. Below it hang the nodes that were opened inside it and
//   the waits of tasks that run in it. Nothing is allocated, but for a stop source where one is asked for. A tree has one lock, in its
//   outermost node.
//
//     outermost - inner - inner - wait
//          \        \- wait
//           \- wait
//
// Who touches what
//   lists      under the tree's lock
//   cause      written under the lock, once; read by anybody who runs in the node
//   a wait     while it is in the tree it lives: who goes on in its frame takes it out first
//
// Rules   N1  a node is closed after all that was opened in it, and after all waits in it: it may go then
//         N2  a node is cancelled once, the first cause counts; all nodes below have its cause
//         N3  a wait that begins, or a node that is opened, in a cancelled one finds it cancelled: no cancellation is missed
//         N4  of a wait's end and its cancellation one wins, who makes its frame ready; whoever loses does nothing
//         N5  no frame is made ready, and no code of the user's runs, under the lock
//         N6  who cancels a node keeps it until the call returns
//         N7  a stop source that was made for a node is told after the waits of that node, by the call that cancels it; nothing of the node
//             is touched meanwhile, for it may close
//         N8  a wait that begins while its scheduler cancels all waits is cancelled: it is listed first, then asks (scheduler/waits.hpp)
//
// Edges   E1  cause   cancel_node::cause is stored with all that it says (release) -> cause_of() (acquire)
//
// Progress  cancelling: the lock is given back after each frame that is made ready, and after every 64 steps
// Cost      a wait that suspends: two more turns of the lock. Cancelling: one turn for each wait.
// Checked   tests/unit/cancel_node_test.cpp, tests/stress/cancel_node_stress.cpp, tests/model/cancel_model.cpp
#pragma once

#include "weft/detail/list_link.hpp"
#include "weft/detail/short_lock.hpp"
#include "weft/detail/sync.hpp"
#include "weft/detail/waiter.hpp"
#include "weft/errors.hpp"

#include <cstddef>
#include <stop_token>
#include <string_view>

namespace weft::detail {

/// Why something was cancelled.
struct cancel_cause {
  static constexpr std::size_t text_bytes = 56;

  cancel_reason why = cancel_reason::requested;
  char text[text_bytes] = {};  // what is over is cut off
};

struct deadline_timer;

struct cancel_node : list_link {
  cancel_node* top = this;  // the outermost one
  atomic<const cancel_cause*> cause{nullptr};  // E1; null: not cancelled. In the node that was cancelled, which lives longer
  deadline_timer* clock = nullptr;  // the innermost deadline it is under; its own is set before it is opened
  list_link waits;
  list_link inner;  // nodes that are not cancelled
  list_link pending;  // of who cancels it: nodes that are marked, and what is in them not yet
  short_lock lock;  // of an outermost one
  cancel_cause own;
  std::stop_source stop{std::nostopstate};  // under the lock; made when it is asked for, gone once it is told
};

/// Opens `n`, a fresh one, in `outer`; null: a tree of its own. It is cancelled from the start if `outer` is.
void open_node(cancel_node& n, cancel_node* outer) noexcept;
/// Closes it. By who opened it.
void close_node(cancel_node& n) noexcept;

/// Begins a wait of `who`, which this worker runs, that can be cancelled: with the level of `who`, and by a stop of its scheduler. Before
/// what is waited for knows it: it is arming from then on, until settle_wait(). False: it has ended as cancelled.
[[nodiscard]] bool begin_cancellable_wait(waiter& w, frame* who) noexcept;
/// Puts an arming wait into the tree. False: `n` is cancelled, and the wait in no tree and ended as cancelled.
[[nodiscard]] bool enter_wait(waiter& w, cancel_node& n) noexcept;
/// Takes it out, if it is in one. By who goes on in its frame.
void leave_wait(waiter& w) noexcept;

/// What is thrown for a wait that was cancelled, as its node says why; else its scheduler stops. Where it is thrown matters: each function
/// that it has to leave on its way, and each object there, costs as much as all the rest. Throws std::bad_alloc.
[[nodiscard]] WEFT_COLD_THROWS operation_cancelled cancellation_of(const waiter& w, const char* call);

/// Cancels `n` and all below it: every wait there ends as cancelled and its frame is made ready. False: it was cancelled before, perhaps by
/// a call that has not ended. Any thread.
bool cancel_node_now(cancel_node& n, cancel_reason why, std::string_view text) noexcept;

/// A token that is stopped when `n` is cancelled. By who runs in it. Throws std::bad_alloc.
[[nodiscard]] std::stop_token token_of(cancel_node& n);

/// Why `n` was cancelled, or null. By who runs in it.
[[nodiscard]] inline const cancel_cause* cause_of(const cancel_node& n) noexcept { return n.cause.load(acquire); }  // E1

}  // namespace weft::detail
