// SPDX-License-Identifier: Apache-2.0
// Time: sleeping without a thread, giving up in time, and ticks on a schedule.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace {

using namespace std::chrono_literals;
using time_point = std::chrono::steady_clock::time_point;

weft::task<time_point> nap(std::chrono::milliseconds how_long) {
  co_await weft::sleep_for(how_long);  // no thread is kept; never too short
  co_return std::chrono::steady_clock::now();
}

weft::task<std::string> answer(std::chrono::nanoseconds takes) {
  co_await weft::sleep_for(takes);
  co_return "42";
}

weft::task<std::string> answer_within(std::chrono::nanoseconds deadline, std::chrono::nanoseconds takes) {
  try {
    co_return co_await weft::timeout(deadline, answer(takes));
  } catch (const weft::timeout_error&) {
    co_return "too late";
  }
}

weft::task<bool> has_time_for(std::chrono::nanoseconds work) {
  const auto left = co_await weft::remaining();  // of the earliest deadline around; there may be none
  co_return !left || *left >= work;
}

weft::task<bool> ticks_are_a_period_apart(int ticks) {
  weft::interval every(1ms, weft::missed_ticks::burst);  // skip and delay do otherwise with ticks that were not taken in time
  time_point last = co_await every.tick();
  for (int i = 1; i < ticks; ++i) {
    const time_point due = co_await every.tick();  // on the schedule, however late it is taken
    if (due - last != 1ms) co_return false;
    last = due;
  }
  co_return true;
}

struct time_example : testing::Test {
  weft::scheduler pool{{.workers = 1}};
};

TEST_F(time_example, no_sleep_is_too_short) {
  const time_point start = std::chrono::steady_clock::now();
  EXPECT_GE(weft::sync_wait(pool, nap(5ms)), start + 5ms);
}

TEST_F(time_example, a_deadline_ends_what_takes_too_long) {
  EXPECT_EQ(weft::sync_wait(pool, answer_within(1h, 1ms)), "42");
  EXPECT_EQ(weft::sync_wait(pool, answer_within(1ms, 1h)), "too late");
}

TEST_F(time_example, deadlines_are_inherited) {
  EXPECT_TRUE(weft::sync_wait(pool, has_time_for(1h)));
  EXPECT_FALSE(weft::sync_wait(pool, weft::timeout(1min, has_time_for(1h))));
}

TEST_F(time_example, ticks_come_on_a_schedule) { EXPECT_TRUE(weft::sync_wait(pool, ticks_are_a_period_apart(10))); }

}  // namespace
