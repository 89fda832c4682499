// SPDX-License-Identifier: Apache-2.0
// The short lock: one holder at a time, and no waiter left asleep.
#include "weft/detail/short_lock.hpp"

#include <gtest/gtest.h>

#include <mutex>
#include <thread>
#include <vector>

namespace weft::detail {
namespace {

TEST(short_lock, can_be_taken_again_after_it_was_given_back) {
  short_lock lock;
  int entered = 0;
  for (int i = 0; i < 3; ++i) {
    const std::scoped_lock hold(lock);
    ++entered;
  }
  EXPECT_EQ(entered, 3);
}

TEST(short_lock, what_is_written_under_it_is_not_lost) {
  constexpr int threads = 4, each = 20'000;
  short_lock lock;
  int counter = 0;
  std::vector<std::jthread> all;
  for (int t = 0; t < threads; ++t)
    all.emplace_back([&] {
      for (int i = 0; i < each; ++i) {
        const std::scoped_lock hold(lock);
        ++counter;
      }
    });
  all.clear();

  EXPECT_EQ(counter, threads * each);
}

TEST(short_lock, everybody_who_waited_gets_in_after_the_holder_leaves) {
  short_lock lock;
  int inside = 0;
  std::vector<std::jthread> waiting;
  lock.lock();
  for (int t = 0; t < 4; ++t)
    waiting.emplace_back([&] {
      const std::scoped_lock hold(lock);
      ++inside;
    });
  EXPECT_EQ(inside, 0);
  lock.unlock();
  waiting.clear();

  EXPECT_EQ(inside, 4);
}

}  // namespace
}  // namespace weft::detail
