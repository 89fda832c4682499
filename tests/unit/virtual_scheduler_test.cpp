// SPDX-License-Identifier: Apache-2.0
// A virtual scheduler: its time, what it waits for in earnest, what it says when nothing is left to happen, and how it ends.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "gate.hpp"
#include "rejection.hpp"
#include "scale.hpp"
#include "turnstile.hpp"

namespace weft {
namespace {

using namespace std::chrono_literals;
using test::gate;
using test::rejection_of;
using test::turnstile;

struct virtual_scheduler_test : testing::Test {
  gate door;
  turnstile passage;
  std::stop_source stop;
  virtual_scheduler pool;
  ~virtual_scheduler_test() override {
    door.open();
    passage.open();
  }
};

task<int> gives(int n) { co_return n; }

task<int> slept(std::chrono::nanoseconds length) {
  co_await sleep_for(length);
  co_return 1;
}

// --- time ---

TEST_F(virtual_scheduler_test, a_sleep_takes_its_time_to_the_nanosecond_and_none_of_ours) {
  const auto sleeps = [&]() -> task<bool> {
    const auto start = task_clock::now();
    co_await sleep_for(365 * 24h + 1ns);
    co_return task_clock::now() == start + 365 * 24h + 1ns && task_clock::now() == pool.now();
  };
  EXPECT_TRUE(pool.run(sleeps()));
}

TEST_F(virtual_scheduler_test, what_takes_no_timer_takes_no_time) {
  const auto start = pool.now();
  const auto busy = []() -> task<int> {
    for (int i = 0; i < 100; ++i) co_await yield();
    co_return co_await spawn(gives(7));
  };
  EXPECT_EQ(pool.run(busy()), 7);
  EXPECT_EQ(pool.now(), start);
}

TEST_F(virtual_scheduler_test, the_thread_that_made_it_reads_its_clock_as_long_as_it_lives) {
  EXPECT_EQ(task_clock::now(), pool.now());
  EXPECT_EQ(pool.run(timeout(1h, slept(59min))), 1) << "counted from the call, on this thread";
  {
    virtual_scheduler second;
    second.run_for(1h);
    EXPECT_EQ(task_clock::now(), second.now());
    EXPECT_EQ(pool.run([]() -> task<task_clock::time_point> { co_return task_clock::now(); }()), pool.now());
  }
  EXPECT_EQ(task_clock::now(), pool.now());
  static_cast<void>(pool.stop());
  const auto before = std::chrono::steady_clock::now();
  const auto asked = task_clock::now();
  EXPECT_TRUE(before <= asked && asked <= std::chrono::steady_clock::now());
}

TEST_F(virtual_scheduler_test, those_of_one_thread_go_in_any_order) {
  auto second = std::make_unique<virtual_scheduler>();
  auto third = std::make_unique<virtual_scheduler>();
  EXPECT_EQ(run(gives(3), {.workers = 1}), 3) << "a scheduler with threads, of which this one is a worker for a while";
  third->run_for(3h);
  second.reset();
  EXPECT_EQ(task_clock::now(), third->now());
  third.reset();
  EXPECT_EQ(task_clock::now(), pool.now());
}

TEST_F(virtual_scheduler_test, it_runs_for_as_long_as_it_is_told_to) {
  const auto start = pool.now();
  auto hour = spawn_future(pool, slept(1h));
  pool.run_for(0s);
  EXPECT_EQ(pool.now(), start);
  pool.run_for(59min);
  EXPECT_EQ(hour.wait_for(0s), std::future_status::timeout);
  pool.run_for(1min);
  EXPECT_EQ(hour.wait_for(0s), std::future_status::ready) << "what is due just then belongs to it";
  EXPECT_EQ(pool.now(), start + 1h);
  pool.run_for(-1s);
  EXPECT_EQ(pool.now(), start + 1h);
}

TEST_F(virtual_scheduler_test, it_runs_until_nothing_is_left_and_tells_who_waits) {
  const auto start = pool.now();
  auto done = spawn_future(pool, slept(10min));
  EXPECT_TRUE(pool.run_until_idle().empty());
  EXPECT_EQ(pool.now(), start + 10min);
  auto cancelled = spawn(pool, with_stop_token(stop.get_token(), slept(std::chrono::nanoseconds::max())), {.name = "for ever"});
  const std::vector<left_task> left = pool.run_until_idle();
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].name, "for ever");
  EXPECT_EQ(left[0].what, "a timer");
  stop.request_stop();
  EXPECT_TRUE(pool.run_until_idle().empty());
  EXPECT_TRUE(cancelled.is_done());
  EXPECT_EQ(pool.now(), start + 10min);
}

TEST_F(virtual_scheduler_test, time_that_is_said_to_pass_makes_late) {
  const auto start = pool.now();
  const auto works = [&]() -> task<bool> {
    auto beside = spawn(slept(1min));
    co_await sleep_until(start + 1ns);  // it sleeps by now
    pool.advance(10min - 1ns);
    co_await std::move(beside);
    co_return task_clock::now() == start + 10min;
  };
  EXPECT_TRUE(pool.run(works()));
  pool.advance(1min);
  EXPECT_EQ(pool.now(), start + 11min);
}

TEST_F(virtual_scheduler_test, a_million_timers_are_in_time) {
  const std::uint64_t count = test::scaled(1'000'000, 1000);
  const auto start = pool.now();
  const auto sleeps = [&](std::size_t i) -> task<int> {
    const auto when = start + std::chrono::microseconds(i * 7919 % 50'000);
    co_await sleep_until(when);
    co_return task_clock::now() == when ? 1 : 0;
  };
  const auto all = [&]() -> task<std::uint64_t> {
    auto outcomes = co_await fork_join(count, sleeps);
    std::uint64_t sum = 0;
    for (const int in_time : outcomes) sum += static_cast<std::uint64_t>(in_time);
    co_return sum;
  };
  EXPECT_EQ(pool.run(all()), count);
}

TEST_F(virtual_scheduler_test, sync_wait_plays_it_too) {
  EXPECT_EQ(sync_wait(pool, slept(1h)), 1);
  EXPECT_EQ(sync_wait_for(pool, slept(1h), 2h), 1);
  const auto start = pool.now();
  EXPECT_THROW(sync_wait_for(pool, slept(3h), 2h), timeout_error);
  EXPECT_EQ(pool.now(), start + 2h);
}

// --- what comes from outside ---

TEST_F(virtual_scheduler_test, a_blocking_call_is_waited_for_and_time_stands_still) {
  const auto start = pool.now();
  const auto calls = [&]() -> task<bool> {
    auto beside = spawn(slept(1ms));
    const auto inside = co_await run_blocking([&] {
      passage.pass();
      return task_clock::now();
    });
    const bool stood = inside == start && task_clock::now() == start && !beside.is_done();
    co_await std::move(beside);
    co_return stood;
  };
  const std::jthread opener([&] {
    passage.wait_for_arrivals(1);
    passage.open();
  });
  EXPECT_TRUE(pool.run(calls()));
  EXPECT_EQ(pool.now(), start + 1ms);
}

TEST_F(virtual_scheduler_test, an_awaitable_that_is_not_wefts_is_waited_for) {
  const auto start = pool.now();
  const auto waits = [&]() -> task<bool> {
    auto beside = spawn(slept(1ms));
    co_await door;
    co_return task_clock::now() == start;
  };
  const std::jthread opener([&] {
    door.wait_for_arrivals(1);
    door.open();
  });
  EXPECT_TRUE(pool.run(waits()));
}

TEST_F(virtual_scheduler_test, a_task_of_another_scheduler_is_waited_for) {
  scheduler threads{{.workers = 2}};
  const auto waits = [&]() -> task<int> {
    const int came = co_await spawn(threads, gives(5));
    co_return came + co_await slept(1h);
  };
  for (int i = 0; i < 100; ++i) EXPECT_EQ(pool.run(waits()), 6);
}

TEST_F(virtual_scheduler_test, tasks_come_from_other_threads_while_it_plays) {
  constexpr int count = 1000;
  std::vector<std::future<int>> came;
  const auto spawns = [&] {
    for (int i = 0; i < count; ++i) came.push_back(spawn_future(pool, slept(1ms)));
  };
  const auto waits = [&]() -> task<> { co_await run_blocking(spawns); };
  pool.run(waits());
  EXPECT_TRUE(pool.run_until_idle().empty());
  for (auto& one : came) EXPECT_EQ(one.get(), 1);
}

TEST_F(virtual_scheduler_test, a_blocking_call_waits_for_its_tasks_as_any_thread) {
  const auto calls = [&]() -> task<int> { co_return co_await run_blocking([&] { return sync_wait(pool, slept(0s)); }); };
  EXPECT_EQ(pool.run(calls()), 1);
}

// --- nothing left ---

/// What a call throws as a deadlock.
template <class Call>
std::string deadlock_of(Call call) {
  try {
    call();
  } catch (const deadlock_error& e) {
    return e.what();
  }
  return "it went on";
}

TEST(virtual_deadlock, tells_who_waits_for_what_and_where) {
  virtual_scheduler pool{{.workers = 2}, {.seed = 5}};
  const auto sleeps = []() -> task<> { co_await sleep_for(std::chrono::nanoseconds::max()); };
  const auto waits = [&]() -> task<> { co_await spawn(sleeps(), {.name = "sleeper"}); };
  const std::string text = deadlock_of([&] { pool.run(waits()); });
  EXPECT_EQ(text.substr(0, text.find('\n')), "weft: virtual_scheduler::run: nothing is left to happen, and these tasks wait:");
  EXPECT_NE(text.find("\n  run: waits for a task (sleeper), "), std::string::npos) << text;
  EXPECT_NE(text.find("\n  sleeper: waits for a timer, "), std::string::npos) << text;
  EXPECT_NE(text.find("virtual_scheduler_test.cpp:"), std::string::npos) << text;
  EXPECT_NE(text.find("\n(workers 2, seed 5)"), std::string::npos) << text;
}

TEST(virtual_deadlock, what_waits_is_cancelled_before_the_caller_goes_on) {
  virtual_scheduler pool;
  std::string told;
  const auto waits = [&]() -> task<> {
    try {
      co_await sleep_for(std::chrono::nanoseconds::max());
    } catch (const operation_cancelled& e) {
      told = e.what();
    }
  };
  EXPECT_NE(deadlock_of([&] { sync_wait(pool, waits()); }).find("weft: sync_wait: nothing is left"), std::string::npos);
  EXPECT_EQ(told, "weft: sleep_for: the wait for a timer was cancelled: its scheduler is stopping");
  EXPECT_EQ(pool.metrics().roots_live, 0U);
  EXPECT_THROW(pool.run(gives(1)), scheduler_stopped);
}

TEST(virtual_deadlock, its_hook_is_told_before_anything_is_cancelled) {
  std::vector<left_task> told;
  virtual_scheduler pool{{.name = "stuck", .on_deadlock = [&](const deadlock_report& report) {
                            EXPECT_EQ(report.scheduler, "stuck");
                            told = report.tasks;
                          }}};
  EXPECT_NE(deadlock_of([&] { pool.run(slept(std::chrono::nanoseconds::max())); }), "it went on");
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].what, "a timer");
}

TEST(virtual_deadlock, tasks_that_join_each_other) {
  virtual_scheduler pool;
  std::optional<join_handle<void>> first;
  std::optional<join_handle<void>> second;
  const auto joins = [](std::optional<join_handle<void>>& other) -> task<> {
    co_await yield();
    co_await std::move(*other);
  };
  const auto both = [&]() -> task<> {
    first.emplace(spawn(joins(second), {.name = "one"}));
    second.emplace(spawn(joins(first), {.name = "two"}));
    co_await sleep_for(1s);
    co_await slept(std::chrono::nanoseconds::max());
  };
  const std::string text = deadlock_of([&] { pool.run(both()); });
  EXPECT_NE(text.find("one: waits for a task (two), "), std::string::npos) << text;
  EXPECT_NE(text.find("two: waits for a task (one), "), std::string::npos) << text;
}

// --- its end ---

TEST_F(virtual_scheduler_test, a_stop_drains_in_its_own_time) {
  const auto start = pool.now();
  auto soon = spawn_future(pool, slept(4s));
  const stop_report report = pool.stop();
  EXPECT_EQ(report.drained, 1U);
  EXPECT_EQ(soon.get(), 1);
  EXPECT_LE(pool.now(), start + 5s);
}

TEST_F(virtual_scheduler_test, a_stop_cancels_what_it_does_not_wait_for) {
  auto late = spawn(pool, slept(1h), {.name = "late"});
  pool.run_for(1s);
  const stop_report report = pool.stop();
  EXPECT_EQ(report.cancelled, 1U);
  EXPECT_TRUE(report.left.empty());
  EXPECT_TRUE(late.is_done());
}

TEST_F(virtual_scheduler_test, a_stop_names_what_only_others_could_end) {
  testing::internal::CaptureStderr();
  const auto waits = [&]() -> task<> { co_await door; };
  spawn_detached(pool, waits(), {.name = "visitor"});
  const stop_report report = pool.stop({.drain_for = 1ms, .grace = 0s});
  EXPECT_NE(testing::internal::GetCapturedStderr().find("visitor"), std::string::npos);
  ASSERT_EQ(report.left.size(), 1U);
  EXPECT_EQ(report.left[0].what, "an awaitable that is not weft's");
}

TEST(virtual_end, a_stop_waits_for_a_blocking_call) {
  turnstile passage;
  virtual_scheduler pool;
  const auto calls = [&]() -> task<> {
    auto f = [&] { passage.pass(); };
    co_await run_blocking(f);
  };
  spawn_detached(pool, calls());
  pool.run_for(0s);
  const std::jthread opener([&] {
    passage.wait_for_arrivals(1);
    passage.open();
  });
  EXPECT_EQ(pool.stop().drained, 1U);
}

TEST(virtual_end, hooks_are_told_of_every_worker) {
  std::vector<int> told;
  {
    virtual_scheduler pool{{.workers = 3,
                            .on_worker_start = [&](int worker) { told.push_back(worker); },
                            .on_worker_stop = [&](int worker) { told.push_back(10 + worker); }}};
    EXPECT_EQ(pool.run(gives(1)), 1);
  }
  EXPECT_EQ(told, (std::vector<int>{0, 1, 2, 10, 11, 12}));
}

}  // namespace
}  // namespace weft
