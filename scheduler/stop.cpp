// SPDX-License-Identifier: Apache-2.0
//
// The end of a scheduler, in five steps.
//
//   1  The intake closes: work from outside is refused and handed back, and so are tasks of other schedulers that would come over.
//      Accepted tasks may still spawn, be woken, and come home.
//   2  Drain, until no root lives and no guest (guests.hpp) is left, or the time for it is over.
//   3  Nothing new is accepted from anybody, and all waits of our tasks that can be cancelled are, but those in a shield; what they begin
//      from now on, too. The tasks get the grace time to end.
//   4  The waits in shields are cancelled, too: what is left is destroyed, by the exception that leaves it from the leaves up, on workers,
//      as cancelled tasks are, and has as much time for it. What has not ended then is counted, named and abandoned: only foreign code
//      could end it, or it does not let itself be ended.
//   5  The injection queue closes, the workers leave, their threads are joined, then those for blocking calls. A worker whose task,
//      or a thread whose call does not return within the grace time is left to itself.
//
// Awkward cases
//   A task spawns while we drain: allowed; count() looks at all lists at one moment, and the spawner is itself counted.
//   A task waits for a blocking call: while one is queued or called the scheduler works, and we are patient as with a task that runs.
//   A root ends elsewhere, on another scheduler's worker: its last touch of this one is under the lock that count() takes.
//   A guest spawns here, and leaves: its leaving comes after the spawn, and we look at the guests first.
//   Nothing runs here, but a task of ours may run on another scheduler: while it has guests and works, we are patient.
//   All of us stood still, stopped by a signal or with the machine: no look counts for more than twice the time between two, so that
//   whoever was about to do something has as long for it as ever.
//   A worker sleeps when step 5 comes: it is woken after `exiting_` is set, and a wake is kept for a later sleep.
//   stop() from two threads: the second waits for the first and reads the same report.
//
// Edges
//   E1  exiting_ (release) -> a worker's load (acquire): what stop()'s caller did before is seen by on_worker_stop.
//   E2  a guest's leaving, then ended_ (release) -> drain's load (acquire): who sees that it was woken finds the guest gone, and does
//       not sleep over it until it looks again by itself.
//   What workers did before they left is seen because their threads are joined.
//
// Checked   tests/unit/stop_test.cpp, tests/stress/stop_stress.cpp, tests/model/stop_model.cpp, tests/model/guests_model.cpp
#include "arena.hpp"
#include "weft/detail/expects.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <new>
#include <utility>

namespace weft::detail {

namespace {

using clock = std::chrono::steady_clock;
using std::chrono::nanoseconds;
constexpr nanoseconds patience = std::chrono::seconds(5);         // for suspended tasks, if the caller gives no time
constexpr nanoseconds look_again = std::chrono::milliseconds(20);

}  // namespace

stop_report arena::stop(const stop_options& options) {
  require_same_process("scheduler::stop");
  expects(!owns(current_worker()), "scheduler::stop", "a worker cannot stop its own scheduler; call it from another thread");
  expects(current_worker().lent_by != this, "scheduler::stop",
          "a blocking call or a hook cannot stop the scheduler that waits for its end; call it from another thread");
  expects(player_ == nullptr || is_played_here(), "scheduler::stop",
          "a virtual scheduler is stopped by the thread that made it, outside of any task");
  const std::scoped_lock one_at_a_time(stopping_);
  if (stopped_) return copy_report();
  roots_.close(sched::intake::workers_only);  // 1
  guests_.close();
  const std::size_t live = guests_.count() + roots_.count();
  drain(options);                        // 2
  roots_.close(sched::intake::closed);   // 3
  report_.cancelled = cancel_rest(sched::cancelled_waits::unshielded, options.grace);
  report_.destroyed = cancel_rest(sched::cancelled_waits::all, options.grace);  // 4
  abandon_rest(options.grace);
  report_.drained = live - std::min(live, report_.cancelled + report_.destroyed + report_.abandoned);
  static_cast<void>(injected_.close());  // 5: what is left belongs to abandoned roots and guests
  exiting_.store(true, release);         // E1
  wake_everybody();
  if (player_ != nullptr) end_played();
  join_all(options.grace);
  stopped_ = true;
  return copy_report();
}

// Without memory for the names they are gone from the report, for later callers, too.
stop_report arena::copy_report() noexcept {
  try {
    return report_;
  } catch (const std::bad_alloc&) {
    report_.left = {};
    return report_;
  }
}

// A played scheduler's own.
clock::time_point arena::time_of_workers() const noexcept {
  return player_ != nullptr ? clock::time_point(nanoseconds(player_->now())) : now();
}

// Until somebody has ended since `seen` was read, or for so long that it is time to look again.
void arena::wait_for_ends(std::uint32_t seen) noexcept {
  if (player_ == nullptr) return futex_wait(ended_, seen, look_again.count());
  static_cast<void>(play(player_->now() + look_again.count(), look_again.count(), nullptr));
}

void arena::drain(const stop_options& options) noexcept {
  const clock::time_point start = time_of_workers();
  clock::time_point last = start;
  nanoseconds quiet{0};
  for (;;) {
    const std::uint32_t seen = ended_.load(acquire);  // E2; for roots, the lists' locks order it
    if (guests_.count() == 0 && roots_.count() == 0) return;  // in this order: E1 of guests.hpp
    const clock::time_point moment = time_of_workers();
    if (options.drain_for) {
      if (moment - start >= *options.drain_for) return;
    } else {
      quiet = is_working() || may_run_elsewhere() ? nanoseconds(0) : quiet + std::min<nanoseconds>(moment - last, 2 * look_again);
      if (quiet >= patience) return;
      last = moment;
    }
    wait_for_ends(seen);
  }
}

// What is ready at a played one has run by the time this is asked for the second time.
bool arena::is_working() noexcept {
  if (player_ != nullptr) return blocking_.is_busy();
  return !exiting_.load(relaxed) && (!idle_.all_asleep(worker_count()) || has_work() || blocking_.is_busy());  // a hint: stop() looks again
}

// Cancels waits of our tasks. True: tasks may go on by that, or by themselves, in a shield.
bool arena::cancel_waits(sched::cancelled_waits which) noexcept {
  cancels_waits_.store(which, relaxed);  // to who begins a wait: by the lists' locks
  bool may_go_on = false;
  for (std::uint16_t place = sched::places::last(); place != 0; --place) {
    const sched::pinned_place at(place);
    if (at.who() == nullptr || !at.who()->is_of_this_process()) continue;
    for (const auto& w : at.who()->workers_) may_go_on |= w->waits.cancel_those_of(this, which);
  }
  return may_go_on;
}

// How many roots have ended by it, or meanwhile. If only foreign code could end what is left, that is not waited for.
std::size_t arena::cancel_rest(sched::cancelled_waits which, nanoseconds time) noexcept {
  const std::size_t live = roots_.count_running();
  if (live == 0 || (which == sched::cancelled_waits::all && time <= nanoseconds::zero())) return 0;
  const clock::time_point start = time_of_workers();
  for (int quiet_looks = 0;;) {
    const std::uint32_t seen = ended_.load(relaxed);  // a wake-up hint: the lists' locks order what is counted
    const bool may_go_on = cancel_waits(which) || is_working() || may_run_elsewhere();
    quiet_looks = may_go_on ? 0 : quiet_looks + 1;
    const std::size_t left = roots_.count_running();
    if (left == 0 || time_of_workers() - start >= time || quiet_looks == 2) return live - std::min(live, left);
    wait_for_ends(seen);
  }
}

// Whether a chain that is away from here, of this scheduler or of a guest of it, may be running. Who is where is not known; a
// host that has guests and works is taken for theirs.
bool arena::may_run_elsewhere() const noexcept {
  if (away_.load(relaxed) == 0) return false;  // a hint: stop() looks again
  for (std::uint16_t place = sched::places::last(); place != 0; --place) {
    const sched::pinned_place host(place);
    arena* const who = host.who();
    if (who != nullptr && who != this && who->is_of_this_process() && who->hosts_work()) return true;
  }
  return false;
}

void arena::guests_left(unsigned n) noexcept {
  if (!guests_.leave(n)) return;
  ended_.fetch_add(1, release);  // E2; what the guest did is ordered by E1 of guests.hpp
  futex_wake(&ended_);
}

// Roots that have ended, and are listed for as long as their last thread tells so, are no reason to abandon anything; but what
// they tell may be a user's hook that does not return.
void arena::abandon_rest(nanoseconds grace) noexcept {
  const std::size_t guests = guests_.count();
  const std::size_t running = roots_.count_running();
  if (guests + running != 0) return report_left(guests, running, false);
  if (!last_roots_leave(grace)) report_left(0, roots_.count(), true);
}

bool arena::last_roots_leave(nanoseconds grace) noexcept {
  const clock::time_point limit = time_of_workers() + grace;
  for (;;) {
    const std::uint32_t seen = ended_.load(relaxed);  // a wake-up hint: the lists' locks order what is counted
    if (roots_.count() == 0) return true;
    if (time_of_workers() >= limit) return false;
    wait_for_ends(seen);
  }
}

// What there is no memory for is left out: the figure, and the end of the scheduler, need none.
void arena::report_left(std::size_t guests, std::size_t roots, bool with_ended) noexcept {
  report_.abandoned = guests + roots;
  bool has_memory = true;
  try {
    report_.left = describe_tasks(roots, with_ended);
    for (left_task& guest : describe_guests(guests)) report_.left.push_back(std::move(guest));
  } catch (const std::bad_alloc&) {
    report_.left.clear();
    has_memory = false;
  }
  std::fprintf(stderr, "weft: scheduler %s stopped with %zu unfinished task%s, abandoned:\n", options_.name.c_str(), report_.abandoned,
               report_.abandoned == 1 ? "" : "s");
  if (!has_memory) std::fprintf(stderr, "weft:   (no memory for their names)\n");
  constexpr std::size_t most_lines = 20;
  for (std::size_t i = 0; i < std::min(report_.left.size(), most_lines); ++i) print_task("weft:   ", report_.left[i]);
}

void arena::join_all(nanoseconds grace) noexcept {
  const clock::time_point limit = now() + grace;
  join_workers(limit);
  watchdog_.stop();
  const std::size_t calls = blocking_.close(report_.abandoned != 0 ? std::optional(limit) : std::nullopt);
  if (calls == 0) return;
  stuck_ += calls;
  std::fprintf(stderr, "weft: scheduler %s: %zu blocking call%s not returned and %s left to %s thread%s\n", options_.name.c_str(), calls,
               calls == 1 ? " has" : "s have", calls == 1 ? "is" : "are", calls == 1 ? "its" : "their", calls == 1 ? "" : "s");
}

void arena::join_workers(clock::time_point limit) noexcept {
  for (;;) {
    const std::uint32_t left = left_.load(relaxed);  // a wake-up hint: the join orders the rest
    if (left == worker_count()) break;
    const nanoseconds rest = limit - now();
    if (report_.abandoned != 0 && rest <= nanoseconds::zero()) {
      stuck_ = worker_count() - left;
      std::fprintf(stderr, "weft: scheduler %s: %zu worker%s still in a task and left to it\n", options_.name.c_str(), stuck_,
                   stuck_ == 1 ? " is" : "s are");
      for (sched::thread& t : threads_) t.detach();
      return;
    }
    futex_wait(left_, left, report_.abandoned != 0 ? rest.count() : -1);
  }
  for (sched::thread& t : threads_) t.join();
}

}  // namespace weft::detail
