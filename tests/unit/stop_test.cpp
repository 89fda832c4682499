// SPDX-License-Identifier: Apache-2.0
// The end of a scheduler: what is refused, what drains, what is abandoned and named, and that every caller hears the same.
#include <weft/weft.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <future>
#include <latch>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "balanced.hpp"
#include "gate.hpp"
#include "small_tasks.hpp"

namespace weft {
namespace {

using test::number;

using namespace std::chrono_literals;

class stop_test : public test::balanced {};

task<> waits(test::gate& gate, std::atomic<int>& ended) {
  co_await gate;
  ++ended;
}

bool same_task(const left_task& a, const left_task& b) { return a.name == b.name && a.what == b.what && a.where == b.where; }
bool operator==(const stop_report& a, const stop_report& b) {
  return a.drained == b.drained && a.cancelled == b.cancelled && a.destroyed == b.destroyed && a.abandoned == b.abandoned &&
         std::equal(a.left.begin(), a.left.end(), b.left.begin(), b.left.end(), same_task);
}

// --- reports ---

TEST_F(stop_test, an_idle_scheduler_has_nothing_to_report) {
  scheduler pool{{.workers = 2}};

  EXPECT_TRUE(pool.stop() == stop_report());
  EXPECT_EQ(pool.workers(), 2) << "it can still be asked";
  EXPECT_EQ(pool.metrics().workers.size(), 2U);
}

TEST_F(stop_test, a_later_stop_gives_the_same_report_whatever_its_options) {
  scheduler pool{{.workers = 1}};
  sync_wait(pool, number(1));
  const stop_report first = pool.stop();

  EXPECT_TRUE(pool.stop() == first);
  EXPECT_TRUE(pool.stop({.drain_for = 0s, .grace = 0s}) == first);
}

TEST_F(stop_test, stops_from_several_threads_give_one_report) {
  for (int round = 0; round < 20; ++round) {
    scheduler pool{{.workers = 2}};
    for (int i = 0; i < 20; ++i) spawn_detached(pool, number(i));
    std::vector<std::future<stop_report>> reports;
    std::barrier start(4);
    for (int t = 0; t < 4; ++t)
      reports.push_back(std::async(std::launch::async, [&] {
        start.arrive_and_wait();
        return pool.stop();
      }));
    const stop_report first = reports.front().get();
    EXPECT_LE(first.drained, 20U);
    EXPECT_EQ(first.abandoned, 0U);
    for (std::size_t t = 1; t < reports.size(); ++t) EXPECT_TRUE(reports[t].get() == first);
  }
}

// --- draining ---

task<> spawns_a_chain(int left, std::atomic<int>& ran) {
  ++ran;
  co_await yield();
  if (left > 0) spawn_detached(spawns_a_chain(left - 1, ran));
}

TEST_F(stop_test, what_was_accepted_runs_to_its_end_with_all_it_spawns) {
  for (const int workers : {1, 3}) {
    std::atomic<int> ran{0};
    scheduler pool{{.workers = workers}};
    for (int i = 0; i < 10; ++i) spawn_detached(pool, spawns_a_chain(20, ran));

    const stop_report report = pool.stop();

    EXPECT_EQ(ran, 10 * 21);
    EXPECT_LE(report.drained, 10U * 21U);
    EXPECT_EQ(report.abandoned, 0U);
    EXPECT_TRUE(report.left.empty());
  }
}

TEST_F(stop_test, the_destructor_drains_too) {
  std::atomic<int> ran{0};
  {
    scheduler pool{{.workers = 2}};
    spawn_detached(pool, spawns_a_chain(50, ran));
  }
  EXPECT_EQ(ran, 51);
}

// Submits until it is refused; counts what was accepted.
int submit_until_refused(scheduler& pool, std::atomic<int>& ran) {
  auto counts = [](std::atomic<int>& r) -> task<> {
    ++r;
    co_return;
  };
  for (int accepted = 0;; ++accepted) {
    task<> t = counts(ran);
    try {
      spawn_detached(pool, std::move(t));
    } catch (const scheduler_stopped&) {
      EXPECT_FALSE(t.is_empty()) << "what is refused is handed back";  // NOLINT
      return accepted;
    }
  }
}

task<> goes_on_while_stopping(test::gate& gate, std::atomic<int>& ended) {
  co_await gate;
  auto child = spawn(number(1));
  const int one = co_await std::move(child);
  ended += one;
}

void stop_while_tasks_wait(const stop_options& options) {
  test::gate gate;
  std::atomic<int> ended{0}, ran{0};
  scheduler pool{{.workers = 2}};
  spawn_detached(pool, goes_on_while_stopping(gate, ended));
  gate.wait_for_arrivals(1);
  std::future<stop_report> stopping = std::async(std::launch::async, [&] { return pool.stop(options); });

  const int accepted = submit_until_refused(pool, ran);
  EXPECT_EQ(ended, 0);
  gate.open();

  EXPECT_EQ(stopping.get().abandoned, 0U);
  EXPECT_EQ(ended, 1);
  EXPECT_EQ(ran, accepted);
}

TEST_F(stop_test, while_it_drains_outsiders_are_refused_and_accepted_tasks_spawn_and_wake) {
  stop_while_tasks_wait({.drain_for = 1h});
  stop_while_tasks_wait({});  // patient by itself
}

TEST_F(stop_test, submits_that_race_with_the_stop_are_each_run_or_refused) {
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> ran{0}, accepted{0};
    scheduler pool{{.workers = 2}};
    std::barrier start(3);
    std::vector<std::jthread> submitters;
    for (int t = 0; t < 2; ++t)
      submitters.emplace_back([&] {
        start.arrive_and_wait();
        accepted += submit_until_refused(pool, ran);
      });
    start.arrive_and_wait();
    pool.stop();
    submitters.clear();
    EXPECT_EQ(ran, accepted);
  }
}

// --- refused afterwards ---

// A coroutine of somebody else's, for scheduler::resume.
struct outsider {
  struct promise_type {
    outsider get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
  std::coroutine_handle<promise_type> handle;
};
outsider foreign() { co_return; }

template <class Call>
std::string refusal_of(Call call) {
  try {
    call();
  } catch (const scheduler_stopped& e) {
    return e.what();
  }
  return "it was accepted";
}

TEST_F(stop_test, every_way_to_submit_is_refused_afterwards_and_keeps_the_task) {
  scheduler pool{{.workers = 1}};
  scheduler other{{.workers = 1}};
  pool.stop();
  task<int> t = number(5);
  const outsider o = foreign();
  const std::string why = ": the scheduler is stopping or has stopped; the task is still yours";

  EXPECT_EQ(refusal_of([&] { static_cast<void>(spawn(pool, std::move(t))); }), "weft: spawn" + why);
  EXPECT_EQ(refusal_of([&] { spawn_detached(pool, std::move(t)); }), "weft: spawn_detached" + why);
  EXPECT_EQ(refusal_of([&] { static_cast<void>(spawn_future(pool, std::move(t))); }), "weft: spawn_future" + why);
  EXPECT_EQ(refusal_of([&] { sync_wait(pool, std::move(t)); }), "weft: sync_wait" + why);
  EXPECT_EQ(refusal_of([&] { sync_wait_for(pool, std::move(t), 1h); }), "weft: sync_wait_for" + why);
  EXPECT_EQ(refusal_of([&] { pool.resume(o.handle); }), "weft: scheduler::resume" + why);

  ASSERT_FALSE(t.is_empty());  // NOLINT: that it is still there is the question
  EXPECT_EQ(sync_wait(other, std::move(t)), 5);
  EXPECT_FALSE(o.handle.done());
  o.handle.destroy();
}

// --- abandoned ---

// Not balanced: what is abandoned stays.
TEST(stop_abandons, what_only_foreign_code_could_end_is_named_and_printed) {
  test::gate gate;
  std::atomic<int> ended{0};
  stop_report report;
  testing::internal::CaptureStderr();
  {
    scheduler pool{{.workers = 2, .name = "leaky"}};
    spawn_detached(pool, waits(gate, ended), {.name = "first"});
    spawn_detached(pool, waits(gate, ended));
    gate.wait_for_arrivals(2);

    report = pool.stop({.drain_for = 0s});
    EXPECT_TRUE(pool.stop() == report);
    EXPECT_TRUE(pool.stop({.drain_for = 1h}) == report) << "nothing is waited for again";
  }
  const std::string printed = testing::internal::GetCapturedStderr();
  gate.open();  // too late, and harmless

  EXPECT_EQ(report.abandoned, 2U);
  EXPECT_EQ(report.drained, 0U);
  EXPECT_EQ(report.cancelled + report.destroyed, 0U);
  ASSERT_EQ(report.left.size(), 2U);
  EXPECT_EQ(report.left[0].name + report.left[1].name, "first");
  EXPECT_NE(printed.find("weft: scheduler leaky stopped with 2 unfinished tasks, abandoned:\n"), std::string::npos) << printed;
  EXPECT_NE(printed.find("weft:   first: waits for an awaitable that is not weft's, "), std::string::npos) << printed;
  EXPECT_NE(printed.find("weft:   (no name): waits for an awaitable that is not weft's, "), std::string::npos) << printed;
  EXPECT_EQ(ended, 0);
}

task<> fails() {
  throw std::runtime_error("fails");
  co_return;
}

TEST(stop_abandons, nothing_whose_end_the_caller_knows_of) {
  for (int i = 0; i < 2'000; ++i) {
    scheduler pool{{.workers = 1}};
    if (i % 2 == 0)
      static_cast<void>(sync_wait(pool, number(3)));
    else
      static_cast<void>(spawn_future(pool, number(3)).get());
    ASSERT_EQ(pool.stop({.drain_for = 0s}).abandoned, 0U) << i;
  }
}

TEST(stop_abandons, a_task_whose_hook_does_not_return_in_time) {
  std::latch told{1};
  std::latch returns{1};
  testing::internal::CaptureStderr();
  {
    scheduler pool{{.workers = 2, .on_unhandled = [&](std::exception_ptr, std::string_view) {
                      told.count_down();
                      returns.wait();
                    }}};
    spawn_detached(pool, fails(), {.name = "told of"});
    told.wait();

    const stop_report report = pool.stop({.drain_for = 0s, .grace = 1ms});

    EXPECT_EQ(report.abandoned, 1U);
    ASSERT_EQ(report.left.size(), 1U);
    EXPECT_EQ(report.left[0].name + report.left[0].what, "told of");
    returns.count_down();
  }
  static_cast<void>(testing::internal::GetCapturedStderr());
}

TEST(stop_abandons, whoever_waits_for_an_abandoned_task_can_still_let_go) {
  test::gate gate;
  std::atomic<int> ended{0};
  std::optional<join_handle<void>> handle;
  testing::internal::CaptureStderr();
  {
    scheduler pool{{.workers = 1}};
    handle.emplace(spawn(pool, waits(gate, ended)));
    gate.wait_for_arrivals(1);
    EXPECT_EQ(pool.stop({.drain_for = 1ms}).abandoned, 1U);
  }
  EXPECT_NE(testing::internal::GetCapturedStderr().find("with 1 unfinished task, abandoned:\n"), std::string::npos);

  EXPECT_FALSE(handle->is_done());
  handle.reset();
}

task<> blocks(std::latch& running, std::latch& released) {
  running.count_down();
  released.wait();
  co_return;
}

// Leaves with 7 if the report is as it must be.
[[noreturn]] void stop_while_a_worker_is_stuck() {
  std::latch running(1), released(1);
  scheduler pool{{.workers = 1, .name = "stuck"}};
  spawn_detached(pool, blocks(running, released), {.name = "blocker"});
  running.wait();
  const stop_report report = pool.stop({.drain_for = 0s, .grace = 1ms});
  ::_exit(report.abandoned == 1 && report.left.at(0).name == "blocker" ? 7 : 1);
}

TEST(stop_death, a_worker_that_does_not_come_back_from_its_task_is_left_to_it) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(stop_while_a_worker_is_stuck(), testing::ExitedWithCode(7),
              "weft: scheduler stuck: 1 worker is still in a task and left to it");
}

// --- workers ---

TEST_F(stop_test, every_worker_says_when_it_starts_and_when_it_ends) {
  std::array<std::atomic<int>, 3> started{}, ended{};
  scheduler_options options{.workers = 3};
  options.on_worker_start = [&](int worker) { ++started.at(static_cast<std::size_t>(worker)); };
  options.on_worker_stop = [&](int worker) { ++ended.at(static_cast<std::size_t>(worker)); };
  scheduler pool(options);
  for (const auto& times : ended) EXPECT_EQ(times, 0);

  pool.stop();

  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(started[i], 1);
    EXPECT_EQ(ended[i], 1);
  }
}

task<> stops_its_own(scheduler& pool, std::string& text) {
  try {
    pool.stop();
  } catch (const usage_error& e) {
    text = e.what();
  }
  co_return;
}

TEST_F(stop_test, a_worker_cannot_stop_its_own_scheduler) {
  scheduler pool{{.workers = 1}};
  std::string text;
  sync_wait(pool, stops_its_own(pool, text));
  EXPECT_EQ(text, "weft: scheduler::stop: a worker cannot stop its own scheduler; call it from another thread");
}

task<> stops_another(scheduler& other) {
  const stop_report report = other.stop();
  EXPECT_EQ(report.abandoned, 0U);
  co_return;
}

TEST_F(stop_test, a_worker_can_stop_another_scheduler) {
  scheduler pool{{.workers = 1}};
  scheduler other{{.workers = 1}};
  sync_wait(pool, stops_another(other));
  EXPECT_THROW(sync_wait(other, number(1)), scheduler_stopped);
}

}  // namespace
}  // namespace weft
