// SPDX-License-Identifier: Apache-2.0
// Hooks for tasks: what is told of each, in which order, by whom, and what comes of one that throws.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gate.hpp"

namespace weft {
namespace {

using test::gate;

/// Everything that is told, a word or two each.
class log_of_tasks {
 public:
  task_hooks hooks() {
    return {.on_spawn = [this](std::string_view task) { add("spawn", task); },
            .on_pick_up = [this](std::string_view task) { add("pick up", task); },
            .on_suspend = [this](std::string_view task, std::string_view what) { add("suspend for " + std::string(what) + ":", task); },
            .on_finish = [this](std::string_view task) { add("finish", task); }};
  }
  /// What was told of one task, in order.
  std::string of(std::string_view task) {
    const std::scoped_lock hold(lock_);
    std::string all;
    for (const auto& [what, whose] : told_)
      if (whose == task) all.append(all.empty() ? "" : ", ").append(what);
    return all;
  }

 private:
  void add(std::string what, std::string_view task) {
    const std::scoped_lock hold(lock_);
    told_.emplace_back(std::move(what), task);
  }
  std::mutex lock_;
  std::vector<std::pair<std::string, std::string>> told_;
};

struct task_hooks_test : testing::Test {
  log_of_tasks log;
  gate door;
  scheduler pool{{.workers = 1, .hooks = log.hooks()}};
  ~task_hooks_test() override { door.open(); }
};

task<int> number(int n) { co_return n; }
task<int> number_after(gate& door, int n) {
  co_await door;
  co_return n;
}

TEST_F(task_hooks_test, a_task_that_does_not_wait) {
  EXPECT_EQ(spawn_future(pool, number(1), {.name = "one"}).get(), 1);
  pool.stop();
  EXPECT_EQ(log.of("one"), "spawn, pick up, finish");
}

TEST_F(task_hooks_test, a_task_that_waits) {
  auto waits = spawn_future(pool, number_after(door, 2), {.name = "waits"});
  door.wait_for_arrivals(1);
  door.open();
  EXPECT_EQ(waits.get(), 2);
  pool.stop();
  EXPECT_EQ(log.of("waits"), "spawn, pick up, suspend for an awaitable that is not weft's:, pick up, finish");
}

TEST_F(task_hooks_test, a_blocking_call_is_a_wait_and_a_yield_is_none) {
  const auto both = []() -> task<> {
    co_await yield();
    co_await run_blocking([] {});
  };
  spawn_detached(pool, both(), {.name = "both"});
  pool.stop();
  EXPECT_EQ(log.of("both"), "spawn, pick up, pick up, suspend for a blocking call:, pick up, finish");
}

TEST_F(task_hooks_test, awaited_and_joined_children_are_no_tasks_of_their_own) {
  const auto forks = []() -> task<int> {
    int sum = co_await number(1);
    for (const int one : co_await fork_join(10, [](std::size_t) { return number(2); })) sum += one;
    co_return sum;
  };
  EXPECT_EQ(spawn_future(pool, forks(), {.name = "forks"}).get(), 21);
  pool.stop();
  EXPECT_EQ(log.of("forks"), "spawn, pick up, finish");
  EXPECT_EQ(log.of(""), "");
}

TEST_F(task_hooks_test, who_failed_or_was_refused_has_finished) {
  const auto fails = []() -> task<int> {
    throw std::runtime_error("meant");
    co_return 0;
  };
  auto failed = spawn_future(pool, fails(), {.name = "failed"});
  failed.wait();
  pool.stop();
  EXPECT_EQ(log.of("failed"), "spawn, pick up, finish");
  EXPECT_THROW(static_cast<void>(spawn(pool, number(1), {.name = "late"})), scheduler_stopped);
  EXPECT_EQ(log.of("late"), "") << "refused before it was a task";
}

TEST_F(task_hooks_test, are_told_of_what_a_worker_goes_on_with_at_a_join) {
  const auto waits = [&]() -> task<> {
    for (int i = 0; i < 3; ++i) spawn_detached(number(i), {.name = "beside"});
    co_await when_all(number(1), number(2));
  };
  spawn_detached(pool, waits(), {.name = "spawner"});
  pool.stop();
  const std::string told = log.of("beside");
  EXPECT_EQ(std::count(told.begin(), told.end(), ','), 8) << told;
}

class task_hooks_death : public testing::Test {
 protected:
  task_hooks_death() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(task_hooks_death, one_that_throws_is_named_with_the_task) {
  const auto misuse = [](task_hooks hooks) {
    scheduler pool{{.workers = 1, .name = "bees", .hooks = std::move(hooks)}};
    const auto waits = []() -> task<> { co_await run_blocking([] {}); };
    spawn_detached(pool, waits(), {.name = "drone"});
  };
  const auto throws = [](std::string_view) { throw std::runtime_error("full"); };
  const auto throws_of_two = [](std::string_view, std::string_view) { throw std::runtime_error("full"); };
  const std::string rest = ": it threw for task drone of scheduler bees: full; a hook must not throw: catch in it\n";
  EXPECT_DEATH(misuse({.on_spawn = throws}), "^weft: on_spawn" + rest);
  EXPECT_DEATH(misuse({.on_pick_up = throws}), "^weft: on_pick_up" + rest);
  EXPECT_DEATH(misuse({.on_suspend = throws_of_two}), "^weft: on_suspend" + rest);
  EXPECT_DEATH(misuse({.on_finish = throws}), "^weft: on_finish" + rest);
}

}  // namespace
}  // namespace weft
