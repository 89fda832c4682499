// SPDX-License-Identifier: Apache-2.0
// Spawned tasks: handles awaited, dropped and asked, names, failures that nobody takes, futures.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "balanced.hpp"
#include "gate.hpp"
#include "small_tasks.hpp"

namespace weft {
namespace {

using test::counted;
using test::increments;
using test::mishap;
using test::number;
using test::number_behind;
using test::object;
using test::same;

class spawn_test : public test::balanced {};

// --- handles ---

task<int> joins_two() {
  auto first = spawn(number(1));
  auto second = spawn(number(2));
  const int a = co_await std::move(first);
  const int b = co_await std::move(second);
  co_return a * 10 + b;
}

TEST_F(spawn_test, a_handle_gives_the_result) {
  for (const int workers : {1, 3}) {
    scheduler pool{{.workers = workers}};
    EXPECT_EQ(sync_wait(pool, joins_two()), 12);
  }
}

task<> joins_every_kind(int& referenced) {
  auto nothing = spawn(increments(referenced));
  co_await std::move(nothing);
  auto same = [](int& r) -> task<int&> { co_return r; };
  auto reference = spawn(same(referenced));
  int& joined = co_await std::move(reference);
  EXPECT_EQ(&joined, &referenced);
  auto boxes = [](int n) -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(n); };
  auto box = spawn(boxes(4));
  const std::unique_ptr<int> opened = co_await std::move(box);
  EXPECT_EQ(*opened, 4);
}

TEST_F(spawn_test, results_may_be_nothing_references_and_move_only) {
  scheduler pool{{.workers = 2}};
  int referenced = 0;
  sync_wait(pool, joins_every_kind(referenced));
  EXPECT_EQ(referenced, 1);
}

task<> starts_before_it_is_joined(test::gate& gate) {
  auto handle = spawn(number_behind(gate, 3));
  co_await yield();
  EXPECT_FALSE(handle.is_done());
  gate.open();
  co_await yield();
  EXPECT_TRUE(handle.is_done());
  const int n = co_await std::move(handle);
  EXPECT_EQ(n, 3);
}

TEST_F(spawn_test, a_task_runs_by_itself_and_a_finished_one_is_joined_at_once) {
  scheduler pool{{.workers = 1}};
  test::gate gate;
  sync_wait(pool, starts_before_it_is_joined(gate));
}

TEST_F(spawn_test, a_handle_tells_from_any_thread_whether_the_task_is_done) {
  scheduler pool{{.workers = 1}};
  test::gate gate;
  const join_handle<int> handle = spawn(pool, number_behind(gate, 1));
  gate.wait_for_arrivals(1);
  EXPECT_FALSE(handle.is_done());

  gate.open();
  pool.stop();

  EXPECT_TRUE(handle.is_done());
}

TEST_F(spawn_test, a_handle_may_outlive_its_scheduler) {
  std::optional<scheduler> pool(std::in_place, scheduler_options{.workers = 1});
  join_handle<counted> handle = spawn(*pool, object(5));
  pool.reset();
  EXPECT_TRUE(handle.is_done());

  scheduler other{{.workers = 1}};
  auto joins = [](join_handle<counted> h) -> task<long> {
    const counted c = co_await std::move(h);
    co_return c.value;
  };
  EXPECT_EQ(sync_wait(other, joins(std::move(handle))), 5);
}

TEST_F(spawn_test, a_dropped_handle_lets_the_task_go_on) {
  scheduler pool{{.workers = 1}};
  test::gate gate;
  int counter = 0;
  auto waits = [](test::gate& g, int& c) -> task<> {
    co_await g;
    ++c;
  };
  {
    const auto dropped = spawn(pool, waits(gate, counter));
  }
  gate.wait_for_arrivals(1);

  gate.open();
  pool.stop();

  EXPECT_EQ(counter, 1);
}

TEST_F(spawn_test, a_result_that_nobody_takes_is_destroyed) {
  scheduler pool{{.workers = 1}};
  {
    const auto dropped = spawn(pool, object(1));
  }
  const auto kept = spawn(pool, object(2));
  pool.stop();
  EXPECT_EQ(counted::live(), 1);
}

task<int> moves_handles() {
  auto first = spawn(number(1));
  auto second = spawn(number(2));
  auto moved = std::move(first);
  second = std::move(moved);
  const int one = co_await std::move(second);
  co_return one;
}

TEST_F(spawn_test, handles_can_be_moved_and_assigned) {
  scheduler pool{{.workers = 1}};
  EXPECT_EQ(sync_wait(pool, moves_handles()), 1);
}

// --- where ---

task<> notes(std::string& all, char who) {
  all += who;
  co_return;
}
task<> spawns_and_goes_on(std::string& all) {
  spawn_detached(notes(all, 'a'));
  spawn_detached(notes(all, 'b'));
  all += 'p';
  co_return;
}

TEST_F(spawn_test, on_one_worker_the_spawner_goes_on_and_the_newest_runs_first) {
  scheduler pool{{.workers = 1}};
  std::string all;
  sync_wait(pool, spawns_and_goes_on(all));
  pool.stop();
  EXPECT_EQ(all, "pba");
}

task<> spawns_elsewhere(scheduler& other, int& counter) {
  auto handle = spawn(other, increments(counter));
  co_await std::move(handle);
}

TEST_F(spawn_test, a_worker_can_spawn_on_another_scheduler_and_join) {
  scheduler pool{{.workers = 1}};
  scheduler other{{.workers = 1}};
  int counter = 0;
  sync_wait(pool, spawns_elsewhere(other, counter));
  EXPECT_EQ(counter, 1);
  EXPECT_EQ(other.metrics().total().injected, 1U);
}

// --- futures ---

TEST_F(spawn_test, a_future_gives_values_references_and_nothing) {
  scheduler pool{{.workers = 2}};
  int object_of_mine = 0;
  std::future<int> value = spawn_future(pool, number(7));
  std::future<int&> reference = spawn_future(pool, same(object_of_mine));
  std::future<void> nothing = spawn_future(pool, increments(object_of_mine), {.name = "named"});
  std::future<counted> moved = spawn_future(pool, object(3));

  EXPECT_EQ(value.get(), 7);
  EXPECT_EQ(&reference.get(), &object_of_mine);
  nothing.get();
  EXPECT_EQ(object_of_mine, 1);
  EXPECT_EQ(moved.get().value, 3);
}

struct fails_to_move {
  fails_to_move() = default;
  fails_to_move(fails_to_move&& other) : moves(other.moves + 1) {
    if (moves > 1) throw mishap("cannot be moved again");
  }
  int moves = 0;
};

TEST_F(spawn_test, a_result_that_cannot_be_moved_into_the_future_arrives_as_that_failure) {
  scheduler pool{{.workers = 1}};
  auto makes = []() -> task<fails_to_move> {
    fails_to_move local;
    co_return std::move(local);
  };
  std::future<fails_to_move> future = spawn_future(pool, makes());
  EXPECT_THROW(static_cast<void>(future.get()), mishap);
}

}  // namespace
}  // namespace weft
