// SPDX-License-Identifier: Apache-2.0
//
// The public face of a scheduler that is played.
#include "weft/virtual_scheduler.hpp"

#include "arena.hpp"
#include "weft/detail/expects.hpp"
#include "weft/sync_wait.hpp"

#include <memory>
#include <utility>

namespace weft {

namespace {

constexpr int usual_workers = 4;

detail::arena* played(scheduler_options options, const virtual_options& how) {
  detail::refuse_on_worker("virtual_scheduler");
  if (!options.workers) options.workers = usual_workers;
  auto made = std::make_unique<detail::arena>(std::move(options), false);
  made->start_played(how.seed ? *how.seed : sched::seed_in_environment());
  return made.release();
}

detail::arena& arena_of(const virtual_scheduler& s) noexcept {
  return *detail::scheduler_access::arena_of(const_cast<virtual_scheduler&>(s));
}

void expect_bounded(std::int64_t nanoseconds, const char* call) {
  detail::expects(nanoseconds >= 0, call, "so much time does not pass; give less than a hundred years");
}

}  // namespace

virtual_scheduler::virtual_scheduler(scheduler_options options, virtual_options how) : scheduler(*played(std::move(options), how)) {}

void virtual_scheduler::require_player(const char* call) const { arena_of(*this).require_player(call); }

void virtual_scheduler::play_until(detail::root& r, const char* call) { static_cast<void>(arena_of(*this).play_until_done(r, -1, call)); }

void virtual_scheduler::play_for(std::int64_t nanoseconds, const char* call) {
  require_player(call);
  expect_bounded(nanoseconds, call);
  detail::arena& played = arena_of(*this);
  static_cast<void>(played.play(played.player()->now() + nanoseconds, -1, nullptr));
}

std::vector<left_task> virtual_scheduler::run_until_idle() {
  require_player("virtual_scheduler::run_until_idle");
  detail::arena& played = arena_of(*this);
  static_cast<void>(played.play(detail::no_deadline, -1, nullptr));
  return played.describe_tasks(played.roots().count(), false);
}

void virtual_scheduler::pass(std::int64_t nanoseconds, const char* call) {
  detail::arena& played = arena_of(*this);
  played.require_thread(call);
  expect_bounded(nanoseconds, call);
  sched::player& time = *played.player();
  time.move_to(time.now() + nanoseconds);
}

virtual_scheduler::time_point virtual_scheduler::now() const noexcept {
  return time_point(std::chrono::nanoseconds(arena_of(*this).player()->now()));
}

std::uint64_t virtual_scheduler::seed() const noexcept { return arena_of(*this).player()->seed(); }

}  // namespace weft
