// SPDX-License-Identifier: Apache-2.0
//
// The loop of whoever plays all workers: step, wait for what comes from outside, let time pass. The rules are those of player.hpp.
#include "arena.hpp"
#include "weft/detail/expects.hpp"
#include "weft/detail/root.hpp"
#include "weft/errors.hpp"
#include "weft/frames.hpp"
#include "weft/sync_wait.hpp"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace weft::detail {

namespace {

constexpr unsigned odds = 4;  // one in so many looks elsewhere first, or steals as another forks

std::string line_of(const left_task& task) {
  std::string line = "\n  " + (task.name.empty() ? std::string("(no name)") : task.name);
  if (!task.what.empty()) line += ": waits for " + task.what;
  return task.where.empty() ? line : line + ", " + task.where;
}

}  // namespace

void arena::start_played(std::uint64_t seed) {
  player_ = std::make_unique<sched::player>(worker_count(), seed);
  auto driver = std::make_unique<sched::outside_driver>();
  outside_ = driver.get();
  driver_ = std::move(driver);
  if (watchdog_.is_on()) start_watchdog();
  for (const auto& w : workers_) {
    w->idle = &player_->always_signed();
    w->virtual_time = &player_->clock();
    const sched::acting as(*w);
    enter(*w);
  }
  if (options_.frame_limit) set_frame_limit(*options_.frame_limit);
}

void arena::end_played() noexcept {
  for (const auto& w : workers_) {
    const sched::acting as(*w);
    leave(*w);
  }
  player_->leave_thread();
}

sched::play_end arena::play(std::int64_t limit, std::int64_t patience, const root* awaited) noexcept {
  std::optional<sched::play_end> end;
  while (!end) {
    if (awaited != nullptr && awaited->is_done())
      end = sched::play_end::awaited_ended;
    else if (!play_step() && !(player_->now() < limit && waits_for_outside() && sleep_for_outside(patience)))
      end = pass_time(limit);
  }
  for (const auto& w : workers_) frame_cache_publish(*w);
  return *end;
}

// False: nothing is ready.
bool arena::play_step() noexcept {
  const unsigned count = worker_count();
  const unsigned first = player_->below(count);
  for (unsigned i = 0; i < count; ++i) {
    worker_place& self = *workers_[(first + i) % count];
    const sched::acting as(self);
    if (timers_.may_be_due()) static_cast<void>(timers_.fire(self));
    frame* const next = choose(self);
    if (next == nullptr) continue;
    self.picks = fair_pick - 1;  // V3
    run_picked(self, next);
    return true;
  }
  return false;
}

frame* arena::choose(worker_place& self) noexcept {  // V2
  if (frame* const held = player_->take_held(self.index)) return held;
  frame* f = nullptr;
  if (player_->below(odds) == 0) f = player_->below(2) == 0 ? take_oldest(self) : take_injected(self);
  if (f == nullptr && !self.ready.as_owner().is_empty()) f = self.ready.as_owner().pop();
  if (f == nullptr) f = take_injected(self);
  if (f != nullptr) return f;
  self.victim_seed = player_->next_number();
  bool lost = false;
  return steal_round(self, lost);
}

void arena::raid(worker& forking) noexcept {  // V3
  for (const auto& thief : workers_) {
    if (thief.get() == &forking || !player_->holds_nothing(thief->index) || player_->below(odds) != 0) continue;
    frame* const taken = forking.ready.as_thief().steal().item;
    if (taken == nullptr) return;
    player_->hold(thief->index, taken);
    worker_counters::add(thief->counters.tasks_stolen);
  }
}

bool arena::waits_for_outside() noexcept {
  for (const auto& w : workers_)
    if (w->waits.has_external()) return true;
  return false;
}

// False: it was waited for long enough.
bool arena::sleep_for_outside(std::int64_t patience) noexcept {  // V5
  outside_->set_limit(patience < 0 ? std::nullopt : std::optional(now() + std::chrono::nanoseconds(patience)));
  worker_place& self = *workers_.front();
  const sched::acting as(self);
  const bool woken = park(self, false);
  if (woken) found_while_searching();
  return woken;
}

// Where nothing is ready: to the next timer. Else how it ends.
std::optional<sched::play_end> arena::pass_time(std::int64_t limit) noexcept {  // V4
  {
    worker_place& self = *workers_.front();
    const sched::acting as(self);
    if (timers_.fire(self)) return std::nullopt;  // else earliest() is of none that has gone
  }
  const std::int64_t next = timers_.earliest();
  if (next <= limit && next != no_deadline) {
    player_->move_to(next);
    return std::nullopt;
  }
  if (limit == no_deadline) return sched::play_end::nothing_left;
  player_->move_to(limit);
  return sched::play_end::time_over;
}

bool arena::play_until_done(root& r, std::int64_t nanoseconds, const char* call) {
  const sched::play_end end = play(nanoseconds < 0 ? no_deadline : player_->now() + nanoseconds, -1, &r);
  if (end != sched::play_end::nothing_left) return end == sched::play_end::awaited_ended;
  std::string text = std::string("weft: ") + call + ": nothing is left to happen, and these tasks wait:";
  std::vector<left_task> tasks = describe_tasks(roots_.count(), false);
  for (const left_task& task : tasks) text += line_of(task);
  text += "\n(workers " + std::to_string(worker_count()) + ", seed " + std::to_string(player_->seed()) + ')';
  if (options_.on_deadlock) tell_deadlock({options_.name, std::move(tasks)});
  static_cast<void>(stop({.drain_for = std::chrono::nanoseconds::zero()}));
  throw deadlock_error(text);
}

void arena::require_player(const char* call) const {
  refuse_on_worker(call);
  require_thread(call);
}

void arena::require_thread(const char* call) const {
  require_same_process(call);
  expects(player_->is_here(), call, "this thread has not made the virtual scheduler; only the one that has plays it");
}

}  // namespace weft::detail
