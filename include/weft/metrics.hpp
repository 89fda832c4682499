// SPDX-License-Identifier: Apache-2.0
//
// What the workers of a scheduler, and its threads for blocking calls, have done so far, in numbers.
#pragma once

#include <cstdint>
#include <vector>

namespace weft {

/// Counters of one worker since its start. Exact once the worker sleeps; at most a few operations behind while it runs.
/// Who allocated a frame is written nowhere, so what flows both ways cancels out in frames_remote: a worker that hands out as
/// many frames as it takes back from others shows 0. At least so many of the frames it released were allocated elsewhere.
struct worker_metrics {
  std::uint64_t tasks_run = 0;         // frames the worker's loop picked and resumed
  std::uint64_t tasks_spawned = 0;     // roots started by this worker
  std::uint64_t tasks_stolen = 0;      // frames taken from another worker's deque
  std::uint64_t steals_lost = 0;       // tries at which another thread was faster
  std::uint64_t parks = 0;             // times it went to sleep
  std::uint64_t wakes_sent = 0;        // sleepers it woke
  std::uint64_t injected = 0;          // frames it took from the injection queue
  std::uint64_t budgets_spent = 0;     // times a task had to let others run, for it never had to wait
  std::uint64_t frames_allocated = 0;  // frames handed out on this worker
  std::uint64_t frames_released = 0;   // frames given back on this worker
  std::uint64_t frames_remote = 0;     // of those, the surplus over what it handed out: the net flow to it from elsewhere

  /// Adds the counters of another worker.
  worker_metrics& operator+=(const worker_metrics& other) noexcept;
};

/// The threads of a scheduler for blocking calls, and the calls, at one moment.
struct blocking_metrics {
  std::uint64_t threads_live = 0;   // that run, or are about to
  std::uint64_t calls_queued = 0;   // that wait for a thread; one that is cancelled counts until its task goes on
  std::uint64_t calls_begun = 0;    // for which there was a thread
  std::uint64_t calls_refused = 0;  // by try_run_blocking(), for too many waited
};

/// The counters of all workers of one scheduler, and of its threads for blocking calls.
struct scheduler_metrics {
  std::vector<worker_metrics> workers;
  blocking_metrics blocking;
  std::uint64_t roots_live = 0;       // spawned, posted or waited-for tasks that have not ended
  std::uint64_t roots_unhandled = 0;  // detached tasks that ended with an exception

  /// The sum over all workers.
  [[nodiscard]] worker_metrics total() const noexcept;
};

}  // namespace weft
