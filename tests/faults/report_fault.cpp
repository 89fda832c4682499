// SPDX-License-Identifier: Apache-2.0
// What the library says about tasks that failed or were left over, without the memory to say it: it does not fail itself.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <exception>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include "failing_memory.hpp"
#include "fault_point.hpp"
#include "gate.hpp"

namespace weft {
namespace {

using test::after_failure;
using test::failing_memory;
using test::fault_point;

task<> waits(test::gate& gate) { co_await gate; }

/// Stops with two tasks that nobody wakes, the n-th request failing; then stops again with all the memory there is.
bool stop_fails_at(long n, after_failure then) {
  test::gate closed;
  long failed = 0;
  stop_report first, second;
  {
    scheduler pool{{.workers = 2}};
    for (const char* name : {"a task with a name that needs memory", "another with a name that needs it"})
      spawn_detached(pool, waits(closed), {.name = name});
    closed.wait_for_arrivals(2);
    constexpr stop_options at_once{.drain_for = std::chrono::nanoseconds(0)};
    try {
      const failing_memory memory(n, then);
      first = pool.stop(at_once);
      failed = failing_memory::stop();
    } catch (const std::bad_alloc&) {
      failed = failing_memory::stop();
      first.abandoned = 2;  // not to be told from here
    }
    second = pool.stop();
  }
  EXPECT_EQ(first.abandoned, 2U);
  EXPECT_EQ(second.abandoned, 2U);
  EXPECT_TRUE(second.left.empty() || second.left.size() == 2) << "half a report, or one twice: " << second.left.size();
  return failed != 0;
}

TEST(report_fault, stopping_with_tasks_that_are_left) {
  fault_point point("memory for the report of stop");
  while (!point.is_covered()) {
    const after_failure then = point.hits() % 2 == 0 ? after_failure::works_again : after_failure::fails_on;
    for (long n = 0; stop_fails_at(n, then); ++n) {
      point.hit();
      ASSERT_LT(n, 1000);
      ASSERT_FALSE(HasFailure());
    }
  }
}

TEST(report_fault, a_destructor_that_stops_with_tasks_that_are_left) {
  fault_point point("memory for the report of ~scheduler");
  while (!point.is_covered()) {
    test::gate closed;
    std::optional<scheduler> pool(std::in_place, scheduler_options{.workers = 1});
    spawn_detached(*pool, waits(closed), {.name = "a task with a name that needs memory"});
    closed.wait_for_arrivals(1);
    const failing_memory none(0, after_failure::fails_on);
    try {
      pool->stop({.drain_for = std::chrono::nanoseconds(0)});
    } catch (const std::bad_alloc&) {  // then the destructor goes on without memory
    }
    pool.reset();
    point.hit(failing_memory::stop() != 0 ? 1U : 0U);
  }
}

/// Needs no memory of its own.
struct wordy : std::exception {
  [[nodiscard]] const char* what() const noexcept override { return "a text that is too long to be kept inside of a string"; }
};
/// Fails when there is no memory any more: from within, so that what comes before its failure has all it needs.
task<> fails(std::optional<failing_memory>& none) {
  none.emplace(0, after_failure::fails_on);
  throw wordy();
  co_return;
}

TEST(report_fault, printing_a_detached_failure) {
  fault_point point("no memory while a detached failure is printed");
  while (!point.is_covered()) {
    scheduler pool{{.workers = 1}};
    std::optional<failing_memory> none;
    spawn_detached(pool, fails(none));
    EXPECT_EQ(pool.stop().abandoned, 0U);
    failing_memory::stop();
    point.hit();
    EXPECT_EQ(pool.metrics().roots_unhandled, 1U);
  }
}

}  // namespace
}  // namespace weft
