// SPDX-License-Identifier: Apache-2.0
// What a stop token cancels: waits for handles, by whatever way they are reached; what is kept, and what is told.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "gate.hpp"

namespace weft {
namespace {

using test::gate;

task<int> comes_through(gate& door) {
  co_await door;
  co_return 7;
}

/// Joins a task that waits at the gate, which goes on if the join is cancelled.
task<int> joins(gate& door, std::string_view name = {}) {
  auto handle = spawn(comes_through(door), {.name = name});
  co_return co_await std::move(handle);
}

/// Requests the stop once so many wait at the gate.
void stop_after(gate& door, std::size_t arrivals, std::stop_source& stop) {
  door.wait_for_arrivals(arrivals);
  stop.request_stop();
}

/// What came of a task, told by another one: an exception that crosses a std::future is one whose count ThreadSanitizer does not see.
task<std::string> told(task<int> t) {
  try {
    co_return std::to_string(co_await std::move(t));
  } catch (const operation_cancelled& e) {
    co_return e.what();
  }
}

struct cancellation : testing::Test {
  gate door, closed;
  std::stop_source stop;
  scheduler pool{{.workers = 2}};  // gone first: what still waits is let through before
  ~cancellation() override {
    door.open();
    closed.open();
  }
};

TEST_F(cancellation, a_wait_for_a_handle_ends_and_says_why_and_for_what) {
  auto joined = spawn_future(pool, told(with_stop_token(stop.get_token(), joins(door, "slow"))));
  stop_after(door, 1, stop);
  EXPECT_EQ(joined.get(), "weft: co_await join_handle: the wait for a task \"slow\" was cancelled: a stop was requested");
}

TEST_F(cancellation, has_a_reason) {
  const auto reason = [&]() -> task<cancel_reason> {
    try {
      co_await with_stop_token(stop.get_token(), joins(door));
    } catch (const operation_cancelled& e) {
      co_return e.reason();
    }
    co_return cancel_reason::stopping;
  };
  auto given = spawn_future(pool, reason());
  stop_after(door, 1, stop);
  EXPECT_EQ(given.get(), cancel_reason::requested);
}

TEST_F(cancellation, that_was_requested_before_is_found_at_the_first_wait) {
  stop.request_stop();
  EXPECT_NE(spawn_future(pool, told(with_stop_token(stop.get_token(), joins(door)))).get().find("was cancelled"), std::string::npos);
}

TEST_F(cancellation, what_has_come_by_then_is_not_lost) {
  door.open();
  const auto late = [&]() -> task<int> {
    auto handle = spawn(comes_through(door));
    while (!handle.is_done()) co_await yield();
    stop.request_stop();
    co_return co_await std::move(handle);
  };
  EXPECT_EQ(spawn_future(pool, told(with_stop_token(stop.get_token(), late()))).get(), "7");
}

TEST_F(cancellation, is_inherited_by_what_is_awaited_and_joined) {
  const auto deep = [&]() -> task<int> {
    auto both = when_all(joins(door), joins(door));
    co_await both;
    co_return both.get<0>() + both.get<1>();
  };
  const auto deeper = [&]() -> task<int> { co_return co_await deep(); };
  auto result = spawn_future(pool, told(with_stop_token(stop.get_token(), deeper())));
  stop_after(door, 2, stop);
  EXPECT_NE(result.get().find("was cancelled"), std::string::npos) << "one stands for all, as nothing else failed";
}

TEST_F(cancellation, of_an_outer_one_reaches_the_inner_and_not_the_other_way_round) {
  std::stop_source inner;
  const auto nested = [&]() -> task<int> {
    int sum = 0;
    try {
      co_await with_stop_token(inner.get_token(), joins(door));
    } catch (const operation_cancelled&) {
      sum = 100;
    }
    co_return sum + co_await joins(door);
  };
  auto result = spawn_future(pool, told(with_stop_token(stop.get_token(), nested())));
  stop_after(door, 1, inner);
  door.wait_for_arrivals(2);
  door.open();
  EXPECT_EQ(result.get(), "107");

  auto cancelled = spawn_future(pool, told(with_stop_token(stop.get_token(), with_stop_token(std::stop_token(), joins(closed)))));
  stop_after(closed, 1, stop);
  EXPECT_NE(cancelled.get().find("was cancelled"), std::string::npos);
}

TEST_F(cancellation, does_not_reach_into_a_shield) {
  const auto shielded = [&]() -> task<int> {
    const int value = co_await shield(joins(door));
    try {
      co_await joins(closed);
    } catch (const operation_cancelled&) {
      co_return value + 1000;
    }
    co_return value;
  };
  auto result = spawn_future(pool, told(with_stop_token(stop.get_token(), shielded())));
  stop_after(door, 1, stop);
  door.open();
  EXPECT_EQ(result.get(), "1007") << "the first wait goes on, the second begins in what is cancelled";
}

TEST_F(cancellation, ends_with_what_was_awaited) {
  const auto twice = [&]() -> task<int> {
    door.open();
    const int first = co_await with_stop_token(stop.get_token(), joins(door));
    stop.request_stop();
    co_return first + co_await joins(door);
  };
  EXPECT_EQ(spawn_future(pool, told(twice())).get(), "14");
}

TEST_F(cancellation, gives_what_is_awaited_references_and_nothing) {
  int there = 1;
  const auto refers = [&]() -> task<int&> { co_return there; };
  const auto nothing = []() -> task<> { co_return; };
  const auto all = [&]() -> task<bool> {
    int& got = co_await with_stop_token(stop.get_token(), refers());
    co_await with_stop_token(stop.get_token(), nothing());
    std::unique_ptr<int> owned = co_await shield([]() -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(2); }());
    co_return &got == &there && *owned == 2;
  };
  EXPECT_TRUE(sync_wait(pool, all()));
}

TEST_F(cancellation, many_waits_at_once) {
  constexpr std::size_t count = 2'000;
  const auto one = [&]() -> task<bool> {
    try {
      co_await joins(door);
    } catch (const operation_cancelled&) {
      co_return true;
    }
    co_return false;
  };
  const auto all = [&]() -> task<int> {
    auto outcomes = co_await fork_join(count, [&](std::size_t) { return one(); });
    int cancelled = 0;
    for (const bool was : outcomes) cancelled += was ? 1 : 0;
    co_return cancelled;
  };
  auto result = spawn_future(pool, told(with_stop_token(stop.get_token(), all())));
  stop_after(door, count, stop);
  EXPECT_EQ(result.get(), std::to_string(count));
}

TEST_F(cancellation, by_a_task_inside) {
  const auto asks = [&]() -> task<int> {
    auto handle = spawn(comes_through(door));
    stop.request_stop();
    co_return co_await std::move(handle);
  };
  EXPECT_NE(spawn_future(pool, told(with_stop_token(stop.get_token(), asks()))).get().find("was cancelled"), std::string::npos);
}

TEST_F(cancellation, a_callback_that_asks_again_and_destroys_its_own_source) {
  std::optional<std::stop_source> own(std::in_place);
  auto joined = spawn_future(pool, told(with_stop_token(own->get_token(), joins(door))));
  door.wait_for_arrivals(1);
  bool was_first = true;
  const auto again = [&] {
    was_first = own->request_stop();
    own.reset();
  };
  const std::stop_callback<decltype(again)> on_request(own->get_token(), again);
  EXPECT_TRUE(own->request_stop());
  EXPECT_FALSE(was_first);
  EXPECT_FALSE(own.has_value());
  EXPECT_NE(joined.get().find("was cancelled"), std::string::npos);
}

TEST_F(cancellation, a_failure_of_the_task_that_is_no_longer_joined_is_told_as_of_a_dropped_handle) {
  std::vector<std::string> names;
  scheduler_options options{.workers = 1};
  options.on_unhandled = [&](const std::exception_ptr&, std::string_view name) { names.emplace_back(name); };
  scheduler deaf(options);
  const auto fails = [&]() -> task<int> {
    co_await door;
    throw std::runtime_error("late");
  };
  const auto abandons = [&]() -> task<int> {
    auto handle = spawn(fails(), {.name = "left"});
    co_return co_await std::move(handle);
  };
  auto result = spawn_future(deaf, told(with_stop_token(stop.get_token(), abandons())));
  stop_after(door, 1, stop);
  EXPECT_NE(result.get().find("was cancelled"), std::string::npos);
  door.open();
  deaf.stop();
  EXPECT_EQ(names, (std::vector<std::string>{"left"}));
}

}  // namespace
}  // namespace weft
