// SPDX-License-Identifier: Apache-2.0
// Threads for blocking calls that cannot be started, and memory that fails under such a call: it is made, or told why not.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <new>
#include <string>
#include <system_error>
#include <vector>

#include "balanced.hpp"
#include "failing_memory.hpp"
#include "failing_threads.hpp"
#include "fault_point.hpp"
#include "turnstile.hpp"

namespace weft {
namespace {

using test::after_failure;
using test::failing_memory;
using test::fault_point;
using test::threads_left;
using test::turnstile;
using test::unjoined;

/// What became of a call: its number, or what was thrown.
task<std::string> outcome_of_call(int number) {
  try {
    const int got = co_await run_blocking([number] { return number; });
    co_return std::to_string(got);
  } catch (const std::system_error& e) {
    co_return e.what();
  }
}

const std::string no_thread = "weft: run_blocking: there is no thread, and none could be started: ";

class blocking_fault : public test::balanced {
 public:
  static void SetUpTestSuite() { ASSERT_TRUE(choose_frame_source(frame_source::heap)) << "this test chooses first"; }

 protected:
  void TearDown() override {
    threads_left = -1;
    EXPECT_EQ(unjoined, 0);
    test::balanced::TearDown();
  }
};

TEST_F(blocking_fault, without_any_thread_the_call_is_not_made_and_the_next_one_may_be) {
  fault_point point("the first thread for blocking calls does not start");
  while (!point.is_covered()) {
    scheduler pool{{.workers = 1}};
    threads_left = 0;
    ASSERT_EQ(sync_wait(pool, outcome_of_call(1)), no_thread + "Resource temporarily unavailable");
    point.hit();
    threads_left = -1;
    ASSERT_EQ(sync_wait(pool, outcome_of_call(2)), "2");
  }
}

TEST_F(blocking_fault, without_another_thread_the_call_waits_for_the_one_that_is_there) {
  fault_point point("the second thread for blocking calls does not start");
  while (!point.is_covered()) {
    turnstile closed;
    scheduler pool{{.workers = 1}};
    const auto holds = [&]() -> task<> { co_await run_blocking([&] { closed.pass(); }); };
    auto first = spawn_future(pool, holds());
    closed.wait_for_arrivals(1);
    threads_left = 0;
    auto second = spawn_future(pool, outcome_of_call(2));
    const auto nothing = []() -> task<> { co_return; };
    sync_wait(pool, nothing());  // behind it
    point.hit();
    closed.open();
    ASSERT_EQ(second.get(), "2");
    first.get();
    threads_left = -1;
  }
}

TEST_F(blocking_fault, all_that_count_on_a_thread_that_does_not_start_are_told) {
  fault_point point("a thread for several blocking calls does not start");
  while (!point.is_covered()) {
    scheduler pool{{.workers = 3, .blocking = {.max_threads = 1}}};
    threads_left = 0;
    std::vector<std::future<std::string>> all;
    for (int n = 0; n < 20; ++n) all.push_back(spawn_future(pool, outcome_of_call(n)));
    for (auto& one : all) {
      ASSERT_EQ(one.get(), no_thread + "Resource temporarily unavailable");
      point.hit();
    }
    threads_left = -1;
    ASSERT_EQ(sync_wait(pool, outcome_of_call(4)), "4");
  }
}

/// One round of calls on threads that leave at once, with memory that fails at its `k`th request. How many failed.
long fail_at(long k) {
  scheduler pool{{.workers = 1, .blocking = {.keep_alive = std::chrono::nanoseconds(0)}}};
  const auto calls = [k]() -> task<> {
    const failing_memory failing(k, after_failure::works_again);
    for (int n = 0; n < 2; ++n) {
      try {
        const std::string got = co_await outcome_of_call(n);
        const bool as_it_should = got == std::to_string(n) || got == no_thread + "Cannot allocate memory";
        EXPECT_TRUE(as_it_should) << got;
      } catch (const std::bad_alloc&) {
      }
    }
  };
  sync_wait(pool, calls());
  return failing_memory::stop();
}

TEST_F(blocking_fault, memory_that_fails_at_each_request) {
  fault_point point("memory for a blocking call");
  while (!point.is_covered())
    for (long k = 0;; ++k) {
      const long failed = fail_at(k);
      if (failed == 0) break;
      point.hit(static_cast<std::uint64_t>(failed));
    }
}

}  // namespace
}  // namespace weft
