// SPDX-License-Identifier: Apache-2.0
//
// From threads to tasks: sync_wait blocks a thread that is no worker; run makes the calling thread one.
#pragma once

#include "weft/detail/durations.hpp"
#include "weft/detail/root.hpp"
#include "weft/scheduler.hpp"
#include "weft/spawn.hpp"
#include "weft/task.hpp"

#include <chrono>
#include <memory>
#include <utility>

namespace weft {

namespace detail {

/// Throws usage_error on every worker of any scheduler.
void refuse_on_worker(const char* call);

/// A scheduler of which this thread is worker 0. It works in work_until_done, or not at all.
class hosted_scheduler {
 public:
  /// Starts all other threads, among them one that stops the scheduler when its time has come. Throws as scheduler().
  explicit hosted_scheduler(scheduler_options options);
  hosted_scheduler(const hosted_scheduler&) = delete;
  hosted_scheduler& operator=(const hosted_scheduler&) = delete;
  ~hosted_scheduler();

  [[nodiscard]] arena* get() const noexcept { return arena_; }
  /// Works until `r` is done and everything else has drained. Once.
  void work_until_done(root& r) noexcept { work(&r); }

 private:
  struct stopper;
  void work(root* awaited) noexcept;

  arena* arena_;
  stopper* stopper_;
};

}  // namespace detail

/// Runs a task on a scheduler and blocks this thread until it ends; gives its result or throws its exception.
/// Any thread but a worker of any scheduler (usage_error: `co_await on(other, t)` there). Throws usage_error if `t` is empty and in a
/// forked child, scheduler_stopped if it is refused, std::bad_alloc; then `t` has not been taken. Where this thread has made a
/// virtual_scheduler it plays that: see virtual_scheduler::run().
template <class T>
T sync_wait(scheduler& s, task<T>&& t) {
  detail::refuse_on_worker("sync_wait");
  const std::unique_ptr<detail::root_of<T>, detail::drop_root> r(
      detail::launch_task<detail::root_of<T>>(detail::scheduler_access::arena_of(s), t, "sync_wait", "sync_wait"));
  detail::wait_for(*r, -1);
  return detail::take_value(*r);
}

/// sync_wait for at most `duration`: then throws timeout_error, and the task goes on detached, so it must not borrow from here; what
/// it throws later goes to scheduler_options::on_unhandled. Thread rule and other errors as for sync_wait.
template <class T, class Rep, class Period>
T sync_wait_for(scheduler& s, task<T>&& t, std::chrono::duration<Rep, Period> duration) {
  detail::refuse_on_worker("sync_wait_for");
  const std::unique_ptr<detail::root_of<T>, detail::drop_root> r(
      detail::launch_task<detail::root_of<T>>(detail::scheduler_access::arena_of(s), t, "sync_wait_for", "sync_wait_for"));
  if (!detail::wait_for(*r, detail::saturated_nanoseconds(duration)))
    throw timeout_error("weft: sync_wait_for: the task did not end in time; it goes on detached");
  return detail::take_value(*r);
}

/// Runs a task on a scheduler made for it, in which the calling thread is one of the workers, until the task is done; what it
/// spawned is drained, then the scheduler stops. `int main() { return weft::run(async_main()); }`
/// Any thread but a worker. Throws what the task throws. Before the task has started, and then it has not been taken: usage_error on a
/// worker, for an empty task and as scheduler(), std::system_error if a thread could not be started, std::bad_alloc.
template <class T>
T run(task<T>&& t, scheduler_options options = {}) {
  detail::refuse_on_worker("run");
  detail::expects(!t.is_empty(), "run", "the task is empty: it was moved from, awaited or spawned before");
  detail::hosted_scheduler host(std::move(options));
  const std::unique_ptr<detail::root_of<T>, detail::drop_root> r(detail::launch_task<detail::root_of<T>>(host.get(), t, "run", "run"));
  host.work_until_done(*r);
  return detail::take_value(*r);
}

}  // namespace weft
