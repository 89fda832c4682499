// SPDX-License-Identifier: Apache-2.0
// The timer wheel: what each call promises, up to the ends of time, and with a million timers. No clock: time is a number.
#include "scheduler/timer_wheel.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "scale.hpp"
#include "seed.hpp"

namespace weft::sched {
namespace {

constexpr std::int64_t tick = timer_wheel::tick;
constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

TEST(timer_wheel, of_an_empty_wheel_nothing_is_due) {
  timer_wheel wheel;

  for (const std::int64_t now : {std::int64_t{0}, least, std::int64_t{-1}, most, std::int64_t{5}}) EXPECT_EQ(wheel.take_due(now), nullptr);
  EXPECT_EQ(wheel.next_deadline(), std::nullopt);
  EXPECT_EQ(wheel.size(), 0U);
}

TEST(timer_wheel, a_timer_knows_whether_it_is_in) {
  timer_wheel wheel;
  timer one(tick);
  EXPECT_FALSE(one.is_in_wheel());

  EXPECT_TRUE(wheel.insert(one));
  EXPECT_TRUE(one.is_in_wheel());
  EXPECT_EQ(wheel.size(), 1U);

  EXPECT_TRUE(wheel.remove(one));
  EXPECT_FALSE(one.is_in_wheel());
  EXPECT_EQ(wheel.size(), 0U);
  EXPECT_FALSE(wheel.remove(one));

  EXPECT_TRUE(wheel.insert(one));
  EXPECT_EQ(wheel.take_due(tick), &one);
  EXPECT_FALSE(one.is_in_wheel());
  EXPECT_FALSE(wheel.remove(one));
  EXPECT_EQ(wheel.size(), 0U);
}

TEST(timer_wheel, insert_tells_when_a_sleeper_must_be_woken) {
  timer_wheel wheel;
  timer first(100 * tick), later(200 * tick), same(100 * tick), earlier(100 * tick - 1), past(-5), more_past(-6), less_past(-4);

  EXPECT_TRUE(wheel.insert(first));
  EXPECT_FALSE(wheel.insert(later));
  EXPECT_FALSE(wheel.insert(same));
  EXPECT_TRUE(wheel.insert(earlier));
  EXPECT_TRUE(wheel.insert(past));
  EXPECT_TRUE(wheel.insert(more_past));
  EXPECT_FALSE(wheel.insert(less_past));
}

TEST(timer_wheel, after_the_earliest_is_removed_the_sleeper_still_wakes_in_time) {
  timer_wheel wheel;
  timer gone(100), last(300), between(200);
  EXPECT_TRUE(wheel.insert(gone));
  EXPECT_FALSE(wheel.insert(last));
  EXPECT_TRUE(wheel.remove(gone));
  const std::int64_t sleeps_until = wheel.next_deadline().value();

  const bool wakes = wheel.insert(between);

  EXPECT_TRUE(wakes || sleeps_until <= between.deadline);
  EXPECT_LE(wheel.next_deadline().value(), between.deadline);
}

TEST(timer_wheel, absurd_deadlines_are_due_at_once_or_at_the_end_of_time) {
  timer_wheel wheel;
  timer never(most), nearly(most - 1), long_ago(least), a_bit_ago(-1);
  EXPECT_TRUE(wheel.insert(never));
  EXPECT_TRUE(wheel.insert(nearly));
  EXPECT_TRUE(wheel.insert(long_ago));
  EXPECT_FALSE(wheel.insert(a_bit_ago));
  EXPECT_EQ(wheel.next_deadline(), least);

  EXPECT_EQ(wheel.take_due(least), &long_ago);
  EXPECT_EQ(wheel.take_due(-2), nullptr);
  EXPECT_EQ(wheel.next_deadline(), -1);
  EXPECT_EQ(wheel.take_due(-1), &a_bit_ago);
  EXPECT_EQ(wheel.take_due(most - 2), nullptr);
  EXPECT_EQ(wheel.next_deadline(), most - 1);
  EXPECT_EQ(wheel.take_due(most - 1), &nearly);
  EXPECT_EQ(wheel.take_due(most - 1), nullptr);
  EXPECT_EQ(wheel.take_due(most), &never);
}

TEST(timer_wheel, time_that_goes_back_makes_nothing_early_and_loses_nothing) {
  timer_wheel wheel;
  EXPECT_EQ(wheel.take_due(1000 * tick), nullptr);
  timer later(1001 * tick), middle(500 * tick), early(400 * tick);
  EXPECT_TRUE(wheel.insert(later));
  EXPECT_TRUE(wheel.insert(middle));
  EXPECT_TRUE(wheel.insert(early));

  EXPECT_EQ(wheel.take_due(400 * tick - 1), nullptr);
  EXPECT_EQ(wheel.take_due(400 * tick), &early);
  EXPECT_EQ(wheel.take_due(400 * tick), nullptr);
  EXPECT_EQ(wheel.next_deadline(), 500 * tick);
  EXPECT_EQ(wheel.take_due(least), nullptr);
  EXPECT_EQ(wheel.take_due(1000 * tick), &middle);
  EXPECT_EQ(wheel.take_due(1001 * tick), &later);
}

TEST(timer_wheel, equal_deadlines_come_in_the_order_in_which_they_were_inserted) {
  timer_wheel wheel;
  constexpr std::int64_t deadline = 5000 * tick + 77;
  timer first(deadline), second(deadline), third(deadline);
  EXPECT_TRUE(wheel.insert(first));
  EXPECT_EQ(wheel.take_due(4999 * tick), nullptr);
  EXPECT_FALSE(wheel.insert(second));
  EXPECT_EQ(wheel.take_due(5000 * tick), nullptr);
  EXPECT_FALSE(wheel.insert(third));

  for (timer* one : {&first, &second, &third}) EXPECT_EQ(wheel.take_due(deadline), one);
}

// Each timer taken inserts another, in the slot that is being emptied, before it and behind it.
TEST(timer_wheel, timers_inserted_while_others_expire_come_in_their_turn) {
  timer_wheel wheel;
  timer a(70 * tick), b(72 * tick), c(90 * tick), at_once(70 * tick + 1), past(3), between(80 * tick), beyond(100 * tick + 1);
  for (timer* one : {&c, &b, &a}) static_cast<void>(wheel.insert(*one));
  constexpr std::int64_t now = 100 * tick;

  EXPECT_EQ(wheel.take_due(now), &a);
  for (timer* one : {&beyond, &between, &at_once, &past}) static_cast<void>(wheel.insert(*one));

  for (timer* one : {&past, &at_once, &b, &between, &c}) EXPECT_EQ(wheel.take_due(now), one);
  EXPECT_EQ(wheel.take_due(now), nullptr);
  EXPECT_EQ(wheel.take_due(now + 1), &beyond);
}

TEST(timer_wheel, once_the_earliest_is_removed_the_next_deadline_is_exact_after_one_more_look) {
  for (unsigned bit = 1; bit <= 62; ++bit) {
    const std::int64_t start = std::int64_t{1} << bit;
    timer_wheel wheel;
    timer gone(start), stays(start + start / 32 + 1), last(start + start / 32 + 2);
    for (timer* one : {&last, &stays, &gone}) EXPECT_TRUE(wheel.insert(*one));
    EXPECT_TRUE(wheel.remove(gone));

    const std::int64_t said = wheel.next_deadline().value();
    EXPECT_LE(said, stays.deadline);
    EXPECT_GE(said, start);
    if (said < stays.deadline) {
      EXPECT_EQ(wheel.take_due(said), nullptr);
    }
    EXPECT_EQ(wheel.next_deadline(), stays.deadline) << bit;
    EXPECT_EQ(wheel.take_due(stays.deadline), &stays);
  }
}

TEST(timer_wheel, while_none_is_removed_each_wake_finds_its_timer) {
  test::random_source random(1);
  timer_wheel wheel;
  std::vector<timer> timers(100);
  for (timer& t : timers) static_cast<void>(wheel.insert(t));

  for (int wakes = 0; wakes < 20'000; ++wakes) {
    const std::int64_t now = wheel.next_deadline().value();
    timer* const t = wheel.take_due(now);
    ASSERT_NE(t, nullptr);
    ASSERT_EQ(t->deadline, now);
    t->deadline += static_cast<std::int64_t>(random.next() >> (20 + random.below(44)));
    static_cast<void>(wheel.insert(*t));
  }
}

TEST(timer_wheel, of_a_million_timers_each_comes_once_in_order_of_ticks) {
  const std::uint64_t count = test::scaled(1'000'000, 1000);
  test::random_source random(2);
  std::vector<timer> timers(count);
  timer_wheel wheel;
  const std::int64_t start = std::int64_t{1} << 50;
  ASSERT_EQ(wheel.take_due(start), nullptr);
  for (timer& t : timers) {
    t.deadline = start + static_cast<std::int64_t>(random.next() >> 1 >> (3 + random.below(40)));
    static_cast<void>(wheel.insert(t));
  }
  ASSERT_EQ(wheel.size(), count);
  for (std::uint64_t i = 0; i < count; i += 3) ASSERT_TRUE(wheel.remove(timers[i]));

  std::uint64_t taken = 0;
  for (std::int64_t last = 0; timer* t = wheel.take_due(most); ++taken, last = t->deadline) ASSERT_GE(t->deadline >> 18, last >> 18);

  EXPECT_EQ(taken, count - (count + 2) / 3);
  EXPECT_EQ(wheel.size(), 0U);
}

}  // namespace
}  // namespace weft::sched
