// SPDX-License-Identifier: Apache-2.0
// Wrong use of blocking calls, and calls that outlast the scheduler: what is said, and that nothing else breaks.
#include <weft/weft.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "turnstile.hpp"

namespace weft {
namespace {

using std::chrono::nanoseconds;
using test::turnstile;

std::string refusal_of(blocking_options options) {
  try {
    const scheduler pool{{.workers = 1, .blocking = options}};
  } catch (const usage_error& e) {
    return e.what();
  }
  return "taken";
}

TEST(blocking_misuse, options_that_cannot_be_are_refused) {
  EXPECT_EQ(refusal_of({.max_threads = 0}), "weft: scheduler: blocking.max_threads must be at least 1");
  EXPECT_EQ(refusal_of({.max_threads = 10'001}),
            "weft: scheduler: blocking.max_threads must be at most weft::max_blocking_threads (10000)");
  EXPECT_EQ(refusal_of({.min_threads = -1}), "weft: scheduler: blocking.min_threads must not be negative");
  EXPECT_EQ(refusal_of({.min_threads = 3, .max_threads = 2}), "weft: scheduler: blocking.min_threads must be at most blocking.max_threads");
  EXPECT_EQ(refusal_of({.keep_alive = nanoseconds(-1)}), "weft: scheduler: blocking.keep_alive must not be negative");
  EXPECT_EQ(refusal_of({.min_threads = 2, .max_threads = max_blocking_threads, .keep_alive = nanoseconds(0), .queue = 0}), "taken");
}

TEST(blocking_misuse, a_call_cannot_stop_the_scheduler_that_waits_for_it) {
  scheduler pool{{.workers = 1}};
  const auto stops = [&]() -> task<std::string> {
    co_return co_await run_blocking([&]() -> std::string {
      try {
        pool.stop();
      } catch (const usage_error& e) {
        return e.what();
      }
      return "stopped";
    });
  };
  EXPECT_EQ(sync_wait(pool, stops()),
            "weft: scheduler::stop: a blocking call or a hook cannot stop the scheduler that waits for its end; call it "
            "from another thread");
}

TEST(blocking_misuse, a_call_may_stop_another_scheduler) {
  scheduler pool{{.workers = 1}}, other{{.workers = 1}};
  const auto stops = [&]() -> task<std::size_t> { co_return co_await run_blocking([&] { return other.stop().abandoned; }); };
  EXPECT_EQ(sync_wait(pool, stops()), 0U);
}

class blocking_death : public testing::Test {
 protected:
  blocking_death() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(blocking_death, a_scheduler_destroyed_by_a_call_that_it_waits_for_ends_the_process) {
  const auto misuse = [] {
    std::optional<scheduler> pool(std::in_place, scheduler_options{.workers = 1});
    const auto destroys = [&]() -> task<> { co_await run_blocking([&] { pool.reset(); }); };
    sync_wait(*pool, destroys());
  };
  EXPECT_DEATH(misuse(),
               "weft: ~scheduler: a scheduler was destroyed by a blocking call or a hook that it waits for; destroy it on "
               "another thread");
}

// What stays in its call keeps the scheduler's memory: these processes end without an end of all that.
constexpr stop_options no_patience{.drain_for = nanoseconds(0), .grace = nanoseconds(0)};

[[noreturn]] void stop_while_a_call_is_stuck() {
  turnstile closed;
  scheduler pool{{.workers = 1, .name = "left"}};
  const auto stays = [&]() -> task<> { co_await run_blocking([&] { closed.pass(); }); };
  spawn_detached(pool, stays(), {.name = "blocks"});
  closed.wait_for_arrivals(1);
  const stop_report report = pool.stop({.drain_for = nanoseconds(0), .grace = std::chrono::milliseconds(100)});  // the worker leaves
  const left_task left = report.left.at(0);
  const bool is_told =
      left.name == "blocks" && left.what == "a blocking call" && left.where.find("blocking_misuse_test.cpp:") != std::string::npos;
  ::_exit(is_told ? 7 : 1);
}

TEST_F(blocking_death, a_call_that_does_not_return_is_left_to_its_thread_and_named) {
  EXPECT_EXIT(stop_while_a_call_is_stuck(), testing::ExitedWithCode(7),
              "weft: scheduler left: 1 blocking call has not returned and is left to its thread");
}

[[noreturn]] void call_after_the_stop(std::string_view expected) {
  turnstile closed, over;
  std::string text;
  scheduler pool{{.workers = 1}};
  const auto calls = [&]() -> task<> {
    closed.pass();
    try {
      co_await shield(run_blocking([] {}));
    } catch (const scheduler_stopped& e) {
      text = e.what();
    }
    over.open();
  };
  spawn_detached(pool, calls());
  closed.wait_for_arrivals(1);
  pool.stop(no_patience);
  closed.open();
  over.pass();
  std::fprintf(stderr, "%s\n", text.c_str());
  ::_exit(text == expected ? 7 : 1);
}

TEST_F(blocking_death, after_the_stop_nothing_is_called) {
  EXPECT_EXIT(call_after_the_stop("weft: run_blocking: the scheduler has stopped; the function was not called"), testing::ExitedWithCode(7),
              "");
}

}  // namespace
}  // namespace weft
