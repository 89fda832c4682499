// SPDX-License-Identifier: Apache-2.0
// A thread that cannot be started: those before it are joined, the error says which it was, and nothing is left behind.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <system_error>
#include <utility>

#include "balanced.hpp"
#include "failing_threads.hpp"
#include "small_tasks.hpp"

namespace weft {
namespace {

using test::number;
using test::threads_left;
using test::unjoined;

class thread_failure_test : public test::balanced {
 protected:
  void TearDown() override {
    threads_left = -1;
    test::balanced::TearDown();
  }
};

struct hooks {
  std::atomic<int> started{0}, stopped{0};

  scheduler_options options(int workers) {
    scheduler_options all{.workers = workers};
    all.on_worker_start = [this](int) { ++started; };
    all.on_worker_stop = [this](int) { ++stopped; };
    return all;
  }
};

TEST_F(thread_failure_test, whichever_worker_cannot_be_started_the_others_are_joined) {
  constexpr int workers = 8;
  for (int k = 1; k <= workers; ++k) {
    hooks counts;
    threads_left = k - 1;
    try {
      scheduler pool(counts.options(workers));
      ADD_FAILURE() << "worker " << k << " could be started";
    } catch (const std::system_error& e) {
      EXPECT_EQ(e.code(), std::errc::resource_unavailable_try_again);
      const std::string text = "weft: scheduler: could not start worker " + std::to_string(k) + " of 8";
      EXPECT_EQ(std::string(e.what()).substr(0, text.size()), text);
    }
    EXPECT_EQ(counts.started, k - 1);
    EXPECT_EQ(counts.stopped, k - 1);
    EXPECT_EQ(unjoined, 0);
  }
  threads_left = -1;
  scheduler pool{{.workers = workers}};
  EXPECT_EQ(sync_wait(pool, number(3)), 3) << "with threads it works";
}

TEST_F(thread_failure_test, a_failed_start_leaves_the_frame_limit_as_it_was) {
  set_frame_limit(std::size_t{1} << 30);
  threads_left = 1;
  EXPECT_THROW(scheduler({.workers = 2, .frame_limit = std::size_t{1} << 40}), std::system_error);
  EXPECT_EQ(describe_frames().limit_bytes, std::size_t{1} << 30);
  set_frame_limit(std::nullopt);
}

TEST_F(thread_failure_test, a_watchdog_that_cannot_be_started_is_named_and_nothing_is_left_behind) {
  threads_left = 0;
  try {
    scheduler pool{{.workers = 2, .watchdog = {.threshold = std::chrono::hours(1)}}};
    ADD_FAILURE() << "it could be started";
  } catch (const std::system_error& e) {
    EXPECT_EQ(std::string(e.what()).find("weft: scheduler: could not start the watchdog"), 0U) << e.what();
  }
  threads_left = 1;  // a worker cannot be started: the watchdog is joined
  EXPECT_THROW(scheduler({.workers = 2, .watchdog = {.threshold = std::chrono::hours(1)}}), std::system_error);
  EXPECT_EQ(unjoined, 0);
}

TEST_F(thread_failure_test, run_needs_all_its_threads_and_keeps_the_task_without_them) {
  task<int> t = number(5);
  for (int k = 0; k < 3; ++k) {  // two workers beside the calling thread, and the thread that ends the scheduler
    hooks counts;
    threads_left = k;
    EXPECT_THROW(run(std::move(t), counts.options(3)), std::system_error);
    EXPECT_FALSE(t.is_empty());  // NOLINT: that it is still there is the question
    EXPECT_EQ(counts.started, counts.stopped);
    EXPECT_EQ(unjoined, 0);
  }
  threads_left = -1;
  EXPECT_EQ(run(std::move(t), {.workers = 3}), 5);
}

}  // namespace
}  // namespace weft
