// SPDX-License-Identifier: Apache-2.0
// An error that is thrown between the making of tasks and their join: the functions that throw once kept their caller's registers
// to themselves, so that unwinding destroyed a task at an address that was none.
#include <weft/frames.hpp>
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <utility>

#include "small_tasks.hpp"

namespace weft {
namespace {

using test::number;

task<int> emptied() {
  task<int> t = number(1);
  static_cast<void>(task<int>(std::move(t)));
  return t;
}
task<int> outcomes() {
  auto [a, b, c] = co_await when_all_ready(number(1), emptied(), number(2));
  co_return a.value() + b.value() + c.value();
}
task<int> results() {
  auto [a, b] = co_await when_all(emptied(), number(1));
  co_return a + b;
}
task<int> over_the_bound(int n) {
  task<int> kept = number(n);
  auto join = fork_join<2>(static_cast<std::size_t>(n), [](std::size_t i) { return number(static_cast<int>(i)); });
  co_await join;
  const int one = co_await std::move(kept);
  co_return one;
}

TEST(rejected_join, destroys_the_tasks_that_were_made_for_it) {
  scheduler pool{{.workers = 1}};

  EXPECT_THROW(sync_wait(pool, outcomes()), usage_error);
  EXPECT_THROW(sync_wait(pool, results()), usage_error);
  EXPECT_THROW(sync_wait(pool, over_the_bound(3)), usage_error);
  pool.stop();

  EXPECT_EQ(live_frames(), 0U);
}

}  // namespace
}  // namespace weft
