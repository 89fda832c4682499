// SPDX-License-Identifier: Apache-2.0
// Ticks: an absolute schedule, and what becomes of those that were missed.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <stop_token>
#include <string>
#include <vector>

#include "rejection.hpp"

namespace weft {
namespace {

using namespace std::chrono_literals;
using test::rejection_of;

constexpr missed_ticks all_policies[] = {missed_ticks::burst, missed_ticks::delay, missed_ticks::skip};

/// In virtual time, so that what is told of time is exact.
struct interval_test : testing::Test {
  std::stop_source stop;
  virtual_scheduler pool{{.workers = 1}};
};

TEST_F(interval_test, ticks_are_a_period_apart_for_ever_and_none_is_late) {
  const auto ticks = [&](missed_ticks how) -> task<bool> {
    const auto start = pool.now();
    interval every(300us, how);
    bool is_exact = true;
    for (int i = 1; i <= 10'000; ++i) {
      const auto when = co_await every.tick();
      is_exact = is_exact && when == start + 300us * i && pool.now() == when;
    }
    co_return is_exact;
  };
  for (const missed_ticks how : all_policies) EXPECT_TRUE(pool.run(ticks(how)));
}

TEST_F(interval_test, what_its_user_does_between_ticks_shifts_nothing) {
  const auto ticks = [&](missed_ticks how) -> task<bool> {
    const auto start = pool.now();
    interval every(10ms, how);
    bool is_exact = true;
    for (int i = 1; i <= 1000; ++i) {
      is_exact = is_exact && co_await every.tick() == start + 10ms * i;
      pool.advance(1ms * (i % 10));  // it computes
      co_await sleep_for(999us);     // and waits
    }
    co_return is_exact;
  };
  for (const missed_ticks how : all_policies) EXPECT_TRUE(pool.run(ticks(how)));
}

TEST_F(interval_test, in_a_burst_what_was_missed_comes_at_once_on_the_old_schedule) {
  const auto ticks = [&]() -> task<bool> {
    const auto start = pool.now();
    interval every(2ms);
    pool.advance(9ms);  // four are due by now
    bool is_kept = true;
    for (int i = 1; i <= 4; ++i) {
      is_kept = is_kept && every.tick().operator co_await().await_ready();
      is_kept = is_kept && co_await every.tick() == start + 2ms * i;
    }
    co_return is_kept&& pool.now() == start + 9ms && co_await every.tick() == start + 10ms && pool.now() == start + 10ms;
  };
  EXPECT_TRUE(pool.run(ticks()));
}

TEST_F(interval_test, with_delay_the_schedule_begins_anew) {
  const auto ticks = [&]() -> task<bool> {
    const auto start = pool.now();
    interval every(2ms, missed_ticks::delay);
    pool.advance(9ms);
    const bool came = co_await every.tick() == start + 2ms;
    co_return came&& every.due() == start + 11ms && co_await every.tick() == start + 11ms && pool.now() == start + 11ms;
  };
  EXPECT_TRUE(pool.run(ticks()));
}

TEST_F(interval_test, with_skip_the_next_one_is_the_first_of_the_schedule_to_come) {
  const auto ticks = [&](std::chrono::nanoseconds late, std::chrono::nanoseconds next) -> task<bool> {
    const auto start = pool.now();
    interval every(2ms, missed_ticks::skip);
    pool.advance(late);
    const bool came = co_await every.tick() == start + 2ms;
    co_return came&& every.due() == start + next&& co_await every.tick() == start + next&& pool.now() == start + next;
  };
  EXPECT_TRUE(pool.run(ticks(9ms, 10ms)));
  EXPECT_TRUE(pool.run(ticks(8ms, 10ms))) << "what is due just now was missed as well";
  EXPECT_TRUE(pool.run(ticks(8ms - 1ns, 8ms)));
}

TEST_F(interval_test, a_tick_that_is_a_little_late_shifts_nothing) {
  const auto ticks = [&](missed_ticks how) -> task<bool> {
    const auto start = pool.now();
    interval every(20ms, how);
    co_await sleep_until(start + 40ms - 1ns);
    const bool came = co_await every.tick() == start + 20ms;
    co_return came&& every.due() == start + 40ms;
  };
  for (const missed_ticks how : all_policies) EXPECT_TRUE(pool.run(ticks(how)));
}

TEST_F(interval_test, a_cancelled_tick_is_still_to_come) {
  const auto ticks = [&]() -> task<std::string> {
    interval every(5ms);
    const auto first = every.due();
    stop.request_stop();
    const auto cancelled = [&]() -> task<std::string> {
      try {
        co_await every.tick();
      } catch (const operation_cancelled& e) {
        co_return e.what();
      }
      co_return "it came";
    };
    std::string text = co_await with_stop_token(stop.get_token(), cancelled());
    if (const auto second = co_await every.tick(); second != first) text = "it was lost";
    co_return text;
  };
  EXPECT_EQ(pool.run(ticks()), "weft: interval::tick: the wait for a timer was cancelled: a stop was requested");
}

TEST_F(interval_test, a_period_of_nothing_is_refused) {
  const std::string refused = "weft: interval: the period must be longer than nothing";
  EXPECT_EQ(rejection_of([] { interval(0s); }), refused);
  EXPECT_EQ(rejection_of([] { interval(-1s); }), refused);
  EXPECT_EQ(rejection_of([] { interval(std::chrono::duration<double>(std::numeric_limits<double>::quiet_NaN())); }), refused);
}

TEST_F(interval_test, a_period_that_no_clock_comes_to_never_ticks) {
  const auto ticks = []() -> task<std::string> {
    interval every(std::chrono::hours::max());
    try {
      co_await timeout(99 * 365 * 24h, every.tick());
    } catch (const timeout_error&) {
      co_return "it never came";
    }
    co_return "it came";
  };
  EXPECT_EQ(pool.run(ticks()), "it never came");
}

}  // namespace
}  // namespace weft
