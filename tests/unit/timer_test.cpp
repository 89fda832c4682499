// SPDX-License-Identifier: Apache-2.0
// Sleeps: never early, in order, cancelled, many; and who looks at the clock when workers sleep or are blocked.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <future>
#include <latch>
#include <limits>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "rejection.hpp"
#include "scale.hpp"

namespace weft {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;
using test::rejection_of;

struct timer : testing::Test {
  std::stop_source stop;
  scheduler pool{{.workers = 2}};
};

TEST_F(timer, a_sleep_is_never_early) {
  const auto early = []() -> task<int> {
    int count = 0;
    for (int i = 0; i < 200; ++i) {
      const auto start = clock::now();
      const auto length = std::chrono::microseconds(1 + i * 7);
      co_await sleep_for(length);
      if (clock::now() < start + length) ++count;
    }
    co_return count;
  };
  EXPECT_EQ(sync_wait(pool, early()), 0);
}

TEST_F(timer, a_sleep_until_a_point_of_time_is_never_early) {
  const auto sleeps = []() -> task<bool> {
    const auto when = clock::now() + 2ms;
    co_await sleep_until(when);
    co_return clock::now() >= when;
  };
  EXPECT_TRUE(sync_wait(pool, sleeps()));
}

TEST_F(timer, what_is_nothing_or_over_does_not_suspend) {
  const auto runs = []() -> task<int> {
    int ready = 0;
    const auto count = [&](const sleep& s) { ready += s.operator co_await().await_ready() ? 1 : 0; };
    count(sleep_for(0s));
    count(sleep_for(-1h));
    count(sleep_for(std::chrono::hours::min()));
    count(sleep_for(std::chrono::duration<double>(-std::numeric_limits<double>::infinity())));
    count(sleep_for(std::chrono::duration<double>(std::numeric_limits<double>::quiet_NaN())));
    count(sleep_until(clock::now()));
    count(sleep_until(clock::time_point::min()));
    co_await sleep_for(0s);
    co_await sleep_until(clock::now() - 1h);
    co_return ready;
  };
  EXPECT_EQ(sync_wait(pool, runs()), 7);
}

/// What came of a sleep, told as text.
task<std::string> told(sleep s) {
  try {
    co_await s;
  } catch (const operation_cancelled& e) {
    co_return e.what();
  }
  co_return "slept";
}

/// In virtual time, so that what is told of time is exact.
struct virtual_timer : testing::Test {
  std::stop_source stop;
  virtual_scheduler pool;
};

TEST_F(virtual_timer, a_sleep_is_neither_early_nor_late) {
  const auto is_exact = [&]() -> task<bool> {
    bool is = true;
    auto when = pool.now();
    for (int i = 0; i < 60; ++i) {
      const auto length = 1ns * (std::int64_t{1} << i) + 1ns * i;  // up to 36 years
      co_await sleep_for(length);
      is = is && pool.now() == (when += length);
      co_await sleep_until(when += length);
      is = is && pool.now() == when;
    }
    co_return is;
  };
  EXPECT_TRUE(pool.run(is_exact()));
}

TEST_F(virtual_timer, what_is_too_long_for_any_clock_is_for_ever) {
  const sleep longest[] = {sleep_for(std::chrono::hours::max()), sleep_for(clock::duration::max()), sleep_until(clock::time_point::max()),
                           sleep_for(std::chrono::duration<double>(std::numeric_limits<double>::infinity())),
                           sleep_for(std::chrono::duration<float, std::ratio<1'000'000'000>>(1e30F))};
  std::vector<std::future<std::string>> all;
  for (const sleep& s : longest) all.push_back(spawn_future(pool, with_stop_token(stop.get_token(), told(s))));
  EXPECT_EQ(pool.run(told(sleep_for(99 * 365 * 24h))), "slept") << "they are in nobody's way";
  EXPECT_EQ(pool.run_until_idle().size(), all.size());
  stop.request_stop();
  EXPECT_TRUE(pool.run_until_idle().empty());
  for (auto& one : all) EXPECT_NE(one.get(), "slept");
}

TEST_F(virtual_timer, sleeps_end_in_the_order_of_their_deadlines) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    virtual_scheduler three{{.workers = 3}, {.seed = seed}};
    std::vector<int> order;
    const auto sleeps = [&](int number) -> task<> {
      co_await sleep_until(three.now() + 2ns * number);
      order.push_back(number);
    };
    const auto all = [&]() -> task<> {
      std::vector<task<>> some;
      for (const int number : {5, 1, 4, 2, 3}) some.push_back(sleeps(number));
      co_await when_all(std::move(some));
    };
    three.run(all());
    EXPECT_EQ(order, (std::vector<int>{1, 2, 3, 4, 5}));
  }
}

TEST_F(timer, those_that_are_due_at_once_go_on_earliest_first) {
  scheduler one{{.workers = 1}};
  std::vector<int> order;
  const auto due = clock::now() + 5ms;
  const auto sleeps = [&](int number) -> task<> {
    co_await sleep_until(due - std::chrono::milliseconds(number));
    order.push_back(number);
  };
  const auto busy = [&]() -> task<> {
    while (clock::now() < due) {
    }
    co_return;
  };
  const auto all = [&]() -> task<> {
    std::vector<task<>> some;
    for (const int number : {2, 0, 1}) some.push_back(sleeps(number));
    some.push_back(busy());
    co_await when_all(std::move(some));
  };
  sync_wait(one, all());
  EXPECT_EQ(order, (std::vector<int>{2, 1, 0}));
}

TEST_F(timer, a_cancelled_sleep_ends_at_once_and_says_so) {
  auto asleep = spawn_future(pool, with_stop_token(stop.get_token(), told(sleep_for(1h))));
  stop.request_stop();
  EXPECT_EQ(asleep.get(), "weft: sleep_for: the wait for a timer was cancelled: a stop was requested");
  EXPECT_EQ(sync_wait(pool, with_stop_token(stop.get_token(), told(sleep_until(clock::now() + 1h)))),
            "weft: sleep_until: the wait for a timer was cancelled: a stop was requested")
      << "one that begins in what is cancelled";
}

TEST_F(timer, a_sleep_in_what_can_be_cancelled_ends_by_itself) {
  EXPECT_EQ(sync_wait(pool, with_stop_token(stop.get_token(), told(sleep_for(1ms)))), "slept");
}

TEST_F(timer, many_at_once) {
  const std::uint64_t count = test::scaled(100'000, 1000);
  const auto start = clock::now();
  const auto sleeps = [&](std::size_t i) -> task<int> {
    const auto when = start + std::chrono::microseconds(i * 7919 % 50'000);
    co_await sleep_until(when);
    co_return clock::now() >= when ? 1 : 0;
  };
  const auto all = [&]() -> task<std::uint64_t> {
    auto outcomes = co_await fork_join(count, sleeps);
    std::uint64_t sum = 0;
    for (const int in_time : outcomes) sum += static_cast<std::uint64_t>(in_time);
    co_return sum;
  };
  EXPECT_EQ(sync_wait(pool, all()), count);
}

TEST_F(timer, a_sleep_on_a_thread_that_is_no_worker_is_refused) {
  detail::sleep_timer t(1);
  const std::string refused = rejection_of([&] { static_cast<void>(detail::begin_sleep(t, nullptr, "sleep_for")); });
  EXPECT_EQ(refused, "weft: sleep_for: this thread is no worker; sleep in a task, or use std::this_thread::sleep_for");
}

// --- who looks at the clock ---

/// Waits until all workers of a pool have gone to sleep.
void wait_until_asleep(scheduler& pool, std::uint64_t parks) {
  while (pool.metrics().total().parks < parks) std::this_thread::yield();
}

TEST_F(timer, an_earlier_one_wakes_the_watcher_that_sleeps_until_a_later_one) {
  auto later = spawn_future(pool, with_stop_token(stop.get_token(), told(sleep_for(1h))));
  wait_until_asleep(pool, 2);
  EXPECT_EQ(sync_wait(pool, told(sleep_for(1ms))), "slept");
  stop.request_stop();
  EXPECT_NE(later.get(), "slept");
}

TEST_F(timer, one_that_is_due_ends_although_a_worker_is_blocked_until_then) {
  for (int round = 0; round < 50; ++round) {
    std::latch opened(1);
    const auto opens = [&]() -> task<> {
      co_await sleep_for(std::chrono::microseconds(50 * round));
      opened.count_down();
    };
    const auto blocks = [&]() -> task<> {
      opened.wait();
      co_return;
    };
    const auto both = [&]() -> task<> { co_await when_all(opens(), blocks()); };
    sync_wait(pool, both());
  }
}

TEST_F(timer, one_that_is_left_ends_although_the_watcher_got_up_for_another_and_is_blocked) {
  for (int round = 0; round < 20; ++round) {
    std::latch opened(1);
    const auto opens = [&]() -> task<> {
      co_await sleep_for(3ms);
      opened.count_down();
    };
    const auto blocks = [&]() -> task<> {
      co_await sleep_for(1ms);
      opened.wait();
    };
    const auto both = [&]() -> task<> { co_await when_all(opens(), blocks()); };
    sync_wait(pool, both());
  }
}

TEST_F(timer, a_worker_that_never_sleeps_looks_at_the_clock) {
  scheduler one{{.workers = 1}};
  bool is_over = false;
  const auto sleeps = [&]() -> task<> {
    co_await sleep_for(1ms);
    is_over = true;
  };
  const auto busy = [&]() -> task<> {
    while (!is_over) co_await yield();
  };
  const auto both = [&]() -> task<> { co_await when_all(sleeps(), busy()); };
  sync_wait(one, both());
  EXPECT_TRUE(is_over);
}

TEST_F(timer, a_scheduler_is_destroyed_with_timers) {
  testing::internal::CaptureStderr();
  {
    scheduler gone{{.workers = 1}};
    spawn_detached(gone, shield([]() -> task<> { co_await sleep_for(1h); }()), {.name = "sleeper"});
    sync_wait(gone, []() -> task<> { co_return; }());  // the one worker takes them in order: the first sleeps
    const stop_report report = gone.stop({.drain_for = 0s, .grace = 0s});
    ASSERT_EQ(report.left.size(), 1U);
    EXPECT_EQ(report.left[0].name, "sleeper");
    EXPECT_EQ(report.left[0].what, "a timer");
    EXPECT_NE(report.left[0].where.find("timer_test.cpp:"), std::string::npos);
  }
  static_cast<void>(testing::internal::GetCapturedStderr());
}

}  // namespace
}  // namespace weft
