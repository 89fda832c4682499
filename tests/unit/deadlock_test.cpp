// SPDX-License-Identifier: Apache-2.0
// Tasks that can never go on: who is told of them, once, and when nobody is.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <mutex>
#include <optional>
#include <source_location>
#include <stdexcept>
#include <string>
#include <vector>

#include "gate.hpp"
#include "small_tasks.hpp"

namespace weft {
namespace {

using namespace std::chrono_literals;
using test::gate;

/// Keeps what it is told; another thread waits for that.
struct deadlock : testing::Test {
  scheduler_options watched(int workers) {
    return {.workers = workers, .name = "stuck", .on_deadlock = [this](const deadlock_report& report) {
              const std::scoped_lock hold(lock);
              EXPECT_EQ(report.scheduler, "stuck");
              told.push_back(report.tasks);
              times.store(static_cast<int>(told.size()));
              times.notify_all();
            }};
  }
  /// The tasks that were told at the `n`-th time, by name.
  std::vector<left_task> wait_for(int n) {
    for (int seen = times.load(); seen < n; seen = times.load()) times.wait(seen);
    const std::scoped_lock hold(lock);
    std::vector<left_task> tasks = told[static_cast<std::size_t>(n) - 1];
    std::ranges::sort(tasks, {}, &left_task::name);
    return tasks;
  }

  std::mutex lock;
  std::vector<std::vector<left_task>> told;
  std::atomic<int> times{0};
};

/// Two tasks, each of which awaits the other's handle.
struct pair_of_tasks {
  std::optional<join_handle<void>> first;
  std::optional<join_handle<void>> second;
  gate both_there;
  std::atomic<unsigned> line{0};  // both tasks set it

  task<> awaits(std::optional<join_handle<void>>& other) {
    co_await both_there;
    line.store(std::source_location::current().line() + 1);
    co_await std::move(*other);
  }
  void spawn_in(scheduler& pool) {
    first.emplace(spawn(pool, awaits(second), {.name = "first"}));
    second.emplace(spawn(pool, awaits(first), {.name = "second"}));
    both_there.open();
  }
};

void give_up(scheduler& pool) { EXPECT_EQ(pool.stop({.drain_for = 0s}).abandoned, 0U); }

TEST_F(deadlock, two_tasks_that_await_each_other_are_told) {
  pair_of_tasks pair;
  scheduler pool(watched(2));

  pair.spawn_in(pool);
  const std::vector<left_task> tasks = wait_for(1);

  ASSERT_EQ(tasks.size(), 2U);
  EXPECT_EQ(tasks[0].name, "first");
  EXPECT_EQ(tasks[0].what, "a task (second)");
  EXPECT_EQ(tasks[1].name, "second");
  EXPECT_EQ(tasks[1].what, "a task (first)");
  EXPECT_EQ(tasks[1].where, std::string(std::source_location::current().file_name()) + ":" + std::to_string(pair.line.load()));
  give_up(pool);
}

TEST_F(deadlock, a_task_that_awaits_itself_is_told) {
  std::optional<join_handle<void>> own;
  gate is_there;
  scheduler pool(watched(1));
  const auto awaits_itself = [&]() -> task<> {
    co_await is_there;
    co_await std::move(*own);
  };

  own.emplace(spawn(pool, awaits_itself(), {.name = "itself"}));
  is_there.open();
  const std::vector<left_task> tasks = wait_for(1);

  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(tasks[0].what, "a task (itself)");
  give_up(pool);
}

TEST_F(deadlock, children_of_a_join_that_wait_are_told_as_their_task) {
  std::optional<join_handle<void>> own;
  gate is_there;
  scheduler pool(watched(2));
  const auto awaits_it = [&]() -> task<> { co_await std::move(*own); };
  const auto joins = [&]() -> task<> {
    co_await is_there;
    co_await when_all(awaits_it(), test::number(1));
  };

  own.emplace(spawn(pool, joins(), {.name = "joins"}));
  is_there.open();
  const std::vector<left_task> tasks = wait_for(1);

  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(tasks[0].what, "a task (joins)");
  give_up(pool);
}

// Others come and go, and each time all workers sleep again.
TEST_F(deadlock, the_same_waits_are_told_once_and_others_anew) {
  pair_of_tasks pair;
  pair_of_tasks another;
  scheduler pool(watched(2));

  pair.spawn_in(pool);
  wait_for(1);
  for (int n = 0; n < 20; ++n) EXPECT_EQ(sync_wait(pool, test::number(n)), n);
  another.spawn_in(pool);

  EXPECT_EQ(wait_for(2).size(), 4U);
  give_up(pool);
}

TEST_F(deadlock, it_is_told_only_once_a_timer_is_over) {
  pair_of_tasks pair;
  std::atomic<bool> has_slept{false};
  scheduler_options options = watched(1);
  options.on_deadlock = [&, keep = std::move(options.on_deadlock)](const deadlock_report& report) {
    EXPECT_TRUE(has_slept.load());
    keep(report);
  };
  scheduler pool(std::move(options));
  const auto sleeps = [&]() -> task<> {
    co_await sleep_for(50ms);
    has_slept.store(true);
  };

  spawn_detached(pool, sleeps(), {.name = "sleeps"});
  pair.spawn_in(pool);

  EXPECT_EQ(wait_for(1).size(), 2U);
  give_up(pool);
}

TEST_F(deadlock, it_is_told_only_once_nothing_comes_from_outside) {
  pair_of_tasks pair;
  std::atomic<int> came{0};
  scheduler other({.workers = 1});
  gate door;
  gate far_door;
  scheduler_options options = watched(1);
  options.on_deadlock = [&, keep = std::move(options.on_deadlock)](const deadlock_report& report) {
    EXPECT_EQ(came.load(), 3);
    keep(report);
  };
  scheduler pool(std::move(options));
  const auto waits = [&]() -> task<> {
    co_await door;
    ++came;
  };
  const auto waits_far = [&]() -> task<> { co_await far_door; };
  const auto joins_far = [&](join_handle<void> far) -> task<> {
    co_await std::move(far);
    ++came;
  };
  std::promise<void> over;
  const auto calls = [&]() -> task<> {
    co_await run_blocking([&] { over.get_future().wait(); });
    ++came;
  };

  spawn_detached(pool, waits());
  spawn_detached(pool, joins_far(spawn(other, waits_far())));
  spawn_detached(pool, calls());
  pair.spawn_in(pool);
  for (int n = 0; n < 20; ++n) EXPECT_EQ(sync_wait(pool, test::number(n)), n);
  over.set_value();
  door.open();
  for (int n = 0; n < 20; ++n) EXPECT_EQ(sync_wait(pool, test::number(n)), n);
  far_door.open();

  EXPECT_EQ(wait_for(1).size(), 2U);
  give_up(pool);
}

TEST_F(deadlock, the_hook_cannot_stop_the_scheduler) {
  pair_of_tasks pair;
  std::promise<std::string> said;
  std::optional<scheduler> pool;
  pool.emplace(scheduler_options{.workers = 1, .on_deadlock = [&](const deadlock_report&) {
                                   try {
                                     pool->stop();
                                   } catch (const usage_error& e) {
                                     said.set_value(e.what());
                                   }
                                 }});

  pair.spawn_in(*pool);

  EXPECT_EQ(
      said.get_future().get(),
      "weft: scheduler::stop: a blocking call or a hook cannot stop the scheduler that waits for its end; call it from another thread");
  give_up(*pool);
}

TEST_F(deadlock, the_hook_may_cancel_it) {
  std::optional<join_handle<void>> own;
  gate is_there;
  std::optional<scheduler> pool;
  std::optional<scope> open;
  pool.emplace(scheduler_options{.workers = 1, .on_deadlock = [&](const deadlock_report&) { open->cancel(); }});
  const auto awaits_itself = [&]() -> task<> { co_await std::move(*own); };
  const auto body = [&](scope& s) -> task<> {
    open = s;
    s.spawn(awaits_itself());
    co_return;
  };
  const auto in_scope = [&]() -> task<> {
    co_await is_there;
    co_await with_scope(body);
  };

  own.emplace(spawn(*pool, in_scope()));
  is_there.open();

  EXPECT_EQ(pool->stop().abandoned, 0U);
}

TEST_F(deadlock, a_plain_hook_prints_it) {
  testing::internal::CaptureStderr();
  print_deadlock({"pool", {{"first", "a task (second)", "a.cpp:3"}, {"second", "a task (first)", "a.cpp:3"}}});
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "weft: scheduler pool: deadlock: 2 tasks can never go on:\n"
            "weft:   first: waits for a task (second), a.cpp:3\n"
            "weft:   second: waits for a task (first), a.cpp:3\n");
}

TEST_F(deadlock, a_hook_that_throws_ends_the_process) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        pair_of_tasks pair;
        scheduler pool({.workers = 1, .name = "stuck", .on_deadlock = [](const deadlock_report&) { throw std::runtime_error("oh"); }});
        pair.spawn_in(pool);
        pool.stop();
      },
      "weft: on_deadlock: it threw in a deadlock of scheduler stuck: oh; a hook must not throw: catch in it");
}

}  // namespace
}  // namespace weft
