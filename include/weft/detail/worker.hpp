// SPDX-License-Identifier: Apache-2.0
//
// One worker as its own thread sees it: free frames, ready frames, and the way to the scheduler it belongs to.
#pragma once

#include "weft/detail/deque.hpp"
#include "weft/detail/frame_head.hpp"
#include "weft/detail/frame_pool.hpp"

namespace weft::detail {

class arena;

/// One pick in so many of a worker looks at injection and at the old end of its own deque first.
inline constexpr unsigned fair_pick = static_cast<unsigned>(sized(61, 3));

/// So many awaits in a row that need not wait, then a task lets others run. As many as tokio's tasks have.
inline constexpr unsigned full_budget = static_cast<unsigned>(sized(128, 2));

/// Counters of one worker: written by its thread alone, read by metrics at any time.
struct worker_counters {
  atomic<std::uint64_t> tasks_run{0};
  atomic<std::uint64_t> tasks_spawned{0};
  atomic<std::uint64_t> tasks_stolen{0};
  atomic<std::uint64_t> steals_lost{0};
  atomic<std::uint64_t> parks{0};
  atomic<std::uint64_t> wakes_sent{0};
  atomic<std::uint64_t> injected{0};
  atomic<std::uint64_t> budgets_spent{0};

  static void add(atomic<std::uint64_t>& counter, std::uint64_t n = 1) noexcept {
    counter.store(counter.load(relaxed) + n, relaxed);  // only its worker writes it
  }
};

/// Lives as long as its scheduler. A thread that is no worker has `foreign_worker`, of no home.
struct worker : frame_cache {
  constexpr worker() noexcept = default;
  /// Throws std::bad_alloc.
  explicit worker(std::size_t deque_capacity) : ready(deque_capacity) {}

  deque<frame> ready;
  const atomic<std::uint64_t>* idle = nullptr;  // the scheduler's idle word; bit 63: look around (scheduler/idle.hpp)
  arena* home = nullptr;
  unsigned index = 0;
  unsigned picks = 0;
  unsigned budget = 0;       // left to what the loop has picked: awaits that need not wait
  std::uint64_t victim_seed = 0;
  worker_counters counters;
  context* level = nullptr;  // what runs now is under it: for plain functions. Of the foreign worker nobody writes it
  const atomic<std::int64_t>* virtual_time = nullptr;  // what its clock says, where that is not the steady one: set before it works
  arena* lent_by = nullptr;  // of a thread in a blocking call or a hook, where it is no worker: the scheduler that waits for it
};

/// The cache of every thread that is no worker.
extern frame_cache* const foreign_cache;

/// The worker that this thread is, or the foreign one. Never keep it across a suspension point.
WEFT_INLINE worker& current_worker() noexcept { return static_cast<worker&>(this_cache()); }

/// Whether this thread is a worker of any scheduler.
WEFT_INLINE bool on_worker() noexcept { return current_worker().home != nullptr; }

/// Slow ends of fork(), compiled in scheduler/ready.cpp.
WEFT_COLD void wake_after_fork(worker& self) noexcept;
WEFT_COLD void fork_full(worker& self, frame* child) noexcept;

/// Tells a sleeper, if there is one, of frames just pushed quietly. Worker only.
/// The load may miss a sleeper that is announcing itself right now; that one looks again before it sleeps for long
/// (scheduler/idle.hpp).
WEFT_INLINE void wake_somebody(worker& self) noexcept {
  barrier_this_thread();  // the push stays before the look
  if (static_cast<std::int64_t>(self.idle->load(relaxed)) < 0) [[unlikely]]
    wake_after_fork(self);  // see above
}

/// Makes `child` ready on this worker's own deque. Worker only. Nothing of it may be touched afterwards.
WEFT_INLINE void fork(worker& self, frame* child) noexcept {
  if (!self.ready.as_owner().push_quietly(child)) [[unlikely]]
    return fork_full(self, child);
  wake_somebody(self);
}

/// Forks the frames child(0) to child(count - 1), of which the first is popped first. Worker only.
template <class Child>
WEFT_INLINE void fork_all(worker& self, std::uint64_t count, Child child) noexcept {
  auto own = self.ready.as_owner();
  const std::uint64_t b = own.bottom();
  if (!own.has_room(b, count)) [[unlikely]] {
    while (count > 0) fork_full(self, child(--count));
    return;
  }
  own.put_reversed(b, count, child);
  own.advance(b + count);
  wake_somebody(self);
}

/// In await_ready() of a primitive that need not wait: charges the task for it. False: its budget is spent, and it lets others run; see
/// let_others_run(). Worker only.
[[nodiscard]] inline bool charge(worker& self) noexcept {
  if (self.budget == 0) return false;
  --self.budget;
  return true;
}

/// In await_suspend() of the same, once it is clear that it need not wait: `f` goes on behind what is ready, if its budget is spent. False:
/// it goes on now. On true nothing of it may be touched. Compiled in scheduler/ready.cpp.
[[nodiscard]] bool let_others_run(worker& self, frame* f) noexcept;

/// A frame of ours that tasks hang below, and the scheduler where what it stands for goes on.
struct homed_frame : frame {
  arena* home = nullptr;
};

/// Makes `ready` run on a worker of `home`: any thread; never runs it here. Nothing of it may be touched afterwards.
/// Compiled in scheduler/ready.cpp.
void make_ready(frame* ready, arena* home) noexcept;

}  // namespace weft::detail
