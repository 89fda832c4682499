// SPDX-License-Identifier: Apache-2.0
// Every second wait on a futex returns early, interrupted or for no reason: nobody takes that for a wake-up, and none is lost.
#include <gtest/gtest.h>

#include <chrono>

#include "balanced.hpp"
#include "early_futex.hpp"
#include "fault_point.hpp"
#include "park_and_wake.hpp"
#include "watchdog.hpp"

namespace weft {
namespace {

class futex_fault : public test::balanced {
 protected:
  void SetUp() override { test::waits_end_early = true; }
  void TearDown() override {
    test::waits_end_early = false;
    test::balanced::TearDown();
  }
};

TEST_F(futex_fault, waits_that_end_early_lose_nothing) {
  test::fault_point point("a futex wait ends early");
  test::watchdog dog("early futex");
  for (int i = 0; i < 20 || !point.is_covered(); ++i) {
    const auto before = test::early_waits.load();
    ASSERT_TRUE(test::park_and_wake(20));
    point.hit(test::early_waits - before);
    dog.beat();
  }
}

TEST_F(futex_fault, schedulers_come_and_go) {
  test::fault_point point("a futex wait ends early while a scheduler starts or stops");
  test::watchdog dog("early futex, schedulers");
  for (int i = 0; i < 100 || !point.is_covered(); ++i) {
    const auto before = test::early_waits.load();
    {
      const scheduler pool{{.workers = 3}};
    }
    point.hit(test::early_waits - before);
    dog.beat();
  }
}

/// Holds its thread until the test has seen enough.
task<> holds(std::atomic<bool>& enough) {
  enough.wait(false);
  co_return;
}

TEST_F(futex_fault, a_wait_with_a_limit_is_not_over_before_its_limit) {
  test::fault_point point("a futex wait with a limit ends early");
  const auto before = test::early_waits.load();
  while (test::early_waits - before < test::fault_point::least) {
    std::atomic<bool> enough{false};
    scheduler pool{{.workers = 1}};
    constexpr auto limit = std::chrono::milliseconds(1);
    const auto start = std::chrono::steady_clock::now();
    EXPECT_THROW(sync_wait_for(pool, holds(enough), limit), timeout_error);
    EXPECT_GE(std::chrono::steady_clock::now() - start, limit) << "an early return was taken for the end of the time";
    enough = true;
    enough.notify_all();
    EXPECT_EQ(pool.stop().abandoned, 0U);
  }
  point.hit(test::early_waits - before);
}

// The watcher of the timers is up too soon, again and again.
TEST_F(futex_fault, no_sleep_is_early) {
  test::fault_point point("a futex wait ends early while tasks sleep");
  test::watchdog dog("early futex, timers");
  scheduler pool{{.workers = 2}};
  const auto sleeps = []() -> task<bool> {
    const auto due = std::chrono::steady_clock::now() + std::chrono::microseconds(200);
    co_await sleep_until(due);
    co_return std::chrono::steady_clock::now() >= due;
  };
  for (int i = 0; i < 100 || !point.is_covered(); ++i) {
    const auto before = test::early_waits.load();
    ASSERT_TRUE(sync_wait(pool, sleeps()));
    point.hit(test::early_waits - before);
    dog.beat();
  }
}

}  // namespace
}  // namespace weft
