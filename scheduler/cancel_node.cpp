// SPDX-License-Identifier: Apache-2.0
//
// Trees of what is cancelled together.
#include "weft/detail/cancel_node.hpp"

#include "arena.hpp"
#include "weft/detail/context.hpp"
#include "weft/detail/deadline.hpp"
#include "weft/detail/expects.hpp"
#include "weft/detail/worker.hpp"

#include <mutex>
#include <stop_token>
#include <string>
#include <utility>

namespace weft::detail {

namespace {

constexpr int steps_at_once = 64;

/// `n` is cancelled from now on; what is in it is yet to be told: `pending` has it.
void mark(cancel_node& n, const cancel_cause& cause, list_link& pending) noexcept {
  n.cause.store(&cause, release);  // E1
  n.take_out();
  pending.append(n);
}

cancel_node& node_at(list_link* place) noexcept { return static_cast<cancel_node&>(*place); }

// From here on there is something in `n` that its deadlines can end.
void watch_deadlines(cancel_node& n) noexcept {
  if (n.clock != nullptr && n.clock->state.load(relaxed) == deadline_timer::unarmed) arm_deadlines(*n.clock);  // one arms it
}

}  // namespace

void open_node(cancel_node& n, cancel_node* outer) noexcept {
  if (outer == nullptr) return;
  (n.clock == nullptr ? n.clock : n.clock->outer) = outer->clock;
  n.top = outer->top;
  const std::scoped_lock hold(n.top->lock);
  const cancel_cause* const cause = outer->cause.load(relaxed);  // written under the lock
  if (cause == nullptr)
    outer->inner.append(n);
  else
    n.cause.store(cause, relaxed);  // to who runs in the node, which is who opens it
}

void close_node(cancel_node& n) noexcept {
  const std::scoped_lock hold(n.top->lock);
  invariant(n.waits.is_alone() && n.inner.is_alone(), "close_node", "something is left in a node that is closed");
  n.take_out();
}

bool enter_wait(waiter& w, cancel_node& n) noexcept {
  watch_deadlines(n);
  w.node = &n;
  const std::scoped_lock hold(n.top->lock);
  const bool is_cancelled = n.cause.load(relaxed) != nullptr;  // written under the lock
  if (is_cancelled)
    static_cast<void>(end_as(w, waiter::cancelled));
  else
    n.waits.append(w);
  return !is_cancelled;
}

bool begin_cancellable_wait(waiter& w, frame* who) noexcept {
  w.state.store(waiter::arming, relaxed);  // ours
  const context* const level = who->head.level;
  w.can_cancel = true;
  w.is_shielded = level != nullptr && level->is_shielded;
  const auto most_protected = w.is_shielded ? sched::cancelled_waits::unshielded : sched::cancelled_waits::none;
  begin_wait(w, who);
  if (w.top != nullptr && w.top->home->cancels_waits() > most_protected) {
    static_cast<void>(end_as(w, waiter::cancelled));
    return false;
  }
  return level == nullptr || level->cancel == nullptr || enter_wait(w, *level->cancel);
}

void leave_wait(waiter& w) noexcept {
  if (w.node == nullptr) return;
  const std::scoped_lock hold(w.node->top->lock);
  w.take_out();
}

operation_cancelled cancellation_of(const waiter& w, const char* call) {
  static constexpr cancel_cause stopping{cancel_reason::stopping, "its scheduler is stopping"};
  const cancel_cause* cause = w.node != nullptr ? cause_of(*w.node) : nullptr;
  if (cause == nullptr) cause = &stopping;
  std::string text = std::string("weft: ") + call + ": the wait for " + w.what;
  if (*w.name != '\0') text.append(" \"").append(w.name).append("\"");
  return operation_cancelled(text.append(" was cancelled: ").append(cause->text), cause->why);
}

std::stop_token token_of(cancel_node& n) {
  watch_deadlines(n);
  {
    const std::scoped_lock hold(n.top->lock);
    if (n.stop.stop_possible()) return n.stop.get_token();
  }
  std::stop_source fresh;
  {
    const std::scoped_lock hold(n.top->lock);
    if (n.stop.stop_possible()) return n.stop.get_token();
    if (n.cause.load(relaxed) == nullptr) {  // written under the lock
      n.stop = fresh;
      return fresh.get_token();
    }
  }
  fresh.request_stop();
  return fresh.get_token();
}

bool cancel_node_now(cancel_node& n, cancel_reason why, std::string_view text) noexcept {
  std::unique_lock hold(n.top->lock);
  if (n.cause.load(relaxed) != nullptr) return false;  // written under the lock
  n.own.why = why;
  text.copy(n.own.text, cancel_cause::text_bytes - 1);
  list_link& pending = n.pending;
  mark(n, n.own, pending);
  for (int steps = 1; !pending.is_alone(); ++steps) {
    cancel_node& next = node_at(pending.next);
    if (!next.waits.is_alone()) {
      auto& w = static_cast<waiter&>(*next.waits.next);
      w.take_out();
      if (end_as(w, waiter::cancelled) == wait_end::asleep) {
        frame* const who = w.who;
        arena* const home = w.home;
        hold.unlock();
        make_ready(who, home);
        hold.lock();
        continue;
      }
    } else if (!next.inner.is_alone()) {
      mark(node_at(next.inner.next), *next.cause.load(relaxed), pending);  // written under the lock
    } else if (next.stop.stop_possible()) {
      std::stop_source told = std::exchange(next.stop, std::stop_source(std::nostopstate));
      hold.unlock();
      told.request_stop();  // N5 N7
      told = std::stop_source(std::nostopstate);
      hold.lock();
      continue;
    } else {
      next.take_out();
    }
    if (steps % steps_at_once == 0) {
      hold.unlock();
      hold.lock();
    }
  }
  return true;
}

}  // namespace weft::detail
