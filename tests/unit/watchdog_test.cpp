// SPDX-License-Identifier: Apache-2.0
// The watchdog: tells of a task that holds its worker, once each time, and of nobody else.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "turnstile.hpp"

namespace weft {
namespace {

using std::chrono::nanoseconds;
using test::turnstile;
constexpr nanoseconds soon = std::chrono::milliseconds(2), never = std::chrono::hours(24);

/// Opens the turnstile once it was told.
struct listener {
  turnstile closed;
  std::mutex lock;
  std::vector<std::string> told;

  watchdog_options after(nanoseconds threshold) {
    return {.threshold = threshold, .on_held = [this, threshold](const held_worker& held) {
              {
                const std::scoped_lock hold(lock);
                const std::string file = held.where.file_name();
                const bool is_known = held.where.line() != 0;
                told.push_back(std::string(held.task) + " on " + std::to_string(held.worker) + (held.held_for > threshold ? "" : " early") +
                               (is_known ? ", after " + file.substr(file.rfind('/') + 1) : ""));
              }
              closed.open();
            }};
  }
  /// What was told last.
  std::string last() {
    const std::scoped_lock hold(lock);
    return told.empty() ? std::string() : told.back();
  }
};

TEST(watchdog, tells_of_a_task_that_blocks_its_worker) {
  listener ears;
  scheduler pool{{.workers = 1, .watchdog = ears.after(soon)}};
  const auto blocks = [&]() -> task<> {
    ears.closed.pass();
    co_return;
  };
  spawn_future(pool, blocks(), {.name = "blocks"}).get();
  pool.stop();
  EXPECT_EQ(ears.told, (std::vector<std::string>{"blocks on 0"}));
}

TEST(watchdog, tells_where_the_task_went_on_after_a_wait) {
  listener ears;
  scheduler pool{{.workers = 1, .watchdog = ears.after(soon)}};
  const auto blocks = [&]() -> task<> {
    co_await run_blocking([] {});
    while (ears.last() != "waited on 0, after watchdog_test.cpp") std::this_thread::yield();
  };
  spawn_future(pool, blocks(), {.name = "waited"}).get();
  pool.stop();
  for (std::size_t i = 0; i + 1 < ears.told.size(); ++i) EXPECT_EQ(ears.told[i], "waited on 0") << "a slow machine, before the wait";
}

TEST(watchdog, tells_nothing_of_tasks_that_wait_and_of_workers_that_sleep) {
  listener ears;
  scheduler pool{{.workers = 2, .watchdog = ears.after(never)}};
  const auto waits = []() -> task<int> {
    for (int i = 0; i < 100; ++i) co_await yield();
    co_return co_await run_blocking([] { return 1; });
  };
  EXPECT_EQ(sync_wait(pool, waits()), 1);
  pool.stop();
  EXPECT_TRUE(ears.told.empty());
}

TEST(watchdog, works_where_the_calling_thread_is_a_worker) {
  listener ears;
  const auto blocks = [&]() -> task<int> {
    ears.closed.pass();
    co_return 5;
  };
  EXPECT_EQ(run(blocks(), {.workers = 1, .watchdog = ears.after(soon)}), 5);
  EXPECT_EQ(ears.told, (std::vector<std::string>{"run on 0"}));
}

TEST(watchdog, without_a_hook_it_is_printed) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const int before = ::dup(STDERR_FILENO);
  std::fflush(stderr);
  ::dup2(ends[1], STDERR_FILENO);
  const auto blocks = [&]() -> task<std::string> {
    std::string line;
    for (char c = 0; c != '\n' && ::read(ends[0], &c, 1) == 1;) line += c;
    co_return line;
  };
  scheduler pool{{.workers = 1, .name = "bees", .watchdog = {.threshold = soon}}};
  const std::string line = sync_wait(pool, blocks());
  pool.stop();
  ::dup2(before, STDERR_FILENO);
  for (const int end : {ends[0], ends[1], before}) ::close(end);
  EXPECT_EQ(line.find("weft: scheduler bees: task sync_wait has held worker 0 for "), 0U) << line;
  EXPECT_NE(line.find(" ms; give away what blocks to weft::run_blocking\n"), std::string::npos) << line;
}

TEST(watchdog, a_negative_threshold_is_refused) {
  try {
    const scheduler pool{{.workers = 1, .watchdog = {.threshold = nanoseconds(-1)}}};
    ADD_FAILURE() << "it was taken";
  } catch (const usage_error& e) {
    EXPECT_STREQ(e.what(), "weft: scheduler: watchdog.threshold must not be negative; 0 is no watchdog");
  }
}

TEST(watchdog, the_longest_threshold_is_no_trouble) { const scheduler pool{{.workers = 1, .watchdog = {.threshold = nanoseconds::max()}}}; }

class watchdog_death : public testing::Test {
 protected:
  watchdog_death() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

/// Blocks its worker for ever.
[[noreturn]] void block(watchdog_options options) {
  turnstile closed;
  scheduler pool{{.workers = 1, .name = "bees", .watchdog = std::move(options)}};
  const auto blocks = [&]() -> task<> {
    closed.pass();
    co_return;
  };
  sync_wait(pool, blocks());
  std::abort();
}

TEST_F(watchdog_death, a_hook_that_throws_is_named_with_the_task) {
  const auto throws = [](const held_worker&) { throw std::runtime_error("bark"); };
  EXPECT_DEATH(block({.threshold = soon, .on_held = throws}),
               "^weft: watchdog.on_held: it threw for task sync_wait of scheduler bees: bark; a hook must not throw: catch in it\n");
}

}  // namespace
}  // namespace weft
