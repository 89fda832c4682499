// SPDX-License-Identifier: Apache-2.0
// The look for a deadlock under every schedule: one that is there is told once, and what goes on is told to nobody.
#include <gtest/gtest.h>

#include <chrono>
#include <optional>

#include "explored_pool.hpp"
#include "handed_over.hpp"

namespace weft {
namespace {

using namespace std::chrono_literals;
using explorer::explore;
using explorer::require;
using explorer::thread;
using test::handed_over;

/// Nobody may be told.
scheduler_options calm(int workers) {
  return {.workers = workers, .on_deadlock = [](const deadlock_report&) { require(false, "somebody may go on"); }};
}

task<> ends() { co_return; }
task<> yields() { co_await yield(); }
task<> joins(join_handle<void> handle) { co_await std::move(handle); }

TEST(deadlock_model, a_task_that_awaits_itself_is_told_once) {
  explore([] {
    detail::atomic<std::uint32_t> told{0};
    scheduler pool({.workers = 2, .on_deadlock = [&](const deadlock_report& report) {
                      require(report.tasks.size() == 1, "it is the only one");
                      told.fetch_add(1, detail::relaxed);
                      detail::futex_wake(&told);
                    }});
    std::optional<join_handle<void>> own;
    detail::atomic<bool> is_there{false};
    const auto awaits_itself = [&]() -> task<> {
      while (!is_there.load(detail::acquire)) co_await yield();
      co_await std::move(*own);
    };
    own.emplace(spawn(pool, awaits_itself()));
    is_there.store(true, detail::release);
    while (told.load(detail::relaxed) == 0) detail::futex_wait(told, 0);
    require(pool.stop({.drain_for = 0s, .grace = 1h}).abandoned == 0, "the stop ends it");
    require(told.load(detail::relaxed) == 1, "it is told once");
  });
}

TEST(deadlock_model, tasks_that_wait_for_what_goes_on_are_told_to_nobody) {
  explore([] {
    scheduler pool(calm(2));
    const thread other([&] { spawn_detached(pool, joins(spawn(pool, yields()))); });
    spawn_detached(pool, joins(spawn(pool, ends())));
  });
}

TEST(deadlock_model, a_task_that_sleeps_goes_on) {
  explore([] {
    scheduler pool(calm(2));
    const auto sleeps_twice = []() -> task<> {
      co_await sleep_for(1ms);
      co_await sleep_for(1ms);
    };
    sync_wait(pool, joins(spawn(pool, sleeps_twice())));  // the stop looks at the clock, which would be most of each schedule
  });
}

TEST(deadlock_model, a_task_of_another_scheduler_goes_on) {
  explore([] {
    scheduler other(calm(1));
    scheduler pool(calm(1));
    spawn_detached(pool, joins(spawn(other, yields())));
  });
}

TEST(deadlock_model, a_task_that_is_away_goes_on) {
  explore([] {
    scheduler other(calm(1));
    scheduler pool(calm(1));
    const auto goes_away = [&]() -> task<> {
      co_await resume_on(other);
      co_await sleep_for(1ms);
    };
    sync_wait(pool, joins(spawn(pool, goes_away())));
  });
}

TEST(deadlock_model, a_blocking_call_goes_on) {
  explore(
      [] {
        scheduler pool(calm(1));
        const auto calls = []() -> task<> { co_await run_blocking([] {}); };
        spawn_detached(pool, joins(spawn(pool, calls())));
      },
      {.share = 0.5});
}

TEST(deadlock_model, what_comes_from_outside_is_waited_for) {
  explore([] {
    handed_over event;
    const auto waits = [&]() -> task<> { co_await event; };
    const thread waker([&] { event.resume(); });
    scheduler pool(calm(1));
    spawn_detached(pool, joins(spawn(pool, waits())));
  });
}

}  // namespace
}  // namespace weft
