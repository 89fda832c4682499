// SPDX-License-Identifier: Apache-2.0
//
// The public face of a scheduler.
#include "weft/scheduler.hpp"

#include "arena.hpp"
#include "weft/detail/expects.hpp"
#include "weft/detail/root.hpp"
#include "weft/sync_wait.hpp"

#include <memory>
#include <utility>

namespace weft {

namespace {

detail::arena* started(scheduler_options options) {
  auto made = std::make_unique<detail::arena>(std::move(options), false);
  made->start();
  return made.release();
}

}  // namespace

scheduler::scheduler(scheduler_options options) : arena_(started(std::move(options))) {}

scheduler::~scheduler() {
  if (!arena_->is_of_this_process()) return;  // a forked child has none of the threads: nothing to stop, all is left as it was
  if (arena_->owns(detail::current_worker()))
    detail::fail("~scheduler", "a scheduler was destroyed on its own worker; destroy it on another thread");
  if (detail::current_worker().lent_by == arena_)
    detail::fail("~scheduler", "a scheduler was destroyed by a blocking call or a hook that it waits for; destroy it on another thread");
  if (arena_->player() != nullptr && !arena_->is_played_here())
    detail::fail("~scheduler", "a virtual scheduler is destroyed by the thread that made it, outside of any task");
  arena_->stop({});
  detail::arena::retire(arena_);
}

int scheduler::workers() const noexcept { return static_cast<int>(arena_->worker_count()); }

stop_report scheduler::stop(stop_options options) { return arena_->stop(options); }

scheduler_metrics scheduler::metrics() const {
  arena_->require_same_process("scheduler::metrics");
  return arena_->metrics();
}

void scheduler::resume(std::coroutine_handle<> handle) {
  detail::expects(handle != nullptr, "scheduler::resume", "the handle is null");
  detail::expects(!handle.done(), "scheduler::resume", "the coroutine is at its end; it cannot be resumed");
  detail::resume_foreign(arena_, handle);
}

namespace detail {

namespace {

// A root without a task: carries a foreign handle through the queues.
struct carrier : root_of<void> {
  std::coroutine_handle<> carried;

  explicit carrier(std::coroutine_handle<> handle) noexcept : carried(handle) {
    references.store(1, relaxed);  // nobody else knows it yet
    discard = &discard_root<carrier>;
    resume = as_resumed([](frame* self) {
      auto& me = static_cast<carrier&>(static_cast<root&>(*self));
      expect_children(&me, 0);
      try {
        run_here(frame_at(me.carried.address()));
      } catch (...) {
        me.failure = std::current_exception();
      }
      complete(me);
    });
  }
};

}  // namespace

void resume_foreign(arena* home, std::coroutine_handle<> handle) {
  auto* const c = ::new (allocate_frame(sizeof(carrier))) carrier(handle);
  set_name(*c, "scheduler::resume");
  try {
    enlist(*c, home, "scheduler::resume");
  } catch (...) {
    discard_root<carrier>(*c);
    throw;
  }
  if (submit(*c, c)) return;
  withdraw(*c);
  discard_root<carrier>(*c);
  refuse("scheduler::resume");
}

}  // namespace detail

}  // namespace weft
