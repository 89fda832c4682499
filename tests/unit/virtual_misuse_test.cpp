// SPDX-License-Identifier: Apache-2.0
// What cannot be done with a virtual scheduler, and what is said then.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "rejection.hpp"

namespace weft {
namespace {

using namespace std::chrono_literals;
using test::rejection_of;

task<int> gives(int n) { co_return n; }

/// What another thread is told.
template <class Call>
std::string rejection_elsewhere(Call call) {
  std::string told;
  std::jthread([&] { told = rejection_of(call); }).join();
  return told;
}

/// What a task is told.
template <class Call>
task<std::string> rejection_inside(Call call) {
  co_return rejection_of(call);
}

struct virtual_misuse : testing::Test {
  virtual_scheduler pool;
  scheduler threads{{.workers = 1}};
};

TEST_F(virtual_misuse, a_number_of_workers_that_cannot_be_is_refused) {
  EXPECT_EQ(rejection_of([] { virtual_scheduler{{.workers = 0}}; }),
            "weft: scheduler: workers must be at least 1; leave it out to use every core of the quota");
  EXPECT_EQ(rejection_of([] { virtual_scheduler{{.workers = 1001}}; }),
            "weft: scheduler: workers must be at most weft::max_workers (1000)");
}

TEST_F(virtual_misuse, an_empty_task_is_refused) {
  task<int> t = gives(1);
  static_cast<void>(task<int>(std::move(t)));
  EXPECT_EQ(rejection_of([&] { pool.run(std::move(t)); }),
            "weft: virtual_scheduler::run: the task is empty: it was moved from, awaited or spawned before");
}

TEST_F(virtual_misuse, no_task_plays_it_or_makes_one) {
  const std::string why = ": a worker cannot block for a task: it would deadlock; co_await it, or co_await weft::on(other, task) instead";
  const auto refused = [&](auto call) {
    const std::string told = pool.run(rejection_inside(call));
    EXPECT_EQ(sync_wait(threads, rejection_inside(call)), told);
    return told;
  };
  EXPECT_EQ(refused([&] { pool.run(gives(1)); }), "weft: virtual_scheduler::run" + why);
  EXPECT_EQ(refused([&] { pool.run_for(1s); }), "weft: virtual_scheduler::run_for" + why);
  EXPECT_EQ(refused([&] { pool.run_until_idle(); }), "weft: virtual_scheduler::run_until_idle" + why);
  EXPECT_EQ(refused([&] { sync_wait(pool, gives(1)); }), "weft: sync_wait" + why);
  EXPECT_EQ(refused([] { virtual_scheduler{}; }), "weft: virtual_scheduler" + why);
}

TEST_F(virtual_misuse, no_other_thread_plays_it) {
  const std::string why = ": this thread has not made the virtual scheduler; only the one that has plays it";
  task<int> t = gives(1);
  EXPECT_EQ(rejection_elsewhere([&] { pool.run(std::move(t)); }), "weft: virtual_scheduler::run" + why);
  EXPECT_EQ(pool.run(std::move(t)), 1);  // NOLINT: it was not taken
  EXPECT_EQ(rejection_elsewhere([&] { pool.run_for(1s); }), "weft: virtual_scheduler::run_for" + why);
  EXPECT_EQ(rejection_elsewhere([&] { pool.run_until_idle(); }), "weft: virtual_scheduler::run_until_idle" + why);
  EXPECT_EQ(rejection_elsewhere([&] { pool.advance(1s); }), "weft: virtual_scheduler::advance" + why);
  EXPECT_EQ(rejection_elsewhere([&] { static_cast<void>(pool.stop()); }),
            "weft: scheduler::stop: a virtual scheduler is stopped by the thread that made it, outside of any task");
}

TEST_F(virtual_misuse, no_task_of_its_thread_stops_it) {
  EXPECT_EQ(pool.run(rejection_inside([&] { static_cast<void>(pool.stop()); })),
            "weft: scheduler::stop: a worker cannot stop its own scheduler; call it from another thread");
  EXPECT_EQ(run(rejection_inside([&] { static_cast<void>(pool.stop()); }), {.workers = 1}),
            "weft: scheduler::stop: a virtual scheduler is stopped by the thread that made it, outside of any task");
}

TEST_F(virtual_misuse, time_for_ever_does_not_pass) {
  const std::string why = ": so much time does not pass; give less than a hundred years";
  EXPECT_EQ(rejection_of([&] { pool.run_for(std::chrono::hours::max()); }), "weft: virtual_scheduler::run_for" + why);
  EXPECT_EQ(rejection_of([&] { pool.advance(std::chrono::hours::max()); }), "weft: virtual_scheduler::advance" + why);
}

TEST_F(virtual_misuse, a_task_stays_at_it_and_none_comes_to_it) {
  const std::string why = ": a task stays at its virtual scheduler, and none comes to it; spawn one there, and co_await its handle";
  const auto moves = [](scheduler& to) -> task<std::string> {
    try {
      co_await resume_on(to);
    } catch (const usage_error& e) {
      co_return e.what();
    }
    co_return "it moved";
  };
  const auto sends = [](scheduler& to) -> task<std::string> {
    try {
      co_await on(to, gives(1));
    } catch (const usage_error& e) {
      co_return e.what();
    }
    co_return "it was sent";
  };
  virtual_scheduler another;
  EXPECT_EQ(pool.run(moves(threads)), "weft: resume_on" + why);
  EXPECT_EQ(pool.run(moves(another)), "weft: resume_on" + why);
  EXPECT_EQ(sync_wait(threads, moves(pool)), "weft: resume_on" + why);
  EXPECT_EQ(pool.run(sends(threads)), "weft: on" + why);
  EXPECT_EQ(sync_wait(threads, sends(pool)), "weft: on" + why);
  EXPECT_EQ(pool.run(moves(pool)), "it moved") << "where it is";
  EXPECT_EQ(pool.run(sends(pool)), "it was sent") << "to where it is";
}

TEST_F(virtual_misuse, once_it_has_stopped_it_refuses) {
  static_cast<void>(pool.stop());
  task<int> t = gives(1);
  EXPECT_THROW(pool.run(std::move(t)), scheduler_stopped);
  EXPECT_FALSE(t.is_empty());  // NOLINT: that it is still there is the question
  EXPECT_TRUE(pool.run_until_idle().empty());
}

TEST(virtual_misuse_death, one_that_another_thread_destroys_ends_the_process) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto misuse = [] {
    auto pool = std::make_unique<virtual_scheduler>();
    std::jthread([&] { pool.reset(); }).join();
  };
  EXPECT_DEATH(misuse(), "weft: ~scheduler: a virtual scheduler is destroyed by the thread that made it, outside of any task");
}

}  // namespace
}  // namespace weft
