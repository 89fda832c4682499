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
using clock = std::chrono::steady_clock;
using test::rejection_of;

/// Keeps its worker until then.
void stay_until(clock::time_point when) {
  while (clock::now() < when) {
  }
}

struct interval_test : testing::Test {
  std::stop_source stop;
  scheduler pool{{.workers = 1}};
};

TEST_F(interval_test, ticks_are_a_period_apart_and_never_early) {
  const auto ticks = []() -> task<std::string> {
    const auto start = clock::now();
    interval every(300us);
    auto last = every.due() - 300us;
    if (last < start) co_return "it begins before it was made";
    for (int i = 0; i < 50; ++i) {
      const auto when = co_await every.tick();
      if (clock::now() < when) co_return "early";
      if (when != last + 300us) co_return "off its schedule";
      last = when;
    }
    co_return "";
  };
  EXPECT_EQ(sync_wait(pool, ticks()), "");
}

TEST_F(interval_test, in_a_burst_what_was_missed_comes_at_once_on_the_old_schedule) {
  const auto ticks = []() -> task<bool> {
    interval every(2ms);
    const auto first = every.due();
    stay_until(first + 7ms);  // three more are due by now
    bool is_kept = true;
    for (int i = 0; i < 4; ++i) {
      is_kept = is_kept && every.tick().operator co_await().await_ready();
      is_kept = is_kept && co_await every.tick() == first + 2ms * i;
    }
    co_return is_kept&& every.due() == first + 8ms;
  };
  EXPECT_TRUE(sync_wait(pool, ticks()));
}

TEST_F(interval_test, with_delay_the_schedule_begins_anew) {
  const auto ticks = []() -> task<bool> {
    interval every(2ms, missed_ticks::delay);
    const auto first = every.due();
    stay_until(first + 7ms);
    const auto before = clock::now();
    const bool came = co_await every.tick() == first;
    const auto second = every.due();
    co_return came&& second >= before + 2ms && second <= clock::now() + 2ms && co_await every.tick() == second;
  };
  EXPECT_TRUE(sync_wait(pool, ticks()));
}

TEST_F(interval_test, with_skip_the_next_one_is_the_first_of_the_schedule_to_come) {
  const auto ticks = []() -> task<bool> {
    interval every(2ms, missed_ticks::skip);
    const auto first = every.due();
    stay_until(first + 7ms);
    const bool came = co_await every.tick() == first;
    const auto second = every.due();
    co_return came&& second > clock::now() - 2ms && second >= first + 8ms && (second - first) % 2ms == 0ns &&
        co_await every.tick() == second;
  };
  EXPECT_TRUE(sync_wait(pool, ticks()));
}

TEST_F(interval_test, a_tick_that_is_a_little_late_shifts_nothing) {
  const auto ticks = [](missed_ticks how) -> task<bool> {
    interval every(20ms, how);
    const auto first = every.due();
    co_await sleep_until(first + 1ms);
    const bool came = co_await every.tick() == first;
    co_return came && (every.due() == first + 20ms || clock::now() >= first + 20ms);
  };
  for (const missed_ticks how : {missed_ticks::burst, missed_ticks::delay, missed_ticks::skip}) EXPECT_TRUE(sync_wait(pool, ticks(how)));
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
  EXPECT_EQ(sync_wait(pool, ticks()), "weft: interval::tick: the wait for a timer was cancelled: a stop was requested");
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
      co_await timeout(1ms, every.tick());
    } catch (const timeout_error&) {
      co_return "it never came";
    }
    co_return "it came";
  };
  EXPECT_EQ(sync_wait(pool, ticks()), "it never came");
}

}  // namespace
}  // namespace weft
