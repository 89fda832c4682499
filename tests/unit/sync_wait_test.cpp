// SPDX-License-Identifier: Apache-2.0
// Blocking for a task from a thread that is no worker, for ever and for a time.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "balanced.hpp"
#include "gate.hpp"
#include "small_tasks.hpp"

namespace weft {
namespace {

using test::mishap;
using test::number;
using test::number_behind;
using test::object;
using test::same;

using namespace std::chrono_literals;
using test::counted;

class sync_wait_test : public test::balanced {};

task<int> fails() {
  throw mishap("broken");
  co_return 0;
}

TEST_F(sync_wait_test, gives_values_references_move_only_and_nothing) {
  scheduler pool{{.workers = 1}};
  int mine = 0;
  auto boxes = []() -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(2); };
  auto sets = [](int& r) -> task<> {
    r = 9;
    co_return;
  };

  EXPECT_EQ(sync_wait(pool, number(1)), 1);
  EXPECT_EQ(&sync_wait(pool, same(mine)), &mine);
  EXPECT_EQ(*sync_wait(pool, boxes()), 2);
  sync_wait(pool, sets(mine));
  EXPECT_EQ(mine, 9);
  EXPECT_EQ(sync_wait(pool, object(4)).value, 4);
}

TEST_F(sync_wait_test, throws_what_the_task_throws) {
  scheduler pool{{.workers = 1}};

  EXPECT_THROW(sync_wait(pool, fails()), mishap);
  EXPECT_THROW(sync_wait_for(pool, fails(), 1h), mishap);
  EXPECT_EQ(sync_wait(pool, number(3)), 3) << "the scheduler works on";
}

TEST_F(sync_wait_test, works_from_several_threads_at_once) {
  scheduler pool{{.workers = 2}};
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&pool, t] {
      for (int i = 0; i < 200; ++i) EXPECT_EQ(sync_wait(pool, number(1000 * t + i)), 1000 * t + i);
    });
}

TEST_F(sync_wait_test, uses_the_scheduler_that_is_named) {
  scheduler one{{.workers = 1}};
  scheduler other{{.workers = 1}};
  sync_wait(one, number(1));
  one.stop();
  other.stop();
  EXPECT_EQ(one.metrics().total().injected, 1U);
  EXPECT_EQ(other.metrics().total().injected, 0U);
}

// --- for a time ---

TEST_F(sync_wait_test, gives_the_result_of_a_task_that_ends_in_time) {
  scheduler pool{{.workers = 1}};
  using forever = std::chrono::duration<double>;

  EXPECT_EQ(sync_wait_for(pool, number(1), 1h), 1);
  EXPECT_EQ(sync_wait_for(pool, number(2), std::chrono::nanoseconds::max()), 2);
  EXPECT_EQ(sync_wait_for(pool, number(3), std::chrono::hours::max()), 3);
  EXPECT_EQ(sync_wait_for(pool, number(4), forever(std::numeric_limits<double>::infinity())), 4);
  EXPECT_EQ(sync_wait_for(pool, number(5), forever(std::numeric_limits<double>::max())), 5);
}

template <class Duration>
void expect_timeout(Duration duration) {
  test::gate gate;
  scheduler pool{{.workers = 1}};
  try {
    sync_wait_for(pool, number_behind(gate, 1), duration);
    ADD_FAILURE() << "nothing was thrown";
  } catch (const timeout_error& e) {
    EXPECT_STREQ(e.what(), "weft: sync_wait_for: the task did not end in time; it goes on detached");
  }
  gate.open();
}

TEST_F(sync_wait_test, a_task_that_does_not_end_in_time_is_a_timeout_error) {
  expect_timeout(1ms);
  expect_timeout(0s);
  expect_timeout(-1s);
  expect_timeout(std::chrono::hours::min());
  expect_timeout(std::chrono::duration<double>(-std::numeric_limits<double>::infinity()));
  expect_timeout(std::chrono::duration<double>(std::numeric_limits<double>::quiet_NaN()));
}

TEST_F(sync_wait_test, a_task_that_was_not_waited_for_goes_on) {
  test::gate gate;
  int ended = 0;
  auto waits = [](test::gate& g, int& e) -> task<> {
    co_await g;
    ++e;
  };
  scheduler pool{{.workers = 1}};
  EXPECT_THROW(sync_wait_for(pool, waits(gate, ended), 0s), timeout_error);

  gate.open();
  pool.stop();

  EXPECT_EQ(ended, 1);
}

TEST_F(sync_wait_test, a_failure_after_the_time_is_told_to_the_hook) {
  test::gate gate;
  std::vector<std::string> names;
  auto waits = [](test::gate& g) -> task<> {
    co_await g;
    throw mishap("too late");
  };
  scheduler pool{{.workers = 1, .on_unhandled = [&](std::exception_ptr, std::string_view name) { names.emplace_back(name); }}};
  EXPECT_THROW(sync_wait_for(pool, waits(gate), 0s), timeout_error);

  gate.open();
  pool.stop();

  EXPECT_EQ(names, std::vector<std::string>{"sync_wait_for"});
}

TEST(saturated_nanoseconds, keeps_what_fits_and_bounds_the_rest) {
  using detail::saturated_nanoseconds;
  EXPECT_EQ(saturated_nanoseconds(5ns), 5);
  EXPECT_EQ(saturated_nanoseconds(2s), 2'000'000'000);
  EXPECT_EQ(saturated_nanoseconds(std::chrono::duration<double, std::nano>(0.5)), 1) << "a wait is never cut short";
  EXPECT_EQ(saturated_nanoseconds(0s), 0);
  EXPECT_EQ(saturated_nanoseconds(-5s), 0);
  EXPECT_EQ(saturated_nanoseconds(std::chrono::hours::max()), -1);
}

}  // namespace
}  // namespace weft
