// SPDX-License-Identifier: Apache-2.0
//
// A scheduler for tests: one thread plays all its workers in turn, and time passes only where nothing else can happen.
#pragma once

#include "weft/detail/durations.hpp"
#include "weft/detail/root.hpp"
#include "weft/scheduler.hpp"
#include "weft/spawn.hpp"
#include "weft/task.hpp"
#include "weft/task_clock.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace weft {

/// How the workers of a virtual_scheduler are played.
struct virtual_options {
  // The same seed gives the same order of everything. Absent: the number in the environment variable WEFT_SEED, else 1.
  std::optional<std::uint64_t> seed = {};
};

/// A scheduler without threads, for tests: whatever takes a scheduler takes this one. The thread that made it plays it in run() and the
/// other calls below, in sync_wait, stop and its destructor, and nobody else may. It is each of the workers in turn: which of them goes
/// on, with what, and what it steals is chosen at random, by the seed alone.
///
/// Time stands still while something is ready, and while something is awaited that comes from outside, which is really waited for: a
/// blocking call, an awaitable that is not weft's, a task of another scheduler. Else it jumps to when the next timer is due: nothing is
/// late, and a task that only yields until some time has come never gets there. The time of tasks is that of task_clock; a deadline that
/// another thread makes for them is of the steady clock. A task stays at its virtual scheduler: on and resume_on from or to another one
/// are refused.
class virtual_scheduler : public scheduler {
 public:
  using time_point = task_clock::time_point;

  /// Any thread but a worker. `options.workers` absent: 4. Throws as scheduler(), and usage_error on a worker.
  explicit virtual_scheduler(scheduler_options options = {}, virtual_options how = {});

  /// Plays until `t` has ended; gives its result or throws its exception. What else is ready then is played by the next call. sync_wait
  /// does the same. If nothing is left to happen before that, tells on_deadlock, stops the scheduler, so that what waits is cancelled
  /// before what it borrows goes, and throws deadlock_error. Throws usage_error on other threads, in a task, and if `t` is empty;
  /// scheduler_stopped, std::bad_alloc. Where it does not play, `t` has not been taken.
  template <class T>
  T run(task<T>&& t) {
    constexpr const char* call = "virtual_scheduler::run";
    require_player(call);
    const std::unique_ptr<detail::root_of<T>, detail::drop_root> r(
        detail::launch_task<detail::root_of<T>>(detail::scheduler_access::arena_of(*this), t, "run", call));
    play_until(*r, call);
    return detail::take_value(*r);
  }

  /// Plays what happens in so much time from now: what is ready, and what is due by then. Of no time: what is ready. Throws usage_error on
  /// other threads, in a task, and for a hundred years or more.
  template <class Rep, class Period>
  void run_for(std::chrono::duration<Rep, Period> duration) {
    play_for(detail::saturated_nanoseconds(duration), "virtual_scheduler::run_for");
  }

  /// Plays until nothing is left to happen, and tells of the tasks that live then: they wait for what only somebody outside could bring. It
  /// does not return if a task goes on for ever. Throws usage_error on other threads and in a task, std::bad_alloc.
  std::vector<left_task> run_until_idle();

  /// Lets so much time pass, as if what the caller does had taken it: what is due meanwhile comes late. In a task, or between calls that
  /// play. Throws usage_error on other threads, and for a hundred years or more.
  template <class Rep, class Period>
  void advance(std::chrono::duration<Rep, Period> duration) {
    pass(detail::saturated_nanoseconds(duration), "virtual_scheduler::advance");
  }

  /// What time it is in it. Any thread.
  [[nodiscard]] time_point now() const noexcept;
  /// The seed that it goes by. Any thread.
  [[nodiscard]] std::uint64_t seed() const noexcept;

 private:
  void require_player(const char* call) const;
  void play_until(detail::root& r, const char* call);
  void play_for(std::int64_t nanoseconds, const char* call);
  void pass(std::int64_t nanoseconds, const char* call);
};

}  // namespace weft
