// SPDX-License-Identifier: Apache-2.0
//
// Looks for a deadlock when a worker has settled to sleep: the rules.
//
//   D1  The last worker to sleep looks after it has announced itself, and after the pause in which it sees what others published quietly
//       (E2 of idle.hpp): by then nothing is ready that anybody of this scheduler has made ready.
//   D2  All that is looked at belongs to one moment: all workers sleep, nobody has been woken, before and after, and nobody got up and lay
//       down again meanwhile, for each time is counted (E6 of idle.hpp).
//   D3  Whoever may end a wait from outside is known by the wait (waiter::is_external) or counted (guests, chains that are
//       away), until the frame that waits goes on.
//   D4  A task that is spawned from outside is among the live ones before it is ready, and has no wait yet; one that has ended on another
//       scheduler is among them until it is told, and has none any more. So each must have one.
//   D5  Two workers that settle after all sleep find the same: one of them tells it.
//
// A token of the user's that could cancel the tasks does not count: that is no way to go on.
//
// Cost     off: a test of a word as a worker settles. On: as a worker settles and all others sleep, the lists of waits and roots
// Checked  tests/unit/deadlock_test.cpp, tests/model/deadlock_model.cpp
#include "arena.hpp"
#include "hooks.hpp"

#include <algorithm>
#include <cstdio>
#include <new>
#include <optional>
#include <utility>

namespace weft {

void print_deadlock(const deadlock_report& report) noexcept {
  std::fprintf(stderr, "weft: scheduler %.*s: deadlock: %zu task%s can never go on:\n", static_cast<int>(report.scheduler.size()),
               report.scheduler.data(), report.tasks.size(), report.tasks.size() == 1 ? "" : "s");
  for (const left_task& task : report.tasks) detail::print_task("weft:   ", task);
}

}  // namespace weft

namespace weft::detail {

bool arena::may_be_ended_from_outside() noexcept {
  return guests_.count() != 0 || away_.load(relaxed) != 0;  // D2: it changes with a worker awake
}

// How often workers have lain down, if all of them sleep.
std::optional<std::uint64_t> arena::sleeps_if_all_sleep() noexcept {
  if (!idle_.all_in_bed(worker_count())) return std::nullopt;
  std::uint64_t sum = 0;
  for (const auto& w : workers_) sum += w->counters.parks.load(relaxed);  // written before the word that was just read
  return sum;
}

// Nothing if somebody may go on. Throws std::bad_alloc.
std::optional<std::vector<left_task>> arena::tasks_in_deadlock(std::uint64_t& fingerprint) {
  if (has_work() || timers_.earliest() != no_deadline || may_be_ended_from_outside()) return std::nullopt;  // D1 D3
  const std::vector<sched::seen_wait> waits = waits_of_tasks();
  for (const sched::seen_wait& wait : waits) {
    if (wait.is_external) return std::nullopt;  // D3
    fingerprint += (reinterpret_cast<std::uintptr_t>(wait.which) + 1) * 0x9e3779b97f4a7c15U;
  }
  std::vector<left_task> tasks = describe(waits, roots_.count(), true);
  const bool all_wait = std::ranges::all_of(tasks, [](const left_task& task) { return !task.what.empty(); });  // D4
  if (tasks.empty() || !all_wait) return std::nullopt;
  return tasks;
}

void arena::look_for_deadlock() noexcept {
  const std::optional<std::uint64_t> before = sleeps_if_all_sleep();
  if (!before) return;
  std::optional<std::vector<left_task>> tasks;
  std::uint64_t fingerprint = 0;
  try {
    tasks = tasks_in_deadlock(fingerprint);
  } catch (const std::bad_alloc&) {
    return;  // another time
  }
  if (!tasks || sleeps_if_all_sleep() != before) return;                // D2
  if (told_waits_.exchange(fingerprint, relaxed) == fingerprint) return;  // D5: one word
  tell_deadlock({options_.name, *std::move(tasks)});
}

// The hook runs as on a thread that is no worker: what it makes ready would be left on the deque of one that is about to sleep.
void arena::tell_deadlock(const deadlock_report& report) noexcept {
  worker outsider;
  outsider.lent_by = this;
  frame_cache* const self = std::exchange(current_cache, &outsider);
  try {
    options_.on_deadlock(report);
  } catch (...) {
    sched::end_for_hook("on_deadlock", options_.name.c_str(), "in a deadlock");
  }
  current_cache = self;
}

}  // namespace weft::detail
