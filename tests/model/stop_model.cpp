// SPDX-License-Identifier: Apache-2.0
// The end of a scheduler under every schedule: against submits from outside, wakes that come late, and other stops.
#include <gtest/gtest.h>

#include <chrono>

#include "explored_pool.hpp"
#include "handed_over.hpp"

namespace weft {
namespace {

using namespace std::chrono_literals;
using explorer::explore;
using explorer::require;
using explorer::thread;
using test::handed_over;
using test::workers;

task<void> count(detail::atomic<int>& runs) {
  runs.fetch_add(1, detail::relaxed);
  co_return;
}

TEST(stop_model, accepted_tasks_run_and_refused_ones_are_handed_back) {
  explore([] {
    detail::atomic<int> runs{0};
    int accepted = 0;
    {
      scheduler pool(workers(1));
      const thread submitter([&] {
        for (int n = 0; n < 2; ++n) {
          task<void> t = count(runs);
          try {
            spawn_detached(pool, std::move(t));
            ++accepted;
          } catch (const scheduler_stopped&) {
            require(!t.is_empty(), "a refused task is still the caller's");
          }
        }
      });
      require(pool.stop().abandoned == 0, "nothing is left");
    }
    require(runs.load(detail::relaxed) == accepted, "what was accepted has run");
  });
}

TEST(stop_model, a_task_spawns_while_the_scheduler_drains) {
  explore([] {
    detail::atomic<int> runs{0};
    scheduler pool(workers(2));
    const auto spawns = [&]() -> task<void> {
      spawn_detached(count(runs));
      co_return;
    };
    const auto spawns_one_that_spawns = [&]() -> task<void> {
      co_await yield();
      spawn_detached(spawns());
    };
    spawn_detached(pool, spawns_one_that_spawns());
    require(pool.stop().abandoned == 0, "nothing is left");
    require(runs.load(detail::relaxed) == 1, "what was accepted has run");
  });
}

TEST(stop_model, two_stops_read_the_same_report) {
  explore([] {
    detail::atomic<int> runs{0};
    scheduler pool(workers(1));
    spawn_detached(pool, count(runs));
    std::size_t drained[2] = {};
    {
      const thread other([&] { drained[0] = pool.stop().drained; });
      drained[1] = pool.stop().drained;
    }
    require(drained[0] == drained[1], "it is one report");
    require(runs.load(detail::relaxed) == 1, "what was accepted has run");
  });
}

task<int> three() { co_return 3; }

TEST(stop_model, a_task_that_is_known_to_have_ended_is_not_abandoned) {
  explore([] {
    scheduler pool(workers(1));
    require(sync_wait(pool, three()) == 3, "its result is here");
    const stop_report report = pool.stop({.drain_for = 0s, .grace = 1h});
    require(report.abandoned == 0, "it is not left");
  });
}

// Nothing of its home runs any more, but for the thread of another scheduler that is about to tell of its end.
TEST(stop_model, a_task_that_is_known_to_have_ended_elsewhere_is_not_abandoned) {
  explore([] {
    scheduler host(workers(1));
    scheduler home(workers(1));
    const auto ends_there = [&]() -> task<int> {
      co_await resume_on(host);
      co_return 3;
    };
    require(sync_wait(home, ends_there()) == 3, "its result is here");
    const stop_report report = home.stop({.drain_for = 0s, .grace = 1h});
    require(report.abandoned == 0, "it is not left");
  });
}

// The wake may be the last reason for the scheduler to live: its memory must outlast the thread that brings it.
TEST(stop_model, a_wake_from_outside_that_comes_late) {
  explore([] {
    handed_over event;
    detail::atomic<int> runs{0};
    const auto waits = [&]() -> task<void> {
      co_await event;
      runs.fetch_add(1, detail::relaxed);
    };
    const thread waker([&] { event.resume(); });
    {
      scheduler pool(workers(1));
      spawn_detached(pool, waits());
    }
    require(runs.load(detail::relaxed) == 1, "it has run");
  });
}

TEST(stop_model, what_came_before_the_stop_is_seen_by_the_hook_of_its_end) {
  explore([] {
    int told = 0;
    int seen = 0;
    scheduler_options options = workers(1);
    options.on_worker_stop = [&](int) { seen = told; };
    scheduler pool(std::move(options));
    told = 1;
    pool.stop();
    require(seen == 1, "the hook has seen it, and its end is seen here");
  });
}

TEST(stop_model, a_stop_is_woken_when_its_last_root_ends) {
  explore(
      [] {
        detail::atomic<int> runs{0};
        scheduler pool(workers(1));
        const auto start = detail::now();
        spawn_detached(pool, count(runs));
        pool.stop();
        require(detail::now() == start, "no time has passed");
      },
      {.patient = true});
}

TEST(stop_model, a_wait_is_cancelled_however_late_it_begins) {
  explore(
      [] {
        detail::atomic<int> ended{0};
        scheduler pool(workers(1));
        const auto sleeps = [&]() -> task<> {
          try {
            co_await sleep_for(1h);
          } catch (const operation_cancelled&) {
            ended.fetch_add(1, detail::relaxed);
          }
        };
        spawn_detached(pool, sleeps());
        const stop_report report = pool.stop({.drain_for = 0s, .grace = 20ms});
        require(report.cancelled == 1, "its wait has ended");
        require(ended.load(detail::relaxed) == 1, "by being cancelled");
      },
      {.patient = true});
}

TEST(stop_model, a_wait_in_a_shield_is_given_up_however_late_it_begins) {
  explore(
      [] {
        detail::atomic<int> ended{0};
        scheduler pool(workers(1));
        const auto sleeps = [&]() -> task<> {
          for (int n = 0; n < 2; ++n) {
            try {
              co_await shield(sleep_for(1h));
            } catch (const operation_cancelled&) {
              ended.fetch_add(1, detail::relaxed);
            }
          }
        };
        spawn_detached(pool, sleeps());
        const stop_report report = pool.stop({.drain_for = 0s, .grace = 20ms});
        require(report.destroyed == 1, "its waits have ended");
        require(ended.load(detail::relaxed) == 2, "by being cancelled");
      },
      {.patient = true});
}

TEST(stop_model, a_scheduler_that_nobody_used) {
  explore([] { const scheduler pool(workers(2)); }, {.exhaustive = 20'000, .cut_short = true});
}

TEST(stop_model, the_calling_thread_is_a_worker) {
  explore([] {
    const auto main_task = []() -> task<int> {
      auto [a, b] = co_await when_all([]() -> task<int> { co_return 1; }(), []() -> task<int> { co_return 2; }());
      co_return a + b;
    };
    require(run(main_task(), workers(2)) == 3, "the result arrives");
  });
}

}  // namespace
}  // namespace weft
