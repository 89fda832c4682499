// SPDX-License-Identifier: Apache-2.0
// Who runs next on one worker: what a yield lets through, and that no endless newest-first work starves anybody.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <string>
#include <utility>

#include "balanced.hpp"
#include "gate.hpp"

namespace weft {
namespace {

// Picks after which whoever waits must have been looked at; far below what starvation would reach.
constexpr int soon = 61 * 4;
constexpr int never = 100'000;

class yield_test : public test::balanced {};

task<> notes(std::string& all, char who) {
  all += who;
  co_return;
}

task<> yields_once(std::string& all) {
  spawn_detached(notes(all, 'a'));
  spawn_detached(notes(all, 'b'));
  all += '1';
  co_await yield();
  all += '2';
}

TEST_F(yield_test, everything_that_is_ready_runs_first) {
  scheduler pool{{.workers = 1}};
  std::string all;
  sync_wait(pool, yields_once(all));
  EXPECT_EQ(all, "1ba2");
}

task<> takes_turns(std::string& all, char who) {
  for (int i = 0; i < 3; ++i) {
    all += who;
    co_await yield();
  }
}
task<> three_take_turns(std::string& all) { co_await when_all(takes_turns(all, 'a'), takes_turns(all, 'b'), takes_turns(all, 'c')); }

TEST_F(yield_test, tasks_that_yield_take_turns) {
  scheduler pool{{.workers = 1}};
  std::string all;
  sync_wait(pool, three_take_turns(all));
  EXPECT_EQ(all, "abcabcabc");
}

task<int> yields_often(int n) {
  for (int i = 0; i < n; ++i) co_await yield();
  co_return n;
}

TEST_F(yield_test, a_lone_task_can_yield_without_end) {
  scheduler pool{{.workers = 1}};
  EXPECT_EQ(sync_wait(pool, yields_often(20'000)), 20'000);
}

// --- fairness ---

// Spawns itself anew, always the newest, until it is told to stop or has gone on far too long.
task<> respawns(const std::atomic<bool>& over, int& times) {
  ++times;
  if (!over && times < never) spawn_detached(respawns(over, times));
  co_return;
}
task<> ends(std::atomic<bool>& over) {
  over = true;
  co_return;
}
task<> starts_respawning_over_an_old_task(std::atomic<bool>& over, int& times) {
  spawn_detached(ends(over));  // at the old end of the deque
  spawn_detached(respawns(over, times));
  co_return;
}

TEST_F(yield_test, newest_first_work_does_not_starve_the_old_end_of_the_deque) {
  std::atomic<bool> over{false};
  int times = 0;
  scheduler pool{{.workers = 1}};
  sync_wait(pool, starts_respawning_over_an_old_task(over, times));
  pool.stop();
  EXPECT_TRUE(over);
  EXPECT_LE(times, soon);
}

task<> ends_after_moving_to_the_queue(std::atomic<bool>& over) {
  co_await yield();
  over = true;
}
task<> starts_respawning_under_a_yielder(std::atomic<bool>& over, int& times) {
  spawn_detached(respawns(over, times));
  co_await ends_after_moving_to_the_queue(over);
}

TEST_F(yield_test, newest_first_work_does_not_starve_the_injection_queue) {
  std::atomic<bool> over{false};
  int times = 0;
  scheduler pool{{.workers = 1}};
  sync_wait(pool, starts_respawning_under_a_yielder(over, times));
  pool.stop();
  EXPECT_LE(times, soon);
}

task<> respawns_until_told(test::gate& started, const std::atomic<bool>& over) {
  co_await started;  // open: counts the turn
  if (!over) spawn_detached(respawns_until_told(started, over));
}

TEST_F(yield_test, newest_first_work_does_not_starve_what_comes_from_outside) {
  std::atomic<bool> over{false};
  test::gate started;
  started.open();
  scheduler pool{{.workers = 1}};
  spawn_detached(pool, respawns_until_told(started, over));
  started.wait_for_arrivals(1);

  sync_wait(pool, ends(over));  // never returns if it starves

  EXPECT_TRUE(over);
}

task<int> leaf() { co_return 1; }

// One fork-join without end on one worker: it never comes back to the worker's loop. Tells how often it forked.
task<int> forks_until(test::gate& started, const std::atomic<bool>& over) {
  constexpr int far_too_often = 50'000'000;
  co_await started;  // open: counts the turn
  int forks = 0;
  while (!over && forks < far_too_often) {
    auto both = when_all(leaf(), leaf());
    co_await both;
    forks += both.get<0>();
  }
  co_return forks < far_too_often ? forks : -1;
}

TEST_F(yield_test, a_long_fork_join_does_not_starve_what_comes_from_outside) {
  std::atomic<bool> over{false};
  test::gate started;
  started.open();
  scheduler pool{{.workers = 1}};
  std::future<int> forks = spawn_future(pool, forks_until(started, over));
  started.wait_for_arrivals(1);

  sync_wait(pool, ends(over));

  EXPECT_GE(forks.get(), 0) << "the fork-join went on to its bound before the task from outside ran";
}

task<> yields_until(const std::atomic<bool>& over, int& times) {
  while (!over && times < never) {
    ++times;
    co_await yield();
  }
}
task<> starts_yielders_and_respawners(std::atomic<bool>& over, int& yields, int& times) {
  spawn_detached(ends(over));  // at the old end of the deque
  spawn_detached(respawns(over, times));
  spawn_detached(yields_until(over, yields));
  co_return;
}

TEST_F(yield_test, an_injection_queue_that_is_never_empty_does_not_starve_the_old_end) {
  std::atomic<bool> over{false};
  int yields = 0, times = 0;
  scheduler pool{{.workers = 1}};
  sync_wait(pool, starts_yielders_and_respawners(over, yields, times));
  pool.stop();
  EXPECT_TRUE(over);
  EXPECT_LE(times, soon);
}

task<> joins_endlessly(const std::atomic<bool>& over, int& times) {
  while (!over && times < never) {
    ++times;
    auto handle = spawn(yields_often(0));
    co_await std::move(handle);
  }
}
task<> starts_joining_over_an_old_task(std::atomic<bool>& over, int& times) {
  spawn_detached(ends(over));
  spawn_detached(joins_endlessly(over, times));
  co_return;
}

TEST_F(yield_test, spawning_and_joining_in_a_loop_does_not_starve_the_old_end) {
  std::atomic<bool> over{false};
  int times = 0;
  scheduler pool{{.workers = 1}};
  sync_wait(pool, starts_joining_over_an_old_task(over, times));
  pool.stop();
  EXPECT_TRUE(over);
  EXPECT_LE(times, soon);
}

}  // namespace
}  // namespace weft
