// SPDX-License-Identifier: Apache-2.0
//
// The timers of one scheduler, and who looks at the clock for them.
//
// Shape: a timer wheel under a short lock, and beside it one word: the earliest time at which somebody has to look. There is no thread
//   for it. Workers look at every 61st pick; while some sleep, one of them is the watcher: it sleeps in the driver, and no longer than
//   until that time. The others sleep for as long as nobody wakes them.
//
// Who touches what
//   wheel       under the lock
//   earliest_   written under the lock, read by anybody
//   a timer     of who waits, until it is inserted; then under the lock, until it has been removed, or taken and done with. For a sleep
//               that is the end of its wait; a deadline says so (detail/deadline.hpp)
//
// Invariants
//   I1  earliest_ is no later than any deadline in the wheel. It may be that of a timer which has been removed: then somebody looks in
//       vain, once. So timers that come and go, and are never due, wake nobody.
//   I2  A timer is never taken before its deadline.
//   W   While a timer is armed (earliest_ is not no_deadline) and some worker sleeps, either one sleeps in the driver no longer than until
//       earliest_, or somebody who is awake sees to it before it runs anything of the user's.
//
// Why W holds. Who is in the driver stands in the idle word (idle.hpp): so a worker that lies down, gets up or is woken changes that in
//   one step. "Armed, and nobody in the driver" is work like a frame that lies ready: has_work() says so, and what idle.hpp promises of
//   work holds of it. Whoever is woken for it finds nothing else, lies down, and the driver is free.
//   1  A timer comes, and nobody is in the driver: whoever inserted it looks at the idle word after earliest_ is lowered, and wakes a
//      sleeper. A worker lying down changes the word first and reads earliest_ then: one of the two sees the other (E1).
//   2  A timer comes that is earlier than all, and somebody is in the driver: it is interrupted. It reads earliest_ after it has put itself
//      into the word (E1), and anew after an interrupt, which is kept if it does not sleep yet.
//   3  The watcher gets up because something is due: it leaves the word and the driver before it ends anybody's wait, and wakes a sleeper
//      for the driver before it runs a task, if timers are
//      left; or for what else is ready, if more was due than it takes up.
//   4  The watcher is woken for other work: then nobody was left on the stack. Who lies down there before it is up sees in the word that
//      nobody is in the driver. It wakes itself again, or there are searchers, the old watcher among them: whoever is the last to find
//      work, of any kind, looks whether there is more, this kind included.
//   5  Somebody else has been faster with what was due: earliest_ rises. The watcher wakes, finds so, and sleeps on.
//   A worker need not wake another as long as it runs no task: in 1, if the timer is a sleep, and in 3. It remembers (owes_look) and
//   sees to it as it takes up a task. If there is none it lies down and is the watcher: a pool that does nothing but one sleep after
//   another wakes one worker for each. With more timers than that, a watcher that gets up costs one more wake.
//
// Edges   E1  earliest_ lowered (seq_cst), then the idle word looked at (seq_cst); its partner: the idle word changed (seq_cst), then
//             earliest_ read (seq_cst). One of the two sees the other.
//         The look at every 61st pick is relaxed: it only has to see some time that there is something.
//
// Progress  not lock-free: the lock is held for a few steps, or for as many timers as are taken at once. No user code runs under it.
// Cost      insert, remove: a turn of the lock. The first of many also wakes the watcher. Without timers: a relaxed load each 61st pick.
// Checked   tests/unit/timer_test.cpp, tests/stress/timer_stress.cpp, tests/model/timer_model.cpp
#pragma once

#include "timer_wheel.hpp"
#include "weft/detail/durations.hpp"
#include "weft/detail/expects.hpp"
#include "weft/detail/short_lock.hpp"
#include "weft/detail/sync.hpp"
#include "weft/detail/worker.hpp"

#include <algorithm>
#include <cstdint>

namespace weft::sched {

class timers {
 public:
  timers() = default;
  timers(const timers&) = delete;
  timers& operator=(const timers&) = delete;
  /// Nobody waits any more: a scheduler that gives up tasks is kept, and its timers with it.
  ~timers() { detail::invariant(wheel_.size() == 0, "~timers", "a timer outlives its scheduler"); }

  /// Adds a timer. True: it is earlier than what earliest() said: whoever watches has to be told. Any thread; but for that it may be over
  /// when this returns.
  [[nodiscard]] bool insert(timer& t) noexcept;
  /// Takes a timer out. False: it is not in. Any thread.
  bool remove(timer& t) noexcept;

  /// When somebody has to look, if at all (detail::no_deadline).
  [[nodiscard]] std::int64_t earliest() const noexcept { return earliest_.load(detail::seq_cst); }  // E1
  /// How long the watcher may sleep if it wants to sleep so long (negative: for ever); as long is negative, too.
  [[nodiscard]] std::int64_t at_most(std::int64_t nanoseconds) const noexcept {
    const std::int64_t when = earliest();
    if (when == detail::no_deadline) return nanoseconds;
    const std::int64_t rest = std::max<std::int64_t>(when - detail::now_as_deadline(), 0);
    return nanoseconds < 0 ? rest : std::min(rest, nanoseconds);
  }
  /// Whether there is something to look for now. Reads the clock only if a timer is armed.
  [[nodiscard]] bool may_be_due() const noexcept {
    const std::int64_t when = earliest_.load(detail::relaxed);  // see the edges
    return when != detail::no_deadline && when <= detail::now_as_deadline();
  }
  /// Makes ready on this worker what is due, the earliest to be popped first; of much a part, and then more is due at once. Wakes nobody
  /// for the sleeps among it. True: something was due. By a worker of this scheduler.
  bool fire(detail::worker& here) noexcept;

 private:
  /// What has been taken, linked through timer_node::next, the latest first.
  struct taken_timers {
    timer* sleeps = nullptr;
    timer* deadlines = nullptr;
    bool is_something = false;
  };
  [[nodiscard]] taken_timers take_due(std::int64_t now) noexcept;

  detail::short_lock lock_;
  timer_wheel wheel_;
  alignas(64) detail::atomic<std::int64_t> earliest_{detail::no_deadline};  // E1; changed with the lock held
};

}  // namespace weft::sched
