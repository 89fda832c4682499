// SPDX-License-Identifier: Apache-2.0
//
// scheduler: a set of worker threads that run tasks, and the end of their work.
#pragma once

#include "weft/awaitable.hpp"
#include "weft/blocking_options.hpp"
#include "weft/deadlock.hpp"
#include "weft/detail/join.hpp"
#include "weft/detail/worker.hpp"
#include "weft/left_task.hpp"
#include "weft/metrics.hpp"
#include "weft/task_hooks.hpp"

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weft {

namespace detail {
struct scheduler_access;
}

/// The most workers one scheduler can have.
inline constexpr int max_workers = 1000;

/// What a scheduler is made with.
struct scheduler_options {
  std::optional<int> workers = {};                      // absent: every core of the quota, see default_workers()
  std::string name = "weft";                       // threads are called name-0, name-1, ..
  // None of these may throw: that ends the process, with a message that names the hook.
  std::function<void(int worker)> on_worker_start = {};  // on each worker, before its first task
  std::function<void(int worker)> on_worker_stop = {};   // on each worker, after its last task
  // A task threw and nobody takes it: it is detached, or its handle was dropped. Absent: printed. Called by the worker that ran the
  // task or the thread that dropped the handle, by several at once, until ~scheduler is done; must not destroy the scheduler.
  std::function<void(std::exception_ptr failure, std::string_view task)> on_unhandled = {};
  std::optional<std::size_t> frame_limit = {};          // bytes for frames, of the whole process; absent: as it is
  blocking_options blocking = {};                       // threads for run_blocking()
  task_hooks hooks = {};                                // told of each task as it runs
  watchdog_options watchdog = {};                       // tells of tasks that hold their worker; off unless it has a threshold
  deadlock_hook on_deadlock = {};                       // told of tasks that can never go on; absent: nobody looks for them
};

/// How long stop() waits.
struct stop_options {
  // For tasks to end. Absent: as long as one is ready or running, and 5 s more once all are suspended.
  std::optional<std::chrono::nanoseconds> drain_for = {};
  // For cancelled tasks to clean up; then as long for those that must give up what they do in a shield, if it is not 0; and for a hook
  // that is told of a task's end to return.
  std::chrono::nanoseconds grace = std::chrono::seconds(1);
};

/// What became of the tasks that were live when stop() was called: those spawned at the scheduler, and each task of another one that
/// had come over with resume_on or on.
struct stop_report {
  std::size_t drained = 0;
  std::size_t cancelled = 0;  // ended in the grace time, their waits having been cancelled
  std::size_t destroyed = 0;  // ended after that, their waits in shields having been cancelled, too
  std::size_t abandoned = 0;
  std::vector<left_task> left;  // one for each abandoned: stop() could not bring it to an end; none if there was no memory for them
  // Both tell how it was when the time was over: a task that was refused just then to the thread that submitted it may be among them.
};

namespace detail {

/// Suspends the task and makes it ready in the injection queue of a scheduler: yield, schedule and resume_on.
class move_awaiter : public weft_awaiter {
 public:
  /// `call` names the public function in errors.
  move_awaiter(arena* target, const char* call) noexcept : target_(target), call_(call) {}

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> awaiting) {  // no result: clang 16 at -O0 would keep it in the frame, which may be gone
    static_assert(std::derived_from<Promise, frame_head>, "only weft coroutines can move between schedulers");
    move(frame_of(awaiting), target_, call_);
  }
  void await_resume() const noexcept {}

 private:
  // Throws scheduler_stopped if the target refuses; then nothing has changed.
  static void move(frame* moving, arena* target, const char* call);

  arena* target_;
  const char* call_;
};

}  // namespace detail

/// Worker threads and the tasks they run. Several may exist in a process; each task has a home, where it wakes.
class scheduler {
 public:
  /// Starts the workers. Any thread. Throws usage_error for a number of workers below 1 or over max_workers and where 16383
  /// schedulers live already, std::bad_alloc, and std::system_error naming the thread that could not be started; then nothing is
  /// left behind.
  explicit scheduler(scheduler_options options = {});
  scheduler(const scheduler&) = delete;
  scheduler& operator=(const scheduler&) = delete;
  /// stop(). Any thread that is none of its workers: there it ends the process with a message. In a forked child: does nothing.
  ~scheduler();

  /// How many workers it has.
  [[nodiscard]] int workers() const noexcept;

  /// Closes the intake, drains, cancels what still waits, but in a shield, then what waits there, reports what could not be brought to an
  /// end, and joins the threads. Cancelled tasks have the grace time; they cannot spawn then: scheduler_stopped. What has come over from
  /// another scheduler is drained, too; what would come over is refused. Any thread that is none of its workers; a second caller
  /// waits and gets the same report. Throws usage_error on its own workers and in a forked child. Without memory for the names in
  /// its report it gives the figures alone.
  stop_report stop(stop_options options = {});

  /// What the workers and the threads for blocking calls have done. Any thread. Throws std::bad_alloc, and usage_error in a forked child.
  [[nodiscard]] scheduler_metrics metrics() const;

  /// `co_await s.schedule()`: the task goes on here, behind what was injected before. Worker only. Throws scheduler_stopped if it
  /// would come from another scheduler and this one is stopping, usage_error in a forked child; then the task goes on where it is.
  [[nodiscard]] detail::move_awaiter schedule() noexcept { return {arena_, "scheduler::schedule"}; }

  /// Resumes a coroutine that is not weft's on a worker, soon. Any thread. The handle must be suspended, not done and stay
  /// valid. Throws usage_error for a null or finished handle and in a forked child, scheduler_stopped if refused, std::bad_alloc.
  void resume(std::coroutine_handle<> handle);

 protected:
  explicit scheduler(detail::arena& started) noexcept : arena_(&started) {}  // by reference: {} are options

 private:
  friend struct detail::scheduler_access;
  detail::arena* arena_;
};

namespace detail {

/// Queues a foreign handle, carried by a small pooled frame. Throws as scheduler::resume().
void resume_foreign(arena* home, std::coroutine_handle<> handle);

/// For what starts tasks on a scheduler, and for tests that look into one.
struct scheduler_access {
  static arena* arena_of(scheduler& s) noexcept { return s.arena_; }
  /// Says on stderr what its workers do and where work lies. Any thread.
  static void print_state(scheduler& s) noexcept;
};

}  // namespace detail

/// `co_await yield()`: lets everything else that is ready run first. Worker only. Throws scheduler_stopped where the scheduler has
/// given up its tasks; then the task goes on.
[[nodiscard]] inline detail::move_awaiter yield() noexcept { return {nullptr, "yield"}; }

/// `co_await resume_on(s)`: the task goes on at `s`, and takes what awaits it along; a join above it resumes at its own
/// home. Worker only. Throws scheduler_stopped if `s` is stopping, unless that is the task's home, and usage_error in a forked
/// child; then the task goes on where it is.
[[nodiscard]] inline detail::move_awaiter resume_on(scheduler& s) noexcept { return {detail::scheduler_access::arena_of(s), "resume_on"}; }

}  // namespace weft
