// SPDX-License-Identifier: Apache-2.0
// The counters: each counts what its name says, and they add up.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <latch>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gate.hpp"
#include "small_tasks.hpp"
#include "turnstile.hpp"

namespace weft {
namespace {

using test::number;

task<> spawns(int count) {
  for (int i = 0; i < count; ++i) spawn_detached(number(i));
  co_return;
}

TEST(metrics, a_fresh_scheduler_has_run_nothing) {
  scheduler pool{{.workers = 3}};
  const scheduler_metrics all = pool.metrics();

  ASSERT_EQ(all.workers.size(), 3U);
  EXPECT_EQ(all.total().tasks_run, 0U);
  EXPECT_EQ(all.total().tasks_spawned, 0U);
  EXPECT_EQ(all.total().injected, 0U);
  EXPECT_EQ(all.roots_live, 0U);
  EXPECT_EQ(all.roots_unhandled, 0U);
}

TEST(metrics, count_what_one_worker_does) {
  scheduler pool{{.workers = 1}};
  sync_wait(pool, spawns(10));
  pool.stop();
  const worker_metrics only = pool.metrics().workers.at(0);

  EXPECT_EQ(only.injected, 1U) << "the task that came from outside";
  EXPECT_EQ(only.tasks_spawned, 10U);
  EXPECT_EQ(only.tasks_run, 11U);
  EXPECT_EQ(only.tasks_stolen, 0U) << "there was nobody to steal from";
  EXPECT_EQ(only.steals_lost, 0U);
}

task<int> child_of(int n) {
  const int one = co_await number(n);
  co_return one;
}

TEST(metrics, frames_are_counted_where_they_are_allocated) {
  scheduler pool{{.workers = 1}};
  const worker_metrics before = pool.metrics().total();
  sync_wait(pool, child_of(1));
  pool.stop();
  const worker_metrics after = pool.metrics().total();

  EXPECT_GE(after.frames_allocated, before.frames_allocated + 1) << "number() was called on the worker";
  EXPECT_GE(after.frames_released, 1U);
}

TEST(metrics, frames_remote_is_what_flows_to_a_worker_from_elsewhere_less_what_flows_back) {
  constexpr int count = 50;
  scheduler pool{{.workers = 1}};
  for (int i = 0; i < count; ++i) spawn_detached(pool, number(i));  // a root and a task each, allocated on this thread
  pool.stop();

  EXPECT_EQ(pool.metrics().total().frames_remote, 2U * count);
}

TEST(metrics, frames_that_a_worker_allocates_for_others_cancel_those_that_come_to_it) {
  constexpr int count = 50;
  std::vector<task<int>> made;
  auto makes = [](std::vector<task<int>>& all) -> task<> {
    for (int i = 0; i < 2 * count; ++i) all.push_back(number(i));
    co_return;
  };
  scheduler pool{{.workers = 1}};
  for (int i = 0; i < count; ++i) spawn_detached(pool, number(i));
  spawn_detached(pool, makes(made));
  pool.stop();
  made.clear();  // released on this thread

  const worker_metrics only = pool.metrics().total();
  EXPECT_EQ(only.frames_allocated, 2U * count);
  EXPECT_EQ(only.frames_released, 2U * count + 2) << "those of the tasks from outside";
  EXPECT_EQ(only.frames_remote, 2U);
}

TEST(metrics, live_and_unhandled_roots_are_counted) {
  test::gate gate;
  auto waits_and_fails = [](test::gate& g) -> task<> {
    co_await g;
    throw std::runtime_error("nobody looks");
  };
  scheduler pool{{.workers = 1, .on_unhandled = [](std::exception_ptr, std::string_view) {}}};
  for (int i = 0; i < 3; ++i) spawn_detached(pool, waits_and_fails(gate));
  gate.wait_for_arrivals(3);
  EXPECT_EQ(pool.metrics().roots_live, 3U);

  gate.open();
  pool.stop();

  EXPECT_EQ(pool.metrics().roots_live, 0U);
  EXPECT_EQ(pool.metrics().roots_unhandled, 3U);
}

// The forker's worker is blocked, so its child can only be stolen.
task<> opens(std::latch& latch) {
  latch.count_down();
  co_return;
}
task<> blocks_until_stolen(std::latch& latch) {
  spawn_detached(opens(latch));
  latch.wait();
  co_return;
}

TEST(metrics, a_stolen_task_is_counted_by_its_thief) {
  scheduler pool{{.workers = 2}};
  std::latch latch(1);
  sync_wait(pool, blocks_until_stolen(latch));
  pool.stop();

  EXPECT_EQ(pool.metrics().total().tasks_stolen, 1U);
}

std::string counted(const blocking_metrics& m) {
  return std::to_string(m.threads_live) + " live, " + std::to_string(m.calls_queued) + " queued, " + std::to_string(m.calls_begun) +
         " begun, " + std::to_string(m.calls_refused) + " refused";
}

TEST(metrics, blocking_calls_and_their_threads_are_counted) {
  test::turnstile closed;
  const auto calls = [&]() -> task<> { co_await run_blocking([&] { closed.pass(); }); };
  const auto tries = []() -> task<bool> { co_return co_await try_run_blocking([] {}); };
  scheduler pool{{.workers = 1, .blocking = {.max_threads = 1, .queue = 1}}};
  EXPECT_EQ(counted(pool.metrics().blocking), "0 live, 0 queued, 0 begun, 0 refused");
  spawn_detached(pool, calls());
  closed.wait_for_arrivals(1);
  spawn_detached(pool, calls());
  while (pool.metrics().blocking.calls_queued == 0) std::this_thread::yield();
  EXPECT_FALSE(sync_wait(pool, tries()));
  EXPECT_EQ(counted(pool.metrics().blocking), "1 live, 1 queued, 1 begun, 1 refused");

  closed.open();
  pool.stop();

  EXPECT_EQ(counted(pool.metrics().blocking), "0 live, 0 queued, 2 begun, 1 refused");
}

TEST(metrics, counters_add_up) {
  worker_metrics a, b;
  a.tasks_run = 1;
  a.parks = 2;
  a.frames_remote = 5;
  b.tasks_run = 10;
  b.wakes_sent = 3;
  b.frames_remote = 6;
  scheduler_metrics all;
  all.workers = {a, b};

  const worker_metrics sum = all.total();
  EXPECT_EQ(sum.tasks_run, 11U);
  EXPECT_EQ(sum.parks, 2U);
  EXPECT_EQ(sum.wakes_sent, 3U);
  EXPECT_EQ(sum.frames_remote, 11U);
  EXPECT_EQ((a += b).tasks_run, 11U);
}

TEST(metrics, the_state_of_a_scheduler_can_be_printed_for_whoever_looks_for_a_hang) {
  scheduler pool{{.workers = 2, .name = "looked at"}};
  testing::internal::CaptureStderr();

  detail::scheduler_access::print_state(pool);

  const std::string printed = testing::internal::GetCapturedStderr();
  EXPECT_NE(printed.find("scheduler looked at: 0 live roots, 0 guests, 0 away, injection queue empty; "), std::string::npos) << printed;
  EXPECT_NE(printed.find("    worker 1 "), std::string::npos) << printed;
}

}  // namespace
}  // namespace weft
