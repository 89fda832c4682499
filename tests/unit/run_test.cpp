// SPDX-License-Identifier: Apache-2.0
// run: a scheduler for one task, in which the calling thread works.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>

#include "balanced.hpp"
#include "small_tasks.hpp"

namespace weft {
namespace {

using test::number;

class run_test : public test::balanced {};

TEST_F(run_test, gives_the_result_of_the_task) {
  auto nothing = [](int& r) -> task<> {
    r = 5;
    co_return;
  };
  auto same = [](int& r) -> task<int&> { co_return r; };
  auto boxes = []() -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(6); };
  int mine = 0;

  EXPECT_EQ(run(number(42)), 42);
  run(nothing(mine));
  EXPECT_EQ(mine, 5);
  EXPECT_EQ(&run(same(mine)), &mine);
  EXPECT_EQ(*run(boxes()), 6);
}

TEST_F(run_test, throws_what_the_task_throws) {
  auto fails = []() -> task<int> {
    throw std::runtime_error("broken");
    co_return 0;
  };
  EXPECT_THROW(run(fails()), std::runtime_error);
}

task<std::thread::id> where() { co_return std::this_thread::get_id(); }
task<bool> all_here(std::thread::id here) {
  bool same = true;
  for (int i = 0; i < 20; ++i) {
    co_await yield();
    const std::thread::id now = co_await where();
    same = same && now == here;
  }
  co_return same;
}

TEST_F(run_test, with_one_worker_everything_runs_on_the_calling_thread) {
  EXPECT_TRUE(run(all_here(std::this_thread::get_id()), {.workers = 1}));
}

TEST_F(run_test, the_calling_thread_is_worker_0) {
  std::mutex lock;
  std::map<int, std::thread::id> started, stopped;
  scheduler_options options{.workers = 3};
  options.on_worker_start = [&](int worker) {
    const std::scoped_lock hold(lock);
    started[worker] = std::this_thread::get_id();
  };
  options.on_worker_stop = [&](int worker) {
    const std::scoped_lock hold(lock);
    stopped[worker] = std::this_thread::get_id();
  };

  run(number(1), options);

  EXPECT_EQ(started.size(), 3U);
  EXPECT_EQ(started[0], std::this_thread::get_id());
  EXPECT_EQ(started, stopped);
}

task<> yields_and_counts(std::atomic<int>& counter) {
  co_await yield();
  ++counter;
  if (counter < 50) spawn_detached(yields_and_counts(counter));
}
task<int> spawns_and_returns(std::atomic<int>& counter) {
  for (int i = 0; i < 10; ++i) spawn_detached(yields_and_counts(counter));
  co_return 1;
}

TEST_F(run_test, what_the_task_spawned_is_drained) {
  for (const int workers : {1, 3}) {
    std::atomic<int> counter{0};
    EXPECT_EQ(run(spawns_and_returns(counter), {.workers = workers}), 1);
    EXPECT_GE(counter, 50);
  }
}

TEST_F(run_test, can_be_called_again_and_from_several_threads) {
  std::vector<std::jthread> threads;
  for (int t = 0; t < 3; ++t)
    threads.emplace_back([t] {
      for (int i = 0; i < 5; ++i) EXPECT_EQ(run(number(t + i), {.workers = 2}), t + i);
    });
}

task<> runs_inside() {
  bool refused = false;
  try {
    run(number(1));
  } catch (const usage_error& e) {
    refused = true;
    EXPECT_STREQ(e.what(),
                 "weft: run: a worker cannot block for a task: it would deadlock; co_await it, or co_await weft::on(other, task) instead");
  }
  EXPECT_TRUE(refused);
  co_return;
}

TEST_F(run_test, is_refused_on_a_worker) {
  run(runs_inside(), {.workers = 1});
  scheduler pool{{.workers = 1}};
  sync_wait(pool, runs_inside());
}

TEST_F(run_test, the_calling_thread_is_no_worker_afterwards) {
  EXPECT_EQ(run(number(1)), 1);

  scheduler pool{{.workers = 1}};
  EXPECT_EQ(sync_wait(pool, number(2)), 2);
}

}  // namespace
}  // namespace weft
