// SPDX-License-Identifier: Apache-2.0
// Spawned tasks: handles awaited, dropped and asked, names, failures that nobody takes, futures.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

task<int> fails(std::string why) {
  throw mishap(why);
  co_return 0;
}

// What the hook for failures was told: "name: text" each.
class told {
 public:
  auto hook() {
    return [this](std::exception_ptr failure, std::string_view name) {
      std::string text = "?";
      try {
        std::rethrow_exception(failure);
      } catch (const std::exception& e) {
        text = e.what();
      }
      const std::scoped_lock hold(lock_);
      all_.push_back(std::string(name) + ": " + text);
    };
  }
  [[nodiscard]] std::vector<std::string> all() {
    const std::scoped_lock hold(lock_);
    return all_;
  }

 private:
  std::mutex lock_;
  std::vector<std::string> all_;
};

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

// --- failures ---

task<> joins_a_failure() {
  auto handle = spawn(fails("joined"));
  try {
    co_await std::move(handle);
    ADD_FAILURE() << "nothing was thrown";
  } catch (const mishap& e) {
    EXPECT_STREQ(e.what(), "joined");
  }
}

TEST_F(spawn_test, a_failure_is_thrown_to_who_joins_and_told_to_nobody_else) {
  told failures;
  scheduler pool{{.workers = 1, .on_unhandled = failures.hook()}};
  sync_wait(pool, joins_a_failure());
  pool.stop();
  EXPECT_TRUE(failures.all().empty());
  EXPECT_EQ(pool.metrics().roots_unhandled, 0U);
}

TEST_F(spawn_test, the_failure_of_a_detached_task_is_told_to_the_hook_with_its_name) {
  told failures;
  scheduler pool{{.workers = 1, .on_unhandled = failures.hook()}};
  spawn_detached(pool, fails("nobody looks"), {.name = "worker bee"});
  spawn_detached(pool, fails("no name"));
  pool.stop();
  EXPECT_EQ(failures.all(), (std::vector<std::string>{"worker bee: nobody looks", ": no name"}));
  EXPECT_EQ(pool.metrics().roots_unhandled, 2U);
}

TEST_F(spawn_test, a_long_name_is_cut_off_after_39_bytes) {
  told failures;
  scheduler pool{{.workers = 1, .on_unhandled = failures.hook()}};
  spawn_detached(pool, fails("x"), {.name = std::string(60, 'n')});
  pool.stop();
  EXPECT_EQ(failures.all(), std::vector<std::string>{std::string(39, 'n') + ": x"});
}

task<> drops_a_failed_handle() {
  auto handle = spawn(fails("dropped later"), {.name = "failed"});
  co_await yield();
  EXPECT_TRUE(handle.is_done());
}

TEST_F(spawn_test, a_failure_whose_handle_is_dropped_later_is_told_then) {
  told failures;
  scheduler pool{{.workers = 1, .on_unhandled = failures.hook()}};
  sync_wait(pool, drops_a_failed_handle());
  pool.stop();
  EXPECT_EQ(failures.all(), std::vector<std::string>{"failed: dropped later"});
}

TEST_F(spawn_test, without_a_hook_the_failure_is_printed) {
  testing::internal::CaptureStderr();
  {
    scheduler pool{{.workers = 1}};
    spawn_detached(pool, fails("printed"), {.name = "loud"});
    auto odd = []() -> task<> {
      throw 7;
      co_return;
    };
    spawn_detached(pool, odd());
  }
  const std::string printed = testing::internal::GetCapturedStderr();
  EXPECT_NE(printed.find("weft: detached task loud failed: printed\n"), std::string::npos) << printed;
  EXPECT_NE(printed.find("weft: detached task (no name) failed: an exception that is no std::exception\n"), std::string::npos) << printed;
}

TEST_F(spawn_test, a_failed_handle_that_is_dropped_by_no_worker_is_printed) {
  std::optional<join_handle<int>> handle;
  {
    scheduler pool{{.workers = 1}};
    handle.emplace(spawn(pool, fails("late"), {.name = "outlives"}));
  }
  testing::internal::CaptureStderr();
  handle.reset();
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "weft: detached task outlives failed: late\n");
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

TEST_F(spawn_test, a_future_throws_the_failure_and_the_hook_is_not_asked) {
  told failures;
  scheduler pool{{.workers = 1, .on_unhandled = failures.hook()}};
  std::future<int> broken = spawn_future(pool, fails("in the future"));
  EXPECT_THROW(static_cast<void>(broken.get()), mishap);
  {
    const std::future<int> dropped = spawn_future(pool, fails("dropped"));
  }
  pool.stop();
  EXPECT_TRUE(failures.all().empty());
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
