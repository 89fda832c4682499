// SPDX-License-Identifier: Apache-2.0
// The parker's table of states, row by row: what sleep and wake do in each.
#include "scheduler/parker.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace weft::sched {
namespace {

void sleep_until_woken(parker& p) {
  while (!p.sleep(-1)) {
  }
}

TEST(parker, a_wake_before_the_sleep_is_kept_for_it) {
  parker p;
  p.wake();

  EXPECT_TRUE(p.sleep(-1));
}

TEST(parker, a_wake_is_used_up_by_one_sleep) {
  parker p;
  p.wake();
  ASSERT_TRUE(p.sleep(-1));

  EXPECT_FALSE(p.sleep(0));
}

TEST(parker, two_wakes_of_an_awake_owner_are_one) {
  parker p;
  p.wake();
  p.wake();

  EXPECT_TRUE(p.sleep(0));
  EXPECT_FALSE(p.sleep(0));
}

TEST(parker, a_sleep_whose_time_is_over_says_so_and_leaves_the_owner_awake) {
  parker p;
  EXPECT_FALSE(p.sleep(1000));

  p.wake();

  EXPECT_TRUE(p.sleep(-1)) << "a wake that came too late is kept for the next sleep";
}

TEST(parker, take_wake_uses_up_a_wake_without_sleeping) {
  parker p;
  EXPECT_FALSE(p.take_wake());
  p.wake();

  EXPECT_TRUE(p.take_wake());
  EXPECT_FALSE(p.take_wake());
}

TEST(parker, a_sleeper_is_woken_and_sees_what_was_written_before) {
  parker p;
  int written = 0;
  std::thread sleeper([&] {
    sleep_until_woken(p);
    EXPECT_EQ(written, 1);
  });

  written = 1;
  p.wake();
  sleeper.join();
}

TEST(parker, two_threads_hand_the_turn_to_each_other_without_losing_a_wake) {
  constexpr int turns = 2000;
  parker left, right;
  int counter = 0;  // belongs to whoever has the turn
  std::thread other([&] {
    for (int i = 0; i < turns; ++i) {
      sleep_until_woken(right);
      ++counter;
      left.wake();
    }
  });

  for (int i = 0; i < turns; ++i) {
    ++counter;
    right.wake();
    sleep_until_woken(left);
  }
  other.join();

  EXPECT_EQ(counter, 2 * turns);
}

}  // namespace
}  // namespace weft::sched
