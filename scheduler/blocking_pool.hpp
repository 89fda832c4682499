// SPDX-License-Identifier: Apache-2.0
//
// The threads of a scheduler that may block: functions are called there, so that they hold no worker.
//
// Shape: jobs in one list, the oldest first, and threads with nothing to do in a stack, the newest first, each asleep in its parker. A job
//   lies in the awaiter, so queueing needs no memory. The bound of the queue is a number that one kind of caller is refused at.
//
// States of a job, in its waiter, and what each call does in each
//                 queued (waiting)           started (signalled)            cancelled (cancelled)       called
//   submit        -> here, or cancelled      cannot be                      cannot be                   cannot be
//   a thread      -> started, calls it       makes the frame ready: called  leaves it where it is       cannot be
//   cancellation  -> cancelled, wakes        nothing: signalled beats it    nothing                     nothing
//   retire        -> cancelled: destroyed    cannot be, see B3              -> out of the list          nothing left to do
//
// Who touches what
//   all members    under the lock, but for what is const
//   a job          in the list: its links under the lock. Started: the thread that took it, until it makes the frame ready
//   thread_record  made and started by a worker; its own thread runs in it; joined and deleted by who takes it from `left_`
//
// Rules  B1  a job is started by one thread, under the lock, by the change of its state: after that no cancellation wakes the frame
//        B2  it is queued and its wait settled under one hold of the lock: no thread meets a job whose frame may not sleep yet, and no
//            frame that was cancelled goes on before it is queued, for it takes the lock to take its job out
//        B3  who destroys a waiting frame ends its wait first, and leaves it alone if that is too late: the frame of a started job stays
//        B4  while jobs are queued there is a thread that will look, or all of them are told that there is none: who decides to leave
//            has looked under the same hold of the lock, and counts no more when it is given back
//        B5  a thread that was taken from the stack stays until it has its wake
//
// Edges
//   There are none but those of the lock, the waiter, the parker, and make_ready, which publishes what the function gave.
//
// Progress  a submission takes the lock for a few instructions; starting a thread, which is the system's business, without it.
// Checked   tests/unit/blocking_test.cpp, tests/stress/blocking_stress.cpp, tests/faults/blocking_fault.cpp,
//           tests/model/blocking_model.cpp
#pragma once

#include "parker.hpp"
#include "threads.hpp"
#include "weft/blocking_options.hpp"
#include "weft/detail/blocking_job.hpp"
#include "weft/detail/list_link.hpp"
#include "weft/detail/short_lock.hpp"
#include "weft/detail/worker.hpp"
#include "weft/metrics.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

namespace weft::sched {

using detail::blocking_job;

class blocking_pool {
 public:
  /// `of`: a scheduler that outlives it, called `name`. Throws usage_error, std::bad_alloc.
  blocking_pool(detail::arena* of, const blocking_options& options, const std::string& name);
  blocking_pool(const blocking_pool&) = delete;
  blocking_pool& operator=(const blocking_pool&) = delete;
  /// After close().
  ~blocking_pool() = default;

  /// Takes a job whose wait has begun, and is arming if it can be cancelled. True: its frame sleeps. By the worker that runs the frame.
  [[nodiscard]] bool submit(blocking_job& job, detail::when_full how) noexcept;
  /// Takes a job that was not started out of the list. By who goes on in its frame, or destroys it.
  void take_back(blocking_job& job) noexcept;
  /// Whether something is queued or called. Any thread.
  [[nodiscard]] bool is_busy() noexcept;
  /// What it does and has done. Any thread.
  [[nodiscard]] blocking_metrics metrics() noexcept;
  /// Takes no more jobs, starts none that are queued, and joins the threads. Answers how many were in a call at `limit`, if there is one:
  /// they are left to themselves, and to the pool, which must stay. After the workers have left, once.
  [[nodiscard]] std::size_t close(std::optional<std::chrono::steady_clock::time_point> limit) noexcept;

 private:
  struct thread_record : detail::list_link {
    explicit thread_record(blocking_pool& p) noexcept : pool(p) {}

    blocking_pool& pool;
    detail::worker as_worker;  // what the thread is to the library: no worker, but of a level of its own
    parker bed;
    thread_record* below = nullptr;  // in the stack
    bool is_idle = false;  // in the stack
    bool has_left = false;
    unsigned number = 0;
    std::optional<thread> handle;  // set by who started it, perhaps after it has left
  };
  using lock_hold = std::unique_lock<detail::short_lock>;

  // With the lock, which they give back for a while. blocking_threads.cpp
  void provide_thread(lock_hold& hold) noexcept;
  [[nodiscard]] int start_thread(lock_hold& hold) noexcept;
  void work(thread_record& self) noexcept;
  [[nodiscard]] bool rest(thread_record& self, lock_hold& hold) noexcept;
  void join_those_that_left(lock_hold& hold) noexcept;
  // With the lock. blocking_threads.cpp, blocking_pool.cpp
  void leave(thread_record& self) noexcept;
  [[nodiscard]] bool has_room() const noexcept;
  [[nodiscard]] bool accept(blocking_job& job) noexcept;
  [[nodiscard]] blocking_job* take_oldest(detail::list_link& queue) noexcept;
  [[nodiscard]] thread_record* take_idle() noexcept;
  void take_from_stack(thread_record& idle) noexcept;
  void tell_all(int error, lock_hold& hold) noexcept;
  static void call(thread_record& self, blocking_job& job) noexcept;

  detail::arena* const of_;
  const blocking_options options_;
  const std::string thread_prefix_;

  detail::short_lock lock_;
  detail::list_link queue_;  // jobs that are not started
  std::size_t queued_ = 0;
  std::uint64_t begun_ = 0;  // jobs, ever
  std::uint64_t refused_ = 0;  // the same
  std::size_t threads_ = 0;  // that run, or are about to
  std::size_t free_ = 0;  // of them, those that are in no call
  unsigned made_ = 0;  // threads, ever
  thread_record* idle_ = nullptr;
  detail::list_link running_;  // records of threads that have not left
  detail::list_link left_;  // of those that have, and whose handle is set
  bool is_closed_ = false;
  detail::atomic<std::uint32_t> changed_{0};  // futex word of close()
};

}  // namespace weft::sched
