// SPDX-License-Identifier: Apache-2.0
//
// Results of children, from their ends to whoever waits for the next.
#include "weft/detail/child_results.hpp"

#include "weft/detail/scope_state.hpp"

#include <mutex>
#include <utility>

namespace weft::detail {

void child_results::clear() noexcept {
  while (first_ != nullptr) drop(std::exchange(first_, first_->behind));
}

void child_results::expect() noexcept {
  const std::scoped_lock hold(lock_);
  ++to_come_;
}

void child_results::give(scope_child* finished) noexcept {
  std::unique_lock hold(lock_);
  --to_come_;
  if (finished != nullptr) {
    finished->behind = nullptr;
    (last_ != nullptr ? last_->behind : first_) = finished;
    last_ = finished;
  } else if (to_come_ != 0) {
    return;
  }
  waiter* const w = turn_;
  if (w == nullptr || end_as(*w, waiter::signalled) != wait_end::asleep) return;
  frame* const who = w->who;
  arena* const home = w->home;
  hold.unlock();
  make_ready(who, home);
}

next_result child_results::look() const noexcept {
  if (turn_ != nullptr) return next_result::taken;
  return first_ != nullptr || to_come_ == 0 ? next_result::settled : next_result::to_come;
}

// It does not sleep: what comes meanwhile must not wake it.
void child_results::note_ended(waiter& w) noexcept {
  static_cast<void>(end_as(w, waiter::signalled));
  turn_ = &w;
}

next_result child_results::ask(waiter& w) noexcept {
  const std::scoped_lock hold(lock_);
  const next_result found = look();
  if (found == next_result::settled) note_ended(w);
  return found;
}

next_result child_results::link(waiter& w) noexcept {
  const std::scoped_lock hold(lock_);
  const next_result found = look();
  if (found == next_result::settled) note_ended(w);
  if (found == next_result::to_come) turn_ = &w;
  return found;
}

scope_child* child_results::take(waiter& w) noexcept {
  const std::scoped_lock hold(lock_);
  if (turn_ == &w) turn_ = nullptr;
  if (first_ == nullptr) return nullptr;
  scope_child* const taken = std::exchange(first_, first_->behind);
  if (first_ == nullptr) last_ = nullptr;
  return taken;
}

}  // namespace weft::detail
