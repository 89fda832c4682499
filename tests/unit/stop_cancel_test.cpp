// SPDX-License-Identifier: Apache-2.0
// What a stop cancels: waits of tasks that are left, but those in a shield; cleanups run, and nothing new begins.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "balanced.hpp"
#include "gate.hpp"
#include "turnstile.hpp"

namespace weft {
namespace {

using namespace std::chrono_literals;

constexpr stop_options at_once{.drain_for = 0s, .grace = 1h};

task<> sleeps(std::chrono::nanoseconds how_long) { co_await sleep_for(how_long); }

struct stop_cancel_test : test::balanced {
  std::atomic<int> told{0};
  std::optional<scheduler> pool{std::in_place, scheduler_options{.workers = 2, .on_unhandled = [this](auto, auto) { ++told; }}};

  void TearDown() override {
    pool.reset();
    EXPECT_EQ(told, 0) << "a cancelled task is no failure that somebody has to be told of";
    balanced::TearDown();
  }

  void expect_all_cancelled(std::size_t tasks) {
    const stop_report report = pool->stop(at_once);
    EXPECT_EQ(report.cancelled, tasks);
    EXPECT_EQ(report.drained + report.destroyed + report.abandoned, 0U);
    EXPECT_TRUE(report.left.empty());
  }
};

TEST_F(stop_cancel_test, sleeps_end) {
  for (int i = 0; i < 100; ++i) spawn_detached(*pool, sleeps(1h));
  expect_all_cancelled(100);
}

TEST_F(stop_cancel_test, all_waits_of_a_task_end_and_its_joins_with_them) {
  const auto both = []() -> task<> { co_await when_all(sleeps(1h), sleeps(2h), timeout(1h, sleeps(3h))); };
  for (int i = 0; i < 20; ++i) spawn_detached(*pool, both());
  expect_all_cancelled(20);
}

TEST_F(stop_cancel_test, waits_for_handles_and_in_scopes_end) {
  std::atomic<int> begun{0};
  const auto joins = [&]() -> task<> {
    auto handle = spawn(sleeps(1h));
    ++begun;
    co_await std::move(handle);
  };
  const auto opens = [&]() -> task<> {
    auto body = [&](scope& s) -> task<> {
      s.spawn(sleeps(1h));
      ++begun;
      co_return;
    };
    co_await with_scope(body);
  };
  const auto gives = []() -> task<int> {
    co_await sleep_for(1h);
    co_return 1;
  };
  const auto takes = [&]() -> task<> {
    auto body = [&](scope_of<int>& s) -> task<> {
      s.spawn(gives());
      ++begun;
      while (co_await s.next()) {
      }
    };
    co_await with_scope<int>(body);
  };
  const auto all = [&]() -> task<> {
    auto join = when_all(joins(), opens(), takes());
    co_await join;
  };
  auto ended = spawn_future(*pool, all());
  while (begun < 3) std::this_thread::yield();
  expect_all_cancelled(4);
  EXPECT_THROW(ended.get(), operation_cancelled);
}

TEST_F(stop_cancel_test, the_reason_is_told) {
  const auto asks = []() -> task<std::string> {
    try {
      co_await sleep_for(1h);
    } catch (const operation_cancelled& e) {
      co_return e.reason() == cancel_reason::stopping ? e.what() : "another reason";
    }
    co_return "slept";
  };
  auto text = spawn_future(*pool, asks());
  expect_all_cancelled(1);
  EXPECT_EQ(text.get(), "weft: sleep_for: the wait for a timer was cancelled: its scheduler is stopping");
}

TEST_F(stop_cancel_test, what_is_begun_afterwards_ends_at_once) {
  const auto insists = []() -> task<int> {
    int cancelled = 0;
    while (cancelled < 100) {
      const auto slept = co_await as_result(sleeps(1h));
      cancelled += slept.has_value() ? 0 : 1;
    }
    co_return cancelled;
  };
  auto count = spawn_future(*pool, insists());
  expect_all_cancelled(1);
  EXPECT_EQ(count.get(), 100);
}

TEST_F(stop_cancel_test, cleanups_may_wait) {
  std::atomic<int> cleaned{0};
  const auto cleans = [&]() -> task<> {
    co_await sleep_for(1ms);
    co_await with_local(task_local<int>(), 1, sleeps(1ms));
    co_await timeout(1h, sleeps(1ms));
    ++cleaned;
  };
  for (int i = 0; i < 10; ++i) spawn_detached(*pool, finally(sleeps(1h), cleans));
  expect_all_cancelled(10);
  EXPECT_EQ(cleaned, 10);
}

TEST_F(stop_cancel_test, a_cleanup_that_waits_already_has_the_grace_time) {
  const auto cleans = [&]() -> task<> { co_await shield(sleeps(5ms)); };
  scheduler one{{.workers = 1}};
  spawn_detached(one, cleans());
  sync_wait(one, sleeps(0s));  // the one worker takes them in order: the first sleeps, or has
  EXPECT_EQ(one.stop(at_once).abandoned, 0U);
}

TEST_F(stop_cancel_test, a_cleanup_cannot_spawn) {
  const auto spawns = []() -> task<std::string> {
    try {
      co_await sleep_for(1h);
    } catch (const operation_cancelled&) {
    }
    try {
      spawn_detached(sleeps(1h));
    } catch (const scheduler_stopped& e) {
      co_return e.what();
    }
    co_return "spawned";
  };
  auto text = spawn_future(*pool, spawns());
  expect_all_cancelled(1);
  EXPECT_EQ(text.get(), "weft: spawn_detached: the scheduler is stopping or has stopped; the task is still yours");
}

TEST_F(stop_cancel_test, blocking_calls_that_have_not_begun_are_not_called) {
  std::atomic<bool> is_called{false};
  test::turnstile closed;
  scheduler one{{.workers = 1, .blocking = {.max_threads = 1}}};
  const auto first = [&]() -> task<> { co_await run_blocking([&] { closed.pass(); }); };
  const auto second = [&]() -> task<> { co_await run_blocking([&] { is_called = true; }); };
  spawn_detached(one, first());
  closed.wait_for_arrivals(1);
  auto ended = spawn_future(one, second());
  std::thread opens([&] {
    ended.wait();
    closed.open();
  });
  EXPECT_EQ(one.stop(at_once).cancelled, 2U);
  opens.join();
  EXPECT_FALSE(is_called);
  EXPECT_THROW(ended.get(), operation_cancelled);
}

TEST_F(stop_cancel_test, a_wait_at_another_scheduler_ends_too) {
  scheduler other{{.workers = 1}};
  const auto visits = [&]() -> task<> { co_await on(other, sleeps(1h)); };
  auto ended = spawn_future(*pool, visits());
  expect_all_cancelled(1);
  EXPECT_THROW(ended.get(), operation_cancelled);
}

TEST_F(stop_cancel_test, a_task_that_waits_for_foreign_code_has_the_grace_time) {
  test::gate gate;
  const auto waits = [&]() -> task<> { co_await gate; };
  const auto opens = [&]() -> task<> {
    static_cast<void>(co_await as_result(sleeps(1h)));
    gate.open();
  };
  spawn_detached(*pool, waits());
  gate.wait_for_arrivals(1);
  spawn_detached(*pool, opens());
  expect_all_cancelled(2);
}

// Not balanced: what is abandoned stays.
TEST(stop_cancel_abandons, a_shielded_wait_where_there_is_no_grace_time) {
  testing::internal::CaptureStderr();
  stop_report report;
  {
    scheduler pool{{.workers = 1}};
    spawn_detached(pool, shield(sleeps(1h)), {.name = "shielded"});
    sync_wait(pool, sleeps(0s));  // the one worker takes them in order: the first sleeps
    report = pool.stop({.drain_for = 0s, .grace = 0s});
  }
  static_cast<void>(testing::internal::GetCapturedStderr());
  EXPECT_EQ(report.cancelled, 0U);
  EXPECT_EQ(report.abandoned, 1U);
  ASSERT_EQ(report.left.size(), 1U);
  EXPECT_EQ(report.left[0].name, "shielded");
  EXPECT_EQ(report.left[0].what, "a timer");
}

}  // namespace
}  // namespace weft
