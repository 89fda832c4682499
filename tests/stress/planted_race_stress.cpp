// SPDX-License-Identifier: Apache-2.0
// ThreadSanitizer sees through the scheduler: two tasks that write one word without order are reported, and tasks in order are not.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace weft {
namespace {

// Not inlined: the compiler must not see what the tasks have in common.
[[gnu::noinline]] void add_one(int& to) { ++to; }

task<> write(int& shared, std::atomic<int>& arrived) {
  // Each on a worker of its own before one of them writes. Relaxed, so that this orders nothing.
  arrived.fetch_add(1, std::memory_order_relaxed);
  while (arrived.load(std::memory_order_relaxed) < 2) std::this_thread::yield();
  add_one(shared);
  co_return;
}

task<int> race() {
  int shared = 0;
  std::atomic<int> arrived{0};
  auto both = when_all(write(shared, arrived), write(shared, arrived));
  co_await both;
  co_return shared;
}

task<int> no_race() {
  int shared = 0;
  std::atomic<int> alone{1};
  for (int i = 0; i < 100; ++i) {
    auto only = when_all(write(shared, alone));
    co_await only;
    co_await yield();
  }
  co_return shared;
}

TEST(planted_race, is_found) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        scheduler pool{{.workers = 2}};
        for (int round = 0; round < 100; ++round) sync_wait(pool, race());  // one race may slip through: both look, then both note
      },
      "data race");
}

TEST(planted_race, is_not_seen_where_the_tasks_are_in_order) {
  scheduler pool{{.workers = 2}};
  EXPECT_EQ(sync_wait(pool, no_race()), 100);
}

}  // namespace
}  // namespace weft
