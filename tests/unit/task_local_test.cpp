// SPDX-License-Identifier: Apache-2.0
// Task locals: who sees which value, in tasks, plain functions and blocking calls, and how long a value lives.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "counted.hpp"
#include "gate.hpp"

namespace weft {
namespace {

using test::counted;
using test::gate;

const task_local<int> number(-1);
const task_local<std::string> text;
const task_local<counted> object(counted(0));

task<int> reads() { co_return number.get(); }
int read_by_a_function() { return number.get(); }
task<int> reads_behind(gate& door) {
  co_await door;
  co_return number.get();
}

struct task_local_test : testing::Test {
  gate door;
  scheduler pool{{.workers = 2}};
  ~task_local_test() override { door.open(); }
};

TEST_F(task_local_test, without_a_value_it_is_that_of_the_constructor) {
  EXPECT_EQ(number.get(), -1);
  EXPECT_EQ(text.get(), "");
  EXPECT_EQ(sync_wait(pool, reads()), -1);
}

TEST_F(task_local_test, a_value_is_seen_by_what_is_awaited_and_by_plain_functions_and_ends_with_it) {
  const auto asks = []() -> task<std::string> {
    const auto inside = []() -> task<std::string> {
      const int deep = co_await reads();
      co_return std::to_string(number.get()) + std::to_string(read_by_a_function()) + std::to_string(deep);
    };
    const std::string seen = co_await with_local(number, 7, inside());
    co_return seen + " " + std::to_string(number.get());
  };
  EXPECT_EQ(sync_wait(pool, asks()), "777 -1");
}

TEST_F(task_local_test, an_inner_value_hides_the_outer_and_other_keys_stay) {
  const auto asks = []() -> task<std::string> {
    const auto both = []() -> task<std::string> { co_return std::to_string(number.get()) + text.get(); };
    const auto inner = [&]() -> task<std::string> {
      const std::string hidden = co_await with_local(number, 2, both());
      co_return hidden + std::to_string(number.get());
    };
    co_return co_await with_local(number, 1, with_local(text, "t", inner()));
  };
  EXPECT_EQ(sync_wait(pool, asks()), "2t1");
}

TEST_F(task_local_test, joined_children_inherit_it) {
  const auto asks = []() -> task<int> {
    auto both = co_await when_all(reads(), reads());
    int sum = std::get<0>(both) + std::get<1>(both);
    for (const int one : co_await fork_join(10, [](std::size_t) { return reads(); })) sum += one;
    co_return sum;
  };
  EXPECT_EQ(sync_wait(pool, with_local(number, 5, asks())), 60);
}

TEST_F(task_local_test, a_spawned_task_keeps_it_for_longer_than_its_spawner) {
  const auto spawns = [](gate& at) -> task<join_handle<int>> { co_return spawn(reads_behind(at)); };
  const auto asks = [&]() -> task<int> {
    auto handle = co_await with_local(number, 6, spawns(door));
    door.open();
    co_return co_await std::move(handle);
  };
  EXPECT_EQ(sync_wait(pool, asks()), 6);
}

TEST_F(task_local_test, it_is_there_after_every_kind_of_wait) {
  scheduler other{{.workers = 1}};
  const auto asks = [&]() -> task<std::string> {
    std::string seen;
    const auto look = [&] { seen += std::to_string(number.get()); };
    look();
    co_await yield();
    look();
    co_await door;
    look();
    co_await run_blocking(look);
    look();
    static_cast<void>(co_await on(other, reads()));
    look();
    co_await resume_on(other);
    look();
    co_await spawn(reads());
    look();
    co_return seen;
  };
  auto seen = spawn_future(pool, with_local(number, 3, asks()));
  door.wait_for_arrivals(1);
  door.open();
  EXPECT_EQ(seen.get(), "33333333");
}

TEST_F(task_local_test, it_passes_shields_and_stop_tokens) {
  EXPECT_EQ(sync_wait(pool, with_local(number, 4, shield(with_stop_token(std::stop_token(), reads())))), 4);
}

TEST_F(task_local_test, it_ends_where_what_was_awaited_throws) {
  const auto fails = []() -> task<int> {
    throw std::runtime_error("meant");
    co_return 0;
  };
  const auto asks = [&]() -> task<int> {
    const result<int> failed = co_await as_result(with_local(number, 8, fails()));
    co_return failed.has_value() ? 0 : number.get();
  };
  EXPECT_EQ(sync_wait(pool, asks()), -1);
}

TEST_F(task_local_test, other_tasks_and_threads_do_not_see_it) {
  auto waits = spawn_future(pool, with_local(number, 9, reads_behind(door)));
  door.wait_for_arrivals(1);
  EXPECT_EQ(number.get(), -1);
  EXPECT_EQ(sync_wait(pool, reads()), -1);
  door.open();
  EXPECT_EQ(waits.get(), 9);
}

TEST_F(task_local_test, any_awaitable_can_be_awaited_under_it) {
  const auto asks = [&]() -> task<int> {
    auto handle = with_local(number, 5, spawn(reads()));
    const int not_inherited = co_await std::move(handle);
    int seen = 0;
    const auto look = [&] { seen = number.get(); };
    co_await with_local(number, 6, run_blocking(look));
    co_return 10 * seen + not_inherited;
  };
  EXPECT_EQ(sync_wait(pool, asks()), 59) << "the task was spawned before";
}

TEST_F(task_local_test, a_value_is_destroyed_once_by_the_last_that_has_it) {
  const long before = counted::live();
  const auto spawns = [](gate& at) -> task<long> {
    const auto looks = [](gate& behind) -> task<> {
      co_await behind;
      EXPECT_EQ(object.get().value, 12);
    };
    spawn_detached(looks(at));
    spawn_detached(looks(at));
    co_return object.get().value;
  };
  EXPECT_EQ(sync_wait(pool, with_local(object, counted(12), spawns(door))), 12);
  door.wait_for_arrivals(2);
  EXPECT_EQ(counted::live(), before + 1) << "two tasks share it";
  door.open();
  pool.stop();
  EXPECT_EQ(counted::live(), before);
}

TEST_F(task_local_test, who_keeps_a_handle_does_not_keep_the_values) {
  const long before = counted::live();
  const auto spawns = []() -> task<join_handle<long>> {
    const auto looks = []() -> task<long> { co_return object.get().value; };
    co_return spawn(looks());
  };
  const auto asks = [&]() -> task<long> {
    auto handle = co_await with_local(object, counted(3), spawns());
    while (!handle.is_done()) co_await yield();
    EXPECT_EQ(counted::live(), before);
    co_return co_await std::move(handle);
  };
  EXPECT_EQ(sync_wait(pool, asks()), 3);
}

TEST_F(task_local_test, the_name_of_the_task_is_known_to_functions_and_blocking_calls) {
  const auto asks = []() -> task<std::string> {
    std::string seen(current_task_name());
    const auto look = [&] { seen.append(" ").append(current_task_name()); };
    co_await run_blocking(look);
    co_await shield(with_local(number, 1, run_blocking(look)));
    co_return seen;
  };
  EXPECT_EQ(spawn_future(pool, asks(), {.name = "asks"}).get(), "asks asks asks");
  EXPECT_EQ(current_task_name(), "");
}

TEST_F(task_local_test, cancellation_and_deadlines_pass_through) {
  const auto sleeps = []() -> task<> { co_await sleep_for(std::chrono::hours(1)); };
  std::stop_source source;
  source.request_stop();
  EXPECT_THROW(sync_wait(pool, with_stop_token(source.get_token(), with_local(number, 1, sleeps()))), operation_cancelled);
  EXPECT_TRUE(sync_wait(pool, timeout(std::chrono::hours(1), with_local(number, 1, remaining()))).has_value());
  EXPECT_FALSE(sync_wait(pool, timeout(std::chrono::hours(1), shield(with_local(number, 1, remaining())))).has_value());
}

TEST_F(task_local_test, of_many_tasks_that_suspend_each_sees_its_own) {
  const auto checks = [](int own) -> task<int> {
    int wrong = 0;
    for (int turn = 0; turn < 20; ++turn) {
      if (own % 3 == turn % 3) co_await yield();
      if (own % 7 == turn % 7) co_await when_all(reads(), reads());
      const int below = co_await with_local(number, own + 1000, reads());
      wrong += number.get() == own && below == own + 1000 ? 0 : 1;
    }
    co_return wrong;
  };
  const auto all = [&]() -> task<int> {
    int wrong = 0;
    auto join = fork_join(300, [&](std::size_t i) { return with_local(number, static_cast<int>(i), checks(static_cast<int>(i))); });
    for (const int one : co_await join) wrong += one;
    co_return wrong + (number.get() == -1 ? 0 : 1);
  };
  EXPECT_EQ(sync_wait(pool, all()), 0);
}

}  // namespace
}  // namespace weft
