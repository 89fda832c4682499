// SPDX-License-Identifier: Apache-2.0
// A task that never has to wait lets others run all the same: counted, and on one worker.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <vector>

#include "small_tasks.hpp"

namespace weft {
namespace {

using namespace std::chrono_literals;
using test::number;

std::uint64_t spent(const scheduler& pool) { return pool.metrics().total().budgets_spent; }

task<> sets(bool& flag) {
  flag = true;
  co_return;
}

task<> sleeps_over(int times) {
  for (int n = 0; n < times; ++n) co_await sleep_for(0s);
}

TEST(budget, it_is_so_many_awaits_that_need_not_wait) {
  scheduler pool({.workers = 1});
  const auto times = static_cast<int>(detail::full_budget);

  sync_wait(pool, sleeps_over(times));
  EXPECT_EQ(spent(pool), 0U);
  sync_wait(pool, sleeps_over(times + 1));
  EXPECT_EQ(spent(pool), 1U);
  sync_wait(pool, sleeps_over(7 * (times + 1)));
  EXPECT_EQ(spent(pool), 8U);
}

TEST(budget, a_real_wait_gives_a_new_one) {
  scheduler pool({.workers = 1});
  const auto waits_between = []() -> task<> {
    for (int n = 0; n < 3; ++n) {
      co_await sleeps_over(static_cast<int>(detail::full_budget));
      co_await spawn(number(1));
    }
  };

  sync_wait(pool, waits_between());

  EXPECT_EQ(spent(pool), 0U);
}

TEST(budget, sleeps_that_are_over_let_another_task_run) {
  bool has_run = false;
  scheduler pool({.workers = 1});
  const auto loops = [&]() -> task<> {
    spawn_detached(sets(has_run));
    while (!has_run) co_await sleep_for(0s);
  };

  sync_wait(pool, loops());

  EXPECT_EQ(spent(pool), 1U);
}

TEST(budget, ticks_that_have_come_let_another_task_run) {
  bool has_run = false;
  scheduler pool({.workers = 1});
  const auto loops = [&]() -> task<> {
    interval every(1ns, missed_ticks::burst);
    spawn_detached(sets(has_run));
    while (!has_run) co_await every.tick();
  };

  sync_wait(pool, loops());

  EXPECT_TRUE(has_run);
}

TEST(budget, joins_of_what_has_ended_let_another_task_run) {
  bool has_run = false;
  int joined = 0;
  int sum = 0;
  scheduler pool({.workers = 1});
  const auto joins = [&]() -> task<> {
    std::vector<join_handle<int>> handles;
    for (int n = 0; n < 1000; ++n) handles.push_back(spawn(number(1)));
    for (auto& handle : handles)
      while (!handle.is_done()) co_await yield();
    spawn_detached(sets(has_run));
    for (auto& handle : handles) {
      sum += co_await std::move(handle);
      if (!has_run) ++joined;
    }
  };

  sync_wait(pool, joins());

  EXPECT_EQ(sum, 1000);
  EXPECT_EQ(joined, static_cast<int>(detail::full_budget));
  EXPECT_EQ(spent(pool), 1000 / (detail::full_budget + 1));
}

TEST(budget, results_that_are_there_let_another_task_run) {
  bool has_run = false;
  int sum = 0;
  scheduler pool({.workers = 1});
  const auto body = [&](scope_of<int>& s) -> task<> {
    for (int n = 0; n < 1000; ++n) s.spawn(number(1));
    co_await s.join();
    spawn_detached(sets(has_run));
    while (const auto next = co_await s.next()) {
      sum += *next;
      if (sum > 500) {
        EXPECT_TRUE(has_run);
      }
    }
  };

  sync_wait(pool, [&]() -> task<> { co_await with_scope<int>(body); }());

  EXPECT_EQ(sum, 1000);
  EXPECT_EQ(spent(pool), 1000 / (detail::full_budget + 1));
}

TEST(budget, a_cancelled_wait_that_gives_way_keeps_what_is_there) {
  int sum = 0;
  scheduler pool({.workers = 1});
  const auto joins = [&]() -> task<> {
    std::vector<join_handle<int>> handles;
    for (int n = 0; n < 300; ++n) handles.push_back(spawn(number(1)));
    for (auto& handle : handles)
      while (!handle.is_done()) co_await yield();
    const auto body = [&](scope& s) -> task<> {
      s.cancel();
      for (auto& handle : handles) sum += co_await std::move(handle);
    };
    co_await with_scope(body);
  };

  sync_wait(pool, [&]() -> task<> { static_cast<void>(co_await as_result(joins())); }());

  EXPECT_EQ(sum, 300) << "what has ended beats the cancellation";
  EXPECT_GT(spent(pool), 0U);
}

}  // namespace
}  // namespace weft
