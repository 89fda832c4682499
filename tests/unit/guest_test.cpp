// SPDX-License-Identifier: Apache-2.0
// Tasks that are guests of another scheduler when that one, or their home, stops.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <future>
#include <latch>
#include <string>
#include <thread>

#include "balanced.hpp"
#include "gate.hpp"

namespace weft {
namespace {

using namespace std::chrono_literals;

class guest_test : public test::balanced {};

task<int> number(int n) { co_return n; }

void submit_until_refused(scheduler& pool) {
  try {
    for (;;) spawn_detached(pool, number(1));
  } catch (const scheduler_stopped&) {
  }
}

// Three ways for a task of another scheduler to be at `host` when that one stops.
task<int> waits_there(scheduler& host, test::gate& gate) {
  co_await resume_on(host);
  co_await gate;
  co_return 1;
}
task<int> one_behind(test::gate& gate) {
  co_await gate;
  co_return 1;
}
task<int> waits_for_an_answer(scheduler& host, test::gate& gate) {
  const int one = co_await on(host, one_behind(gate));
  co_return one;
}
task<int> has_children_there(scheduler& host, test::gate& gate) {
  auto [a, b, c] = co_await when_all(waits_there(host, gate), number(0), waits_for_an_answer(host, gate));
  co_return a* b + c;
}

// Begins to stop `pool`, and returns once it refuses what comes from outside.
std::future<stop_report> begin_to_stop(scheduler& pool) {
  std::future<stop_report> stopping = std::async(std::launch::async, [&pool] { return pool.stop({.drain_for = 1h}); });
  submit_until_refused(pool);
  while (pool.metrics().roots_live != 0) std::this_thread::yield();  // all that it accepted has run
  return stopping;
}

template <class Make>
void stop_the_host_of(Make make, std::size_t visitors) {
  test::gate gate;
  scheduler home{{.workers = 1}}, host{{.workers = 2}};
  std::future<int> ended = spawn_future(home, make(host, gate));
  gate.wait_for_arrivals(visitors);
  std::future<stop_report> stopping = begin_to_stop(host);

  gate.open();

  EXPECT_EQ(stopping.get().abandoned, 0U);
  EXPECT_EQ(ended.get(), 1);
}

TEST_F(guest_test, visitors_are_drained_too) {
  stop_the_host_of(waits_there, 1);
  stop_the_host_of(waits_for_an_answer, 1);
  stop_the_host_of(has_children_there, 2);
}

task<> holds_the_worker(std::latch& running, std::latch& released) {
  running.count_down();
  released.wait();
  co_return;
}
task<> tells_and_visits(scheduler& host, std::latch& left, std::atomic<int>& ran) {
  left.count_down();
  co_await resume_on(host);
  ++ran;
}

TEST_F(guest_test, visitors_that_were_only_queued_are_drained_too) {
  std::latch running(1), released(1), left(5);
  std::atomic<int> ran{0};
  scheduler home{{.workers = 1}}, host{{.workers = 1}};
  spawn_detached(host, holds_the_worker(running, released));
  running.wait();
  for (int i = 0; i < 5; ++i) spawn_detached(home, tells_and_visits(host, left, ran));
  left.wait();
  sync_wait(home, number(0));  // the one worker has sent the last of them
  std::future<stop_report> stopping = std::async(std::launch::async, [&] { return host.stop(); });

  released.count_down();

  const stop_report report = stopping.get();
  EXPECT_EQ(report.abandoned, 0U);
  EXPECT_LE(report.drained, 6U);
  EXPECT_EQ(ran, 5);
}

task<int> comes_home(scheduler& home, scheduler& host, test::gate& gate) {
  co_await resume_on(host);
  co_await gate;
  co_await resume_on(home);
  co_return 1;
}
task<bool> is_refused_at(scheduler& host) {
  try {
    co_await resume_on(host);
  } catch (const scheduler_stopped&) {
    co_return true;
  }
  co_return false;
}

TEST_F(guest_test, while_it_drains_new_visitors_are_refused_and_its_own_tasks_come_home) {
  test::gate gate;
  scheduler other{{.workers = 1}}, home{{.workers = 1}};
  std::future<int> ended = spawn_future(home, comes_home(home, other, gate));
  gate.wait_for_arrivals(1);
  std::future<stop_report> stopping = std::async(std::launch::async, [&] { return home.stop({.drain_for = 1h}); });
  submit_until_refused(home);
  while (!sync_wait(other, is_refused_at(home))) {
  }

  gate.open();

  EXPECT_EQ(ended.get(), 1);
  EXPECT_EQ(stopping.get().abandoned, 0U);
}

// Not balanced: what is abandoned stays.
TEST(guests_abandoned, visitors_that_cannot_end_are_reported) {
  test::gate gate;
  stop_report at_host, at_home;
  testing::internal::CaptureStderr();
  {
    scheduler home{{.workers = 1, .name = "home"}}, host{{.workers = 1, .name = "host"}};
    spawn_detached(home, [](scheduler& there, test::gate& waited) -> task<> { co_await waits_there(there, waited); }(host, gate),
                   {.name = "traveller"});
    gate.wait_for_arrivals(1);

    at_host = host.stop({.drain_for = 0s});
    at_home = home.stop({.drain_for = 0s});
  }
  const std::string printed = testing::internal::GetCapturedStderr();
  gate.open();  // too late, and harmless

  ASSERT_EQ(at_host.left.size(), 1U);
  EXPECT_EQ(at_host.abandoned, 1U);
  EXPECT_EQ(at_host.left[0].name, "(a task of another scheduler)");
  EXPECT_EQ(at_home.abandoned, 1U);
  EXPECT_EQ(at_home.left.at(0).name, "traveller");
  EXPECT_NE(printed.find("weft: scheduler host stopped with 1 unfinished task, abandoned:\n"
                         "weft:   (a task of another scheduler): waits for an awaitable that is not weft's, "),
            std::string::npos)
      << printed;
}

}  // namespace
}  // namespace weft
