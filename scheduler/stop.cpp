// SPDX-License-Identifier: Apache-2.0
//
// The end of a scheduler, in five steps.
//
//   1  The intake closes: work from outside is refused and handed back. Accepted tasks may still spawn and be woken.
//   2  Drain, until no root lives or the time for it is over.
//   3  Nothing new is accepted from anybody; cancelled tasks get the grace time. (Nothing is cancelled before the library
//      has cancellation: roots that still live are left as they are.)
//   4  What still lives is counted, named and abandoned: only foreign code could end it.
//   5  The injection queue closes, the workers leave, their threads are joined. A worker whose task does not return within
//      the grace time is left to itself.
//
// Awkward cases
//   A task spawns while we drain: allowed; count() looks at all lists at one moment, and the spawner is itself counted.
//   A root ends elsewhere, on another scheduler's worker: its last touch of this one is under the lock that count() takes.
//   A worker sleeps when step 5 comes: it is woken after `exiting_` is set, and a wake is kept for a later sleep.
//   stop() from two threads: the second waits for the first and reads the same report.
//
// Edges
//   E1  exiting_ (release) -> a worker's load (acquire): what stop()'s caller did before is seen by on_worker_stop.
//   What workers did before they left is seen because their threads are joined.
#include "arena.hpp"
#include "weft/detail/expects.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>

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
  const std::scoped_lock one_at_a_time(stopping_);
  if (stopped_) return report_;
  roots_.close(sched::intake::workers_only);  // 1
  const std::size_t live = roots_.count();
  drain(options);                        // 2
  roots_.close(sched::intake::closed);   // 3
  abandon_rest();                        // 4
  report_.drained = live - std::min(live, report_.abandoned);
  static_cast<void>(injected_.close());  // 5: what is left belongs to abandoned roots
  exiting_.store(true, release);         // E1
  wake_everybody();
  join_all(options.grace);
  stopped_ = true;
  return report_;
}

void arena::drain(const stop_options& options) noexcept {
  const clock::time_point start = now();
  clock::time_point busy = start;
  for (;;) {
    const std::uint32_t seen = ended_.load(relaxed);  // a wake-up hint: the lists' locks order the rest
    if (roots_.count() == 0) return;
    const clock::time_point moment = now();
    if (options.drain_for) {
      if (moment - start >= *options.drain_for) return;
    } else {
      if (!idle_.all_asleep(worker_count()) || has_work()) busy = moment;
      if (moment - busy >= patience) return;
    }
    futex_wait(ended_, seen, look_again.count());
  }
}

void arena::abandon_rest() {
  report_.abandoned = roots_.count();
  if (report_.abandoned == 0) return;
  for (std::string& name : roots_.names(report_.abandoned)) report_.left.push_back({std::move(name), "", ""});
  std::fprintf(stderr, "weft: scheduler %s stopped with %zu unfinished task%s, abandoned:\n", options_.name.c_str(),
               report_.abandoned, report_.abandoned == 1 ? "" : "s");
  constexpr std::size_t most_lines = 20;
  for (std::size_t i = 0; i < std::min(report_.left.size(), most_lines); ++i)
    std::fprintf(stderr, "weft:   %s\n", report_.left[i].name.empty() ? "(no name)" : report_.left[i].name.c_str());
}

void arena::join_all(nanoseconds grace) noexcept {
  const clock::time_point limit = now() + grace;
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
