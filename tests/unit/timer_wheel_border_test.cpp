// SPDX-License-Identifier: Apache-2.0
// The timer wheel at the borders of its slots and levels.
#include "scheduler/timer_wheel.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

namespace weft::sched {
namespace {

constexpr std::int64_t tick = timer_wheel::tick;
constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

/// A wheel that has seen `now`, and has no timer.
std::unique_ptr<timer_wheel> wheel_at(std::int64_t now) {
  auto wheel = std::make_unique<timer_wheel>();
  EXPECT_EQ(wheel->take_due(now), nullptr);
  return wheel;
}

// On each level: the border between two slots, the last slot, and the border to the next level, from near and from far.
TEST(timer_wheel_border, around_every_border_a_timer_is_due_at_its_deadline_and_not_before) {
  for (unsigned level = 0; level <= 10; ++level)
    for (const std::int64_t slots : {1, 2, 7, 63, 64, 65}) {
      if (slots > most >> 6 * level) continue;
      const std::int64_t border = slots << 6 * level;
      for (const std::int64_t offset : {-tick, std::int64_t{-1}, std::int64_t{0}, std::int64_t{1}, tick})
        for (const std::int64_t before : {border, 2 * tick, tick, std::int64_t{2}, std::int64_t{1}}) {
          const std::int64_t deadline = border + offset;
          if (before > border || deadline < 1) continue;
          const auto wheel = wheel_at(border - before);
          timer one(deadline);
          EXPECT_TRUE(wheel->insert(one));
          EXPECT_EQ(wheel->next_deadline(), deadline);
          EXPECT_EQ(wheel->take_due(deadline - 1), nullptr) << deadline;
          EXPECT_EQ(wheel->next_deadline(), deadline);
          EXPECT_EQ(wheel->take_due(deadline), &one) << deadline;
        }
    }
}

TEST(timer_wheel_border, timers_around_every_border_come_in_order_one_nanosecond_after_the_other) {
  for (unsigned level = 1; level <= 10; ++level) {
    const std::int64_t border = std::int64_t{1} << 6 * level;
    timer_wheel wheel;
    timer at(border), after(border + 1), before(border - 1);
    for (timer* one : {&at, &after, &before}) static_cast<void>(wheel.insert(*one));

    for (timer* one : {&before, &at, &after}) {
      EXPECT_EQ(wheel.take_due(one->deadline - 1), nullptr);
      EXPECT_EQ(wheel.next_deadline(), one->deadline);
      EXPECT_EQ(wheel.take_due(one->deadline), one);
    }
  }
}

TEST(timer_wheel_border, a_jump_over_years_takes_what_lies_between_in_order_of_ticks) {
  timer_wheel wheel;
  std::vector<std::unique_ptr<timer>> timers;
  for (unsigned bit = 62; bit > 18; --bit) {
    timers.push_back(std::make_unique<timer>(std::int64_t{1} << bit));
    EXPECT_TRUE(wheel.insert(*timers.back()));
  }

  for (; !timers.empty(); timers.pop_back()) EXPECT_EQ(wheel.take_due(most), timers.back().get());
  EXPECT_EQ(wheel.take_due(most), nullptr);
}

}  // namespace
}  // namespace weft::sched
