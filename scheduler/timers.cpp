// SPDX-License-Identifier: Apache-2.0
//
// Timers that come, go, and are due. The edge is that of timers.hpp:
//   E1  earliest_ against the idle word
#include "timers.hpp"

#include "weft/detail/deadline.hpp"
#include "weft/detail/sleep_timer.hpp"

#include <mutex>
#include <optional>

namespace weft::sched {

namespace {

constexpr unsigned most_at_once = static_cast<unsigned>(detail::sized(64, 2));

// Puts `t` in front of those taken before.
void link(timer*& latest, timer& t) noexcept {
  t.next = latest;
  latest = &t;
}

// Makes the frame of a sleep ready. Nothing of `t` may be touched afterwards.
void make_ready_quietly(detail::worker& here, timer& t) noexcept {
  detail::frame* const who = static_cast<detail::sleep_timer&>(t).wait.who;
  if (!here.ready.as_owner().push_quietly(who)) detail::fork_full(here, who);
}

}  // namespace

bool timers::insert(timer& t) noexcept {
  const std::int64_t deadline = t.deadline;
  const std::scoped_lock hold(lock_);
  static_cast<void>(wheel_.insert(t));
  if (deadline >= earliest_.load(detail::relaxed)) return false;  // written under the lock
  earliest_.store(deadline, detail::seq_cst);                      // E1
  return true;
}

bool timers::remove(timer& t) noexcept {
  const std::scoped_lock hold(lock_);
  return wheel_.remove(t);
}

// A wait that has been cancelled meanwhile is left to whoever goes on in its frame, which needs the lock to do so.
timers::taken_timers timers::take_due(std::int64_t now) noexcept {
  taken_timers taken;
  const std::scoped_lock hold(lock_);
  for (unsigned count = 0; count < most_at_once; ++count) {
    timer* const t = wheel_.take_due(now);
    if (t == nullptr) break;
    taken.is_something = true;
    if (t->purpose == detail::timer_purpose::cancels)
      link(taken.deadlines, static_cast<detail::deadline_timer&>(*t).taken());
    else if (end_as(static_cast<detail::sleep_timer&>(*t).wait, detail::waiter::expired) == detail::wait_end::asleep)
      link(taken.sleeps, *t);
  }
  earliest_.store(wheel_.next_deadline().value_or(detail::no_deadline), detail::relaxed);  // later, or as it was: nobody waits for it
  return taken;
}

bool timers::fire(detail::worker& here) noexcept {
  const taken_timers taken = take_due(detail::now_as_deadline());
  for (timer* t = taken.deadlines; t != nullptr;) {
    auto& over = static_cast<detail::deadline_timer&>(*t);
    t = t->next;
    over.cancel();
  }
  for (timer* t = taken.sleeps; t != nullptr;) {
    timer& over = *t;
    t = t->next;
    make_ready_quietly(here, over);
  }
  return taken.is_something;
}

}  // namespace weft::sched
