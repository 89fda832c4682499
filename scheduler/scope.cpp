// SPDX-License-Identifier: Apache-2.0
//
// Scopes: coming in, going out, taking turns, and what has failed. The edges are those of detail/scope_state.hpp:
//   E1  the end
//   E2  the last handle frees
#include "weft/scope.hpp"

#include "weft/detail/expects.hpp"
#include "weft/detail/failures.hpp"
#include "weft/detail/frame_pool.hpp"
#include "weft/detail/worker.hpp"

#include <algorithm>
#include <cstdio>
#include <mutex>
#include <new>
#include <string>
#include <utility>
#include <vector>

namespace weft {

scope::~scope() { state_->drop(); }

namespace detail {

namespace {

void end_child(scope_child& c) noexcept {
  scope_state& s = *c.in;
  complete(c);  // S2: it may be gone
  s.end_turn();
  s.leave();
}

// In the place of a child whose turn came when the scope was cancelled: it ends as one whose wait was.
void end_unstarted(frame* self) noexcept {
  auto& c = static_cast<scope_child&>(*self);
  destroy_frame(c.first);
  try {
    const cancel_cause& cause = *cause_of(c.in->node());
    throw operation_cancelled(std::string("weft: scope: task \"") + c.name + "\" was cancelled before it started: " + cause.text,
                              cause.why);
  } catch (...) {
    c.failure = std::current_exception();
  }
  end_child(c);
}

}  // namespace

void throw_no_result(const scope_child& c) {
  throw operation_cancelled(std::string("weft: co_await child_handle: task \"") + c.name + "\" gave no result; with_scope throws why",
                            cancel_reason::sibling_failed);
}

scope_child::scope_child(scope_state& s, child_of who) noexcept : in(&s), number(s.next_number()), whose(who) {
  resume = as_resumed([](frame* self) { end_child(static_cast<scope_child&>(*self)); });
  deliver = [](root& r) noexcept { static_cast<scope_child&>(r).in->settle(static_cast<scope_child&>(r)); };
  if (who != child_of::its_handle) references.store(1, relaxed);  // nobody else knows it yet
  level = s.level();
  level.outer = &s.level();
  level.top = this;
}

scope_state* scope_state::make(scope_level& level, std::size_t most) {
  return ::new (allocate_frame(sizeof(scope_state))) scope_state(level, most);
}

scope_state::scope_state(scope_level& level, std::size_t most) noexcept : level_(&level), home_(current_worker().home), most_(most) {}

scope_state::~scope_state() {
  while (failed_ != nullptr) detail::drop(std::exchange(failed_, failed_->behind));
}

void scope_state::drop() noexcept {
  if (handles_.fetch_sub(1, acq_rel) != 1) return;  // E2
  this->~scope_state();
  release_frame(this, sizeof(scope_state));
}

// --- coming in and going out ---

bool scope_state::enter() noexcept {
  std::uint64_t seen = word_.load(relaxed);  // the CAS decides
  do {
    if (seen == 0) return false;
  } while (!word_.compare_exchange_weak(seen, seen + child, relaxed, relaxed));  // what is there was there before the handle
  return true;
}

void scope_state::leave() noexcept {
  std::uint64_t seen = word_.load(relaxed);  // the CAS decides
  std::uint64_t left = 0;
  bool wakes = false;
  do {
    left = seen - child;
    wakes = left == 0 || left == (body | joins);
    if (left == (body | joins)) left = body;
  } while (!word_.compare_exchange_weak(seen, left, acq_rel, relaxed));  // E1
  if (!wakes) return;
  const waiter& w = *sleeper_.load(relaxed);  // ordered by E1
  make_ready(w.who, w.home);
}

bool scope_state::claim(waiter& w) noexcept {
  waiter* nobody = nullptr;
  return sleeper_.compare_exchange_strong(nobody, &w, relaxed, relaxed);  // who reads it is ordered by E1
}

void scope_state::give_up(waiter& w) noexcept {
  if (sleeper_.load(relaxed) == &w) sleeper_.store(nullptr, relaxed);  // ours
}

bool scope_state::join() noexcept {
  std::uint64_t seen = word_.load(acquire);  // E1
  while (seen > body)
    if (word_.compare_exchange_weak(seen, seen | joins, acq_rel, acquire)) return true;  // E1
  return false;
}

bool scope_state::end() noexcept { return word_.fetch_sub(body, acq_rel) != body; }  // E1

bool scope_state::end_alone() noexcept {
  std::uint64_t alone = body;
  return word_.compare_exchange_strong(alone, 0, acquire, relaxed);  // E1
}

// --- turns ---

bool scope_state::take_turn() noexcept {
  if (most_ == 0) return true;
  const std::scoped_lock hold(lock_);
  if (running_ == most_) return false;
  ++running_;
  return true;
}

bool scope_state::take_turn_or_wait(scope_child& c, frame* first) noexcept {
  if (most_ == 0) return true;
  const std::scoped_lock hold(lock_);
  if (running_ < most_) {
    ++running_;
    return true;
  }
  c.first = first;
  (last_ != nullptr ? last_->behind : next_) = &c;
  last_ = &c;
  return false;
}

void scope_state::end_turn() noexcept {
  if (most_ == 0) return;
  std::unique_lock hold(lock_);
  scope_child* const c = next_;
  if (c == nullptr) {
    --running_;
    return;
  }
  next_ = c->behind;  // S4
  if (next_ == nullptr) last_ = nullptr;
  hold.unlock();
  start(*c);
}

// Refused: its home has stopped and abandoned it, and has reported it.
void scope_state::start(scope_child& c) noexcept {
  if (cause_of(node()) == nullptr) return static_cast<void>(submit(c, c.first));
  c.resume = as_resumed(&end_unstarted);
  static_cast<void>(submit(c, &c));
}

// --- failures ---

void scope_state::settle(scope_child& c) noexcept {
  if (c.failure != nullptr && keep_failure(c)) {  // S3
    char text[cancel_cause::text_bytes];
    std::snprintf(text, sizeof text, *c.name != '\0' ? "a sibling failed: %s" : "a sibling failed", c.name);
    level_->cancel(cancel_reason::sibling_failed, text);
  }
  if (c.whose != child_of::its_results) return;
  if (c.has_value) c.references.fetch_add(1, relaxed);  // we have one
  results_.give(c.has_value ? &c : nullptr);
}

// Whether it was cancelled by whoever has the scope, and not for what became of it.
bool scope_state::is_dismissed() noexcept {
  const cancel_cause* const cause = cause_of(node());
  return cause == &node().own && cause->why == cancel_reason::requested;
}

// True: it is the first. Of cancellations only that of a first one is kept, so that a scope that is cancelled holds no list of them all.
bool scope_state::keep_failure(scope_child& c) noexcept {
  const bool is_cancelled = is_cancellation(c.failure);
  std::unique_lock hold(lock_);
  if (is_cancelled && (has_failed_ || is_dismissed())) {
    hold.unlock();
    c.failure = nullptr;
    return false;
  }
  c.failure_seen = true;
  c.references.fetch_add(1, relaxed);  // we have one
  c.behind = std::exchange(failed_, &c);
  return !std::exchange(has_failed_, true);
}

void scope_state::fail_body() noexcept {
  {
    const std::scoped_lock hold(lock_);
    has_failed_ = true;
  }
  level_->cancel(cancel_reason::sibling_failed, "the body of the scope failed");
}

void scope_state::close(std::exception_ptr of_body) {
  results_.clear();
  if (failed_ == nullptr && of_body == nullptr) return;
  if (failed_ == nullptr) std::rethrow_exception(std::move(of_body));                                      // needs no memory
  if (failed_->behind == nullptr && of_body == nullptr) std::rethrow_exception(std::move(failed_->failure));  // as above
  std::vector<scope_child*> in_order;
  for (scope_child* c = failed_; c != nullptr; c = c->behind) in_order.push_back(c);
  std::sort(in_order.begin(), in_order.end(), [](const scope_child* a, const scope_child* b) { return a->number < b->number; });
  failure_sum all;
  for (scope_child* const c : in_order) all.add(std::move(c->failure), c->name);
  if (of_body != nullptr) all.add(std::move(of_body), "the body of the scope");
  all.throw_all();
}

}  // namespace detail

}  // namespace weft
