// SPDX-License-Identifier: Apache-2.0
// Deadlines: what they cancel, what is kept, who is told, and how long there is.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "gate.hpp"

namespace weft {
namespace {

using namespace std::chrono_literals;
using clock = task_clock;
using test::gate;

task<int> sleeps(clock::duration length) {
  co_await sleep_for(length);
  co_return 7;
}

/// What came of a task, told by another one.
task<std::string> told(task<int> t) {
  try {
    co_return std::to_string(co_await std::move(t));
  } catch (const operation_cancelled& e) {
    co_return std::string("cancelled: ") + e.what();
  } catch (const timeout_error& e) {
    co_return e.what();
  } catch (const std::runtime_error& e) {
    co_return std::string("failed: ") + e.what();
  }
}

const std::string over = "weft: timeout: the time was over before what is awaited had come";

/// In virtual time, so that what is told of time is exact.
struct timeout_test : testing::Test {
  std::stop_source stop;
  virtual_scheduler pool{{.workers = 2}};

  std::string outcome_of(task<int> t) { return pool.run(told(std::move(t))); }
};

TEST_F(timeout_test, gives_what_comes_in_time) {
  EXPECT_EQ(outcome_of(timeout(1h, sleeps(1h - 1ns))), "7");
  const auto start = pool.now();
  EXPECT_TRUE(pool.run_until_idle().empty());
  EXPECT_EQ(pool.now(), start) << "its timer is gone";
}

TEST_F(timeout_test, cancels_what_does_not_and_says_so) {
  EXPECT_EQ(outcome_of(timeout(1ms, sleeps(1h))), over);
  EXPECT_EQ(outcome_of(timeout_at(clock::now() + 1ms, sleeps(1h))), "weft: timeout_at: the time was over before what is awaited had come");
}

TEST_F(timeout_test, is_neither_early_nor_late) {
  const auto start = pool.now();
  EXPECT_EQ(outcome_of(timeout_at(start + 3ms, sleeps(1h))).substr(0, 16), "weft: timeout_at");
  EXPECT_EQ(pool.now(), start + 3ms);
  EXPECT_EQ(outcome_of(timeout(50 * 365 * 24h, sleeps(std::chrono::nanoseconds::max()))), over);
  EXPECT_EQ(pool.now(), start + 3ms + 50 * 365 * 24h);
}

TEST_F(timeout_test, what_is_ready_at_once_is_kept_however_late_it_is) {
  const auto ready = []() -> task<int> { co_return 3; };
  EXPECT_EQ(outcome_of(timeout(0s, ready())), "3");
  EXPECT_EQ(outcome_of(timeout(-1h, ready())), "3");
  EXPECT_EQ(outcome_of(timeout_at(clock::time_point::min(), ready())), "3");
}

TEST_F(timeout_test, of_no_time_cancels_the_first_wait) {
  EXPECT_EQ(outcome_of(timeout(0s, sleeps(1h))), over);
  EXPECT_EQ(outcome_of(timeout(std::chrono::hours::min(), sleeps(1h))), over);
  EXPECT_EQ(outcome_of(timeout(std::chrono::duration<double>(std::numeric_limits<double>::quiet_NaN()), sleeps(1h))), over);
}

TEST_F(timeout_test, that_no_clock_comes_to_is_for_ever) {
  EXPECT_EQ(outcome_of(timeout(std::chrono::hours::max(), sleeps(1ms))), "7");
  EXPECT_EQ(outcome_of(timeout(std::chrono::duration<double>(std::numeric_limits<double>::infinity()), sleeps(1ms))), "7");
  EXPECT_EQ(outcome_of(timeout_at(clock::time_point::max(), sleeps(1ms))), "7");
}

TEST_F(timeout_test, what_came_in_spite_of_it_is_kept) {
  const auto late = [&]() -> task<int> {
    try {
      co_await sleep_for(1h);
    } catch (const operation_cancelled& e) {
      co_return e.reason() == cancel_reason::deadline ? 5 : 6;
    }
    co_return 4;
  };
  EXPECT_EQ(outcome_of(timeout(1ms, late())), "5");
}

TEST_F(timeout_test, what_fails_otherwise_says_so_itself) {
  const auto fails = []() -> task<int> {
    try {
      co_await sleep_for(1h);
    } catch (const operation_cancelled&) {
    }
    throw std::runtime_error("other");
    co_return 0;
  };
  EXPECT_EQ(outcome_of(timeout(1ms, fails())), "failed: other");
}

TEST_F(timeout_test, a_cancellation_from_outside_is_none_of_its_own) {
  stop.request_stop();
  EXPECT_EQ(outcome_of(with_stop_token(stop.get_token(), timeout(1h, sleeps(1h)))),
            "cancelled: weft: sleep_for: the wait for a timer was cancelled: a stop was requested");
  EXPECT_EQ(outcome_of(timeout(1h, with_stop_token(stop.get_token(), sleeps(1h)))),
            "cancelled: weft: sleep_for: the wait for a timer was cancelled: a stop was requested");
}

/// timeout() that tells under which name it was over.
task<int> named(std::string& who, const char* name, task<int> t) {
  try {
    co_return co_await std::move(t);
  } catch (const timeout_error&) {
    who += name;
  }
  co_return 0;
}

TEST_F(timeout_test, of_two_the_earlier_one_is_told) {
  const auto start = pool.now();
  std::string who;
  pool.run(named(who, "outer", timeout(1ms, named(who, "inner", timeout(1h, sleeps(2h))))));
  EXPECT_EQ(who, "outer");
  EXPECT_EQ(pool.now(), start + 1ms);
  pool.run(named(who, ", outer", timeout(1h, named(who, ", inner", timeout(1ms, sleeps(2h))))));
  EXPECT_EQ(who, "outer, inner");
  EXPECT_EQ(pool.now(), start + 2ms);
}

TEST_F(timeout_test, an_outer_one_goes_on_when_an_inner_is_over) {
  std::string who;
  const auto waits_twice = [&]() -> task<int> {
    co_await named(who, "inner ", timeout(1ms, sleeps(1h)));
    co_return co_await sleeps(1h);
  };
  pool.run(named(who, "outer", timeout(5ms, waits_twice())));
  EXPECT_EQ(who, "inner outer");
}

TEST_F(timeout_test, cancels_all_that_is_awaited_and_joined) {
  const auto all = []() -> task<int> {
    auto handle = spawn(sleeps(20ms));
    const auto joins = [&]() -> task<int> { co_return co_await std::move(handle); };
    auto three = when_all(sleeps(1h), with_stop_token(std::stop_token(), sleeps(1h)), joins());
    co_await three;
    co_return 1;
  };
  EXPECT_EQ(outcome_of(timeout(2ms, all())), over);
}

TEST_F(timeout_test, a_shield_keeps_what_is_in_it) {
  EXPECT_EQ(outcome_of(timeout(1ms, shield(sleeps(5ms)))), "7");
  const auto cleaned = [](bool& is_clean) -> task<int> {
    co_return co_await finally(sleeps(1h), [&]() -> task<> {
      co_await sleep_for(1ms);
      is_clean = true;
    });
  };
  bool is_clean = false;
  EXPECT_EQ(outcome_of(timeout(1ms, cleaned(is_clean))), over);
  EXPECT_TRUE(is_clean);
}

TEST_F(timeout_test, gives_references_nothing_and_what_only_moves) {
  int there = 1;
  const auto refers = [&]() -> task<int&> { co_return there; };
  const auto all = [&]() -> task<bool> {
    int& got = co_await timeout(1h, refers());
    co_await timeout(1h, sleep_for(1us));
    std::unique_ptr<int> owned = co_await timeout(1h, []() -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(2); }());
    co_return &got == &there && *owned == 2;
  };
  EXPECT_TRUE(pool.run(all()));
}

TEST_F(timeout_test, tells_how_long_there_is) {
  const auto asks = [&]() -> task<bool> {
    const auto at_first = co_await remaining();
    co_await sleep_for(20min);
    const auto later = co_await remaining();
    co_return at_first == 1h && later == 40min;
  };
  const auto none = [&]() -> task<bool> { co_return !(co_await remaining()).has_value(); };
  const auto has_none_left = [&]() -> task<bool> {
    pool.advance(2h);
    co_return co_await remaining() == 0s;
  };
  const auto shields = [&]() -> task<bool> { co_return co_await shield(none()); };
  const auto spawns = [&]() -> task<bool> {
    auto handle = spawn(none());
    co_return co_await std::move(handle);
  };
  EXPECT_TRUE(pool.run(none()));
  EXPECT_TRUE(pool.run(timeout(1h, asks())));
  EXPECT_TRUE(pool.run(timeout(1h, timeout(2h, asks())))) << "the outer one is earlier";
  EXPECT_TRUE(pool.run(timeout(2h, timeout(1h, with_stop_token(stop.get_token(), asks())))));
  EXPECT_TRUE(pool.run(timeout(0s, has_none_left())));
  EXPECT_TRUE(pool.run(timeout(1h, has_none_left())));
  EXPECT_TRUE(pool.run(timeout(1h, shields())));
  EXPECT_TRUE(pool.run(timeout(1h, spawns())));
  EXPECT_TRUE(pool.run(timeout(std::chrono::hours::max(), none())));
}

// --- with threads ---

struct timeout_with_threads : testing::Test {
  gate door;
  scheduler pool{{.workers = 2}};
  ~timeout_with_threads() override { door.open(); }

  std::string outcome_of(task<int> t) { return sync_wait(pool, told(std::move(t))); }
};

TEST_F(timeout_with_threads, is_never_early) {
  const auto when = clock::now() + 3ms;
  EXPECT_EQ(outcome_of(timeout_at(when, sleeps(1h))).substr(0, 16), "weft: timeout_at");
  EXPECT_GE(clock::now(), when);
}

TEST_F(timeout_with_threads, waits_for_what_is_foreign) {
  const auto foreign = [&]() -> task<int> {
    co_await door;
    co_return 9;
  };
  auto given = spawn_future(pool, told(timeout(0s, foreign())));
  door.wait_for_arrivals(1);
  door.open();
  EXPECT_EQ(given.get(), "9");
}

TEST_F(timeout_with_threads, holds_wherever_its_tasks_go) {
  scheduler other{{.workers = 1}};
  const auto goes = [&]() -> task<int> {
    co_await resume_on(other);
    co_await sleep_for(1ms);
    co_await resume_on(pool);
    co_return co_await sleeps(1h);
  };
  EXPECT_EQ(outcome_of(timeout(10ms, goes())), over);
  EXPECT_EQ(outcome_of(timeout(5ms, [&]() -> task<int> { co_return co_await on(other, sleeps(1h)); }())), over);
}

TEST_F(timeout_with_threads, outlives_a_scheduler_that_its_tasks_have_visited) {
  std::optional<scheduler> visited(std::in_place, scheduler_options{.workers = 1});
  gate is_back;
  const auto goes = [&]() -> task<int> {
    co_await resume_on(*visited);
    co_await sleep_for(1us);
    co_await resume_on(pool);
    co_await is_back;
    co_return co_await sleeps(1h);
  };
  auto given = spawn_future(pool, told(timeout(20ms, goes())));
  is_back.wait_for_arrivals(1);
  visited.reset();
  is_back.open();
  EXPECT_EQ(given.get(), over);
}

}  // namespace
}  // namespace weft
