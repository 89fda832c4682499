// SPDX-License-Identifier: Apache-2.0
// How long a stop waits by itself: for whatever runs, here or as a guest elsewhere, to its end; for what only waits, five seconds.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <latch>
#include <thread>

#include "gate.hpp"

namespace weft {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr auto patience = 5s;
constexpr auto longer = 7s;

task<> waits(test::gate& gate) { co_await gate; }

// What keeps a worker for so long is a call that sleeps.
task<> works(std::latch& started) {
  started.count_down();
  std::this_thread::sleep_for(longer);
  co_return;
}
task<> works_at(scheduler& host, std::latch& started) {
  co_await resume_on(host);
  co_await works(started);
}
task<> asks(scheduler& host, std::latch& started) { co_await on(host, works(started)); }
task<> goes_to(scheduler& host) { co_await resume_on(host); }
task<> joins_at(scheduler& host, std::latch& started) { co_await when_all(works_at(host, started), goes_to(host)); }

TEST(stop_patience_stress, what_only_waits_is_given_up_after_five_seconds) {
  test::gate gate;
  scheduler pool{{.workers = 2}};
  spawn_detached(pool, waits(gate), {.name = "waits"});
  gate.wait_for_arrivals(1);

  const clock::time_point start = clock::now();
  const stop_report report = pool.stop();

  EXPECT_GE(clock::now() - start, patience);
  EXPECT_EQ(report.abandoned, 1U);
  EXPECT_EQ(report.drained, 0U);
}

TEST(stop_patience_stress, what_runs_is_waited_for) {
  std::latch started(1);
  scheduler pool{{.workers = 2}};
  spawn_detached(pool, works(started));
  started.wait();

  const stop_report report = pool.stop();

  EXPECT_EQ(report.abandoned, 0U);
  EXPECT_EQ(report.drained, 1U);
}

// Three at once, each on a host of its own.
TEST(stop_patience_stress, what_runs_as_a_guest_of_another_scheduler_is_waited_for) {
  std::latch started(3);
  scheduler host_of_root{{.workers = 1}}, host_of_on{{.workers = 1}}, host_of_child{{.workers = 2}};
  scheduler one{{.workers = 1}}, two{{.workers = 1}}, three{{.workers = 1}};
  spawn_detached(one, works_at(host_of_root, started));
  spawn_detached(two, asks(host_of_on, started));
  spawn_detached(three, joins_at(host_of_child, started));
  started.wait();

  const auto stop = [](scheduler& s) { return std::async(std::launch::async, [&s] { return s.stop(); }); };
  auto first = stop(one), second = stop(two), third = stop(three);

  for (auto* stopping : {&first, &second, &third}) {
    const stop_report report = stopping->get();
    EXPECT_EQ(report.abandoned, 0U);
    EXPECT_EQ(report.drained, 1U);
  }
}

}  // namespace
}  // namespace weft
