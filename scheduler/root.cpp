// SPDX-License-Identifier: Apache-2.0
//
// From the acceptance of a root to its last reference. The edges are those of detail/root.hpp:
//   E1  the result, through `joiner`     E2  the result, through `done`     E3  the last reference frees
#include "weft/detail/root.hpp"

#include "arena.hpp"
#include "hooks.hpp"
#include "weft/detail/cancel_node.hpp"
#include "weft/detail/failures.hpp"
#include "weft/errors.hpp"
#include "weft/sync_wait.hpp"

#include <chrono>
#include <cstdio>

namespace weft::detail {

namespace {

constexpr std::int64_t moment = 100'000;  // nanoseconds: who completes a root is about to pass

// `held`: the home, if its hook is held, else null.
void tell_unhandled(root& r, arena* held) noexcept {
  r.failure_seen = true;
  std::exception_ptr failure = std::exchange(r.failure, nullptr);
  if (is_cancellation(failure)) return;  // nobody waits for what was cancelled: that is how it ends
  if (held != nullptr) return held->hook().tell(std::move(failure), r.name);
  print_unhandled(failure, r.name);
}

// The task's reference.
void drop_after_end(root* r, arena* held) noexcept {
  if (r->references.fetch_sub(1, acq_rel) != 1) return;  // E3
  if (r->failure != nullptr && !r->failure_seen) tell_unhandled(*r, held);
  r->discard(*r);
}

// The home with its hook held, if it lives.
arena* hold_home(const root& r) noexcept {
  const sched::pinned_place place(r.home_place);
  arena* const home = place.who();
  const bool lives = home != nullptr && home->number() == r.home_number && home->is_of_this_process();
  return lives && home->hook().hold() ? home : nullptr;
}

void wake_joiner(waiter& w) noexcept {
  switch (end_as(w, waiter::signalled)) {
    case wait_end::asleep: return make_ready(w.who, w.home);
    case wait_end::awake: return;
    case wait_end::lost: w.state.store(waiter::passed, release);  // E4; the frame may go now
  }
}

}  // namespace

// Whoever drops the last reference tells a failure. If that is a handle, its home may be gone; if it is this function, another
// thread has dropped the handle while we were at it: so that the home is still there, its hook is held from before anybody can
// know of the end.
void complete(root& r) noexcept {
  if (has_failures(&r))
    r.failure = take_failure(join_state{r.head.link.load(relaxed)}.first_failure());  // the child is finished: E1 of join.hpp
  r.has_value = r.failure == nullptr;
  r.locals.take(r.level.locals = nullptr);  // whoever keeps the handle does not keep them
  r.ended.store(true, relaxed);  // whoever is told of the end from here on finds it set
  end_visits(r.home, 1);
  r.home->observers().finished(r);
  if (r.deliver != nullptr) r.deliver(r);
  arena* const home = r.home;
  arena* const held = r.failure != nullptr && home->hook().hold() ? home : nullptr;
  if (r.failure != nullptr && r.references.load(relaxed) == 1) tell_unhandled(r, held);  // detached; nobody else writes what is read
  waiter* const joined = r.joiner.exchange(root::finished_mark, acq_rel);  // E1
  if (joined != nullptr) wake_joiner(*joined);
  if (r.done.exchange(root::finished, release) == root::awaited) futex_wake(&r.done);  // E2; r is ours until drop
  home->root_ended(r);
  drop_after_end(&r, held);
  if (held != nullptr) held->hook().release();
}

root::root() noexcept {
  resume = as_resumed([](frame* self) { complete(static_cast<root&>(*self)); });
  destroy = [](frame*) { fail("coroutine_handle::destroy", "a root is not a coroutine"); };
  head.level = &level;
  head.parent = nullptr;  // a carrier lies on deques, where a finished child compares parents: no join's child
}

void accept(root& r, arena* home, void* place, frame* task_frame, const char* call) {
  if (const context* const spawning = current_worker().level) r.locals.take(r.level.locals = hold_locals(spawning->locals));
  attach(&r, &r.level, task_frame, {0, 1, slot_distance(&r, place, 8), tag::rooted});
  expect_children(&r, 1);
  enlist(r, home, call);
}

void enlist(root& r, arena* home, const char* call) {
  home->require_same_process(call);
  worker& here = current_worker();
  const unsigned list = home->owns(here) ? here.index : home->roots().outside();
  r.home = home;
  r.home_number = home->number();
  r.home_place = home->id();
  if (!home->roots().add(r, list)) refuse(call);
  home->observers().spawned(r);
}

bool submit(root& r, frame* task_frame) noexcept {
  worker& here = current_worker();
  if (!r.home->owns(here)) return r.home->inject(task_frame);
  worker_counters::add(here.counters.tasks_spawned);
  fork(here, task_frame);
  return true;
}

void withdraw(root& r) noexcept {
  r.home->observers().finished(r);
  r.home->root_ended(r);
}

bool link_joiner(root& r, waiter& w) noexcept {
  waiter* none = nullptr;
  return r.joiner.compare_exchange_strong(none, &w, acq_rel, acquire);  // E1
}

bool link_cancellable(root& r, waiter& w) noexcept {
  w.is_linked = true;
  if (link_joiner(r, w)) return settle_wait(w);
  static_cast<void>(end_as(w, waiter::signalled));
  w.is_linked = false;
  return false;
}

bool unlink_joiner(root& r, waiter& w) noexcept {
  waiter* seen = &w;
  if (r.joiner.compare_exchange_strong(seen, nullptr, acquire, acquire)) return false;  // E1
  if (seen != root::finished_mark) return false;                                       // it was never linked
  while (w.is_linked && w.state.load(acquire) != waiter::passed) futex_wait(w.state, waiter::cancelled, moment);  // E4
  return true;
}

void drop(root* r) noexcept {
  if (r->references.fetch_sub(1, acq_rel) != 1) return;  // E3
  if (r->failure != nullptr && !r->failure_seen) {
    arena* const home = hold_home(*r);
    tell_unhandled(*r, home);
    if (home != nullptr) home->hook().release();
  }
  r->discard(*r);
}

bool wait_for(root& r, std::int64_t nanoseconds) {
  if (r.home->is_played_here()) return r.home->play_until_done(r, nanoseconds, "sync_wait");
  const std::chrono::steady_clock::time_point start = now();
  std::uint32_t seen = root::running;
  r.done.compare_exchange_strong(seen, root::awaited, relaxed, relaxed);  // the load below is what orders
  while (r.done.load(acquire) != root::finished) {                        // E2
    std::int64_t rest = -1;
    if (nanoseconds >= 0) {
      rest = nanoseconds - std::chrono::duration_cast<std::chrono::nanoseconds>(now() - start).count();
      if (rest <= 0) return false;
    }
    futex_wait(r.done, root::awaited, rest);
  }
  return true;
}

arena* home_of_worker(const char* call) {
  arena* const home = current_worker().home;
  expects(home != nullptr, call, "this thread is no worker; name a scheduler, as in spawn(pool, f())");
  return home;
}

void refuse(const char* call) {
  throw scheduler_stopped(std::string("weft: ") + call + ": the scheduler is stopping or has stopped; the task is still yours");
}

void refuse_on_worker(const char* call) {
  expects(current_worker().home == nullptr, call,
          "a worker cannot block for a task: it would deadlock; co_await it, or co_await weft::on(other, task) instead");
}

void print_unhandled(const std::exception_ptr& failure, const char* name) noexcept {
  sched::with_text_of(failure, [name](const char* what) noexcept {
    std::fprintf(stderr, "weft: detached task %s failed: %s\n", sched::shown_name(name), what);
  });
}

}  // namespace weft::detail
