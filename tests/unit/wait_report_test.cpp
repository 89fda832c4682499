// SPDX-License-Identifier: Apache-2.0
// What is told of a task that waits: for what, and where in the user's code.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <coroutine>
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
using test::number;

const std::string foreign = "an awaitable that is not weft's";

/// As left_task gives a line of this file.
std::string at(unsigned line) { return std::string(std::source_location::current().file_name()) + ":" + std::to_string(line); }

/// Stops a scheduler at once, whose tasks have made `arrivals` at the gate.
std::vector<left_task> stopped(scheduler& pool, gate& door, std::size_t arrivals) {
  door.wait_for_arrivals(arrivals);
  testing::internal::CaptureStderr();
  std::vector<left_task> left = pool.stop({.drain_for = 0s, .grace = 0s}).left;
  static_cast<void>(testing::internal::GetCapturedStderr());
  return left;
}

task<int> waits(gate& door, unsigned& line) {
  line = std::source_location::current().line() + 1;
  co_await door;
  co_return 1;
}

TEST(wait_report, a_foreign_awaitable_is_told_with_the_line_that_awaits_it) {
  gate door;
  unsigned line = 0;
  scheduler pool{{.workers = 1}};
  spawn_detached(pool, waits(door, line), {.name = "w"});

  const std::vector<left_task> left = stopped(pool, door, 1);

  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].name, "w");
  EXPECT_EQ(left[0].what, foreign);
  EXPECT_EQ(left[0].where, at(line));
}

// Those that join do so in a shield: the stop would end their waits.
task<> joins(gate& door, unsigned& line, unsigned& inner) {
  detail::shield_level level;
  co_await level;
  auto handle = spawn(waits(door, inner), {.name = "joined"});
  line = std::source_location::current().line() + 1;
  co_await std::move(handle);
}

TEST(wait_report, a_joined_task_is_told_by_its_name) {
  gate door;
  unsigned outer = 0;
  unsigned inner = 0;
  scheduler pool{{.workers = 1}};
  spawn_detached(pool, joins(door, outer, inner), {.name = "joiner"});

  std::vector<left_task> left = stopped(pool, door, 1);

  ASSERT_EQ(left.size(), 2U);
  if (left[0].name != "joiner") std::swap(left[0], left[1]);
  EXPECT_EQ(left[0].name, "joiner");
  EXPECT_EQ(left[0].what, "a task (joined)");
  EXPECT_EQ(left[0].where, at(outer));
  EXPECT_EQ(left[1].what, foreign);
}

task<> joins_itself(std::optional<join_handle<void>>& own, unsigned& line) {
  detail::shield_level level;
  co_await level;
  line = std::source_location::current().line() + 1;
  co_await std::move(*own);
}

task<> gives_it_its_handle(std::optional<join_handle<void>>& own, unsigned& line) {
  own = spawn(joins_itself(own, line), {.name = "itself"});
  while (line == 0) co_await yield();  // there is one worker: what has begun has gone on until it waits
}

TEST(wait_report, a_task_that_joins_itself_is_told_by_its_own_name) {
  std::optional<join_handle<void>> own;
  unsigned line = 0;
  gate door;
  scheduler pool{{.workers = 1}};
  sync_wait(pool, gives_it_its_handle(own, line));

  const std::vector<left_task> left = stopped(pool, door, 0);

  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].name, "itself");
  EXPECT_EQ(left[0].what, "a task (itself)");
  EXPECT_EQ(left[0].where, at(line));
}

task<int> deep(gate& door, unsigned& line, int levels) {
  if (levels == 0) co_return co_await waits(door, line);
  co_return co_await deep(door, line, levels - 1);
}

TEST(wait_report, a_wait_far_below_is_told_of_the_task_at_the_top) {
  gate door;
  unsigned line = 0;
  scheduler pool{{.workers = 1}};
  spawn_detached(pool, deep(door, line, 100), {.name = "top"});

  const std::vector<left_task> left = stopped(pool, door, 1);

  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].what, foreign);
  EXPECT_EQ(left[0].where, at(line));
}

task<int> arrives_after(gate& first, gate& door) {
  co_await first;
  co_await door;
  co_return 2;
}

task<> has_two_children(gate& opened, gate& door, unsigned& line) {
  auto join = when_all(arrives_after(opened, door), waits(door, line));
  co_await join;
}

TEST(wait_report, of_several_children_the_one_that_has_waited_longest_is_told) {
  gate door;
  gate opened;
  unsigned line = 0;
  scheduler pool{{.workers = 1}};
  spawn_detached(pool, has_two_children(opened, door, line));
  door.wait_for_arrivals(1);
  opened.wait_for_arrivals(1);
  opened.open();

  const std::vector<left_task> left = stopped(pool, door, 2);

  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].what, foreign + ", and others");
  EXPECT_EQ(left[0].where, at(line)) << "the wait for the other gate is over";
}

task<> asks(scheduler& host, gate& door, unsigned& line) {
  const int answer = co_await on(host, waits(door, line));
  static_cast<void>(answer);
}

TEST(wait_report, a_wait_at_another_scheduler_is_told_at_home) {
  gate door;
  unsigned line = 0;
  scheduler pool{{.workers = 1}};
  scheduler host{{.workers = 1}};
  spawn_detached(pool, asks(host, door, line), {.name = "away"});

  std::vector<left_task> left = stopped(pool, door, 1);

  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].name, "away");
  EXPECT_EQ(left[0].where, at(line));
  left = stopped(host, door, 1);
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].name, "(a task of another scheduler)");
  EXPECT_EQ(left[0].what, foreign);
  EXPECT_EQ(left[0].where, at(line));
}

/// Foreign, and over before it has begun: it throws, or says that there is nothing to wait for.
struct no_wait {
  bool throws;
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  [[nodiscard]] bool await_suspend(std::coroutine_handle<>) const {
    if (throws) throw std::runtime_error("does not wait");
    return false;
  }
  void await_resume() const noexcept {}
};

task<> waits_in_the_end(gate& door, unsigned& line) {
  co_await no_wait{false};
  try {
    co_await no_wait{true};
  } catch (const std::runtime_error&) {
  }
  const int done = co_await spawn(number(1));
  static_cast<void>(done);
  co_await waits(door, line);
}

TEST(wait_report, what_was_no_wait_in_the_end_is_not_told) {
  gate door;
  unsigned line = 0;
  scheduler pool{{.workers = 1}};
  spawn_detached(pool, waits_in_the_end(door, line));

  const std::vector<left_task> left = stopped(pool, door, 1);

  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].what, foreign);
  EXPECT_EQ(left[0].where, at(line));
}

TEST(wait_report, tasks_that_wait_are_in_the_state_of_a_scheduler) {
  gate door;
  unsigned line = 0;
  scheduler pool{{.workers = 1}};
  spawn_detached(pool, waits(door, line), {.name = "stays"});
  door.wait_for_arrivals(1);
  testing::internal::CaptureStderr();

  detail::scheduler_access::print_state(pool);

  const std::string printed = testing::internal::GetCapturedStderr();
  EXPECT_NE(printed.find("    task stays: waits for " + foreign + ", " + at(line) + "\n"), std::string::npos) << printed;
  door.open();
}

}  // namespace
}  // namespace weft
