// SPDX-License-Identifier: Apache-2.0
//
// The public face of a scheduler, and moving between schedulers.
#include "weft/scheduler.hpp"

#include "arena.hpp"
#include "weft/detail/expects.hpp"
#include "weft/detail/root.hpp"
#include "weft/on.hpp"
#include "weft/sync_wait.hpp"

#include <memory>
#include <utility>

namespace weft {

namespace {

void end(detail::arena* c) noexcept {
  if (c->can_die()) delete c;  // else foreign code may still make an abandoned task ready: the arena stays
}

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
  arena_->stop({});
  end(arena_);
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

// From `moving` up to the join it belongs to, if there is one: the child of the join will have to find home again.
void leave_home(frame* moving, arena* home) noexcept {
  while (moving->head.join.tag == tag::chained) moving = moving->head.parent;
  frame_head& head = moving->head;
  if ((head.join.tag & tag::joined) == 0 || (head.join.tag & tag::home_ids) != 0) return;
  head.join.tag = static_cast<std::uint16_t>(head.join.tag | home->id());
  head.join.take_long_way();
}

}  // namespace

void move_awaiter::move(frame* moving, arena* target, const char* call) {
  worker& here = current_worker();
  arena* const home = here.home;
  if (target == nullptr) target = home;
  target->require_same_process(call);
  if (target != home) leave_home(moving, home);
  if (!target->inject(moving)) refuse(call);
}

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

void send_over(frame* child, arena* target, const char* call) {
  target->require_same_process(call);
  if (!target->inject(child)) refuse(call);
}

}  // namespace detail

}  // namespace weft
