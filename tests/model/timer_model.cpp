// SPDX-License-Identifier: Apache-2.0
// Timers under every schedule: who looks at the clock, against workers that lie down, get up, are woken and are blocked; and timers that
// are due as they are taken back.
//
// Where it says that no time has been lost, time passes only when nothing else can happen: then a timer that nobody watches is found when
// a sleeper looks again, which is too late. Elsewhere that is a deadlock, or nothing, as the schedule wills.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <utility>

#include "explored_pool.hpp"
#include "level_of.hpp"

namespace weft {
namespace {

using namespace std::chrono_literals;
using detail::cancel_node;
using detail::now_as_deadline;
using explorer::explore;
using explorer::require;
using explorer::thread;
using test::level_of;
using test::workers;

constexpr std::int64_t too_late = 500'000;  // when a sleeper looks again (parking.cpp)

/// Blocks its worker until it is opened.
struct blocking_gate {
  detail::atomic<std::uint32_t> is_open{0};
  void pass() {
    while (is_open.load(detail::acquire) == 0) detail::futex_wait(is_open, 0);
  }
  void open() {
    is_open.store(1, detail::release);
    detail::futex_wake(&is_open);
  }
};

task<int> sleeps(std::chrono::nanoseconds length) {
  const std::int64_t due = now_as_deadline() + length.count();
  co_await sleep_for(length);
  require(now_as_deadline() >= due, "never early");
  co_return 1;
}
task<int> opens(blocking_gate& gate, std::chrono::nanoseconds length) {
  co_await sleep_for(length);
  gate.open();
  co_return 1;
}
task<int> passes(blocking_gate& gate, std::chrono::nanoseconds length) {
  co_await sleep_for(length);
  gate.pass();
  co_return 1;
}
task<> both(task<int> a, task<int> b) {
  auto join = when_all(std::move(a), std::move(b));
  co_await join;
}

TEST(timer_model, a_sleep_ends_in_time) {
  explore(
      [] {
        scheduler pool(workers(1));
        sync_wait(pool, sleeps(10ns));
        require(now_as_deadline() < too_late, "no time has been lost");
      },
      {.patient = true});
}

// Edge 2: the watcher sleeps until a later timer, or is about to.
void earlier_than_the_watcher_thinks(bool in_time) {
  scheduler pool(workers(2));
  const thread later([&] { sync_wait(pool, sleeps(1ms)); });
  sync_wait(pool, sleeps(10ns));
  if (in_time) require(now_as_deadline() < too_late, "no time has been lost");
}
TEST(timer_model, an_earlier_timer_against_the_watcher_in_time) {
  explore([] { earlier_than_the_watcher_thinks(true); }, {.share = 0.5, .patient = true});
}
TEST(timer_model, an_earlier_timer_against_the_watcher) {
  explore([] { earlier_than_the_watcher_thinks(false); }, {.share = 0.5});
}

// Edge 1: nobody is in the driver, or somebody is about to be; and the worker that inserted the timer is blocked afterwards.
void blocked_after_inserting(bool in_time) {
  scheduler pool(workers(2));
  blocking_gate gate;
  sync_wait(pool, both(opens(gate, 10ns), passes(gate, 0ns)));
  if (in_time) require(now_as_deadline() < too_late, "no time has been lost");
}
TEST(timer_model, a_worker_is_blocked_after_it_inserted_a_timer_in_time) {
  explore([] { blocked_after_inserting(true); }, {.patient = true});
}
TEST(timer_model, a_worker_is_blocked_after_it_inserted_a_timer) {
  explore([] { blocked_after_inserting(false); });
}

// Edge 3: the watcher got up for one timer and is blocked until the other is over.
void blocked_after_watching(bool in_time) {
  scheduler pool(workers(2));
  blocking_gate gate;
  sync_wait(pool, both(opens(gate, 20ns), passes(gate, 10ns)));
  if (in_time) require(now_as_deadline() < too_late, "no time has been lost");
}
TEST(timer_model, a_watcher_is_blocked_by_what_it_got_up_for_in_time) {
  explore([] { blocked_after_watching(true); }, {.patient = true});
}
TEST(timer_model, a_watcher_is_blocked_by_what_it_got_up_for) {
  explore([] { blocked_after_watching(false); });
}

// Edge 4: the watcher is woken for work from outside, and blocked by it.
void blocked_by_other_work(bool in_time) {
  scheduler pool(workers(2));
  blocking_gate gate;
  const thread other([&] { sync_wait(pool, passes(gate, 0ns)); });
  sync_wait(pool, opens(gate, 10ns));
  if (in_time) require(now_as_deadline() < too_late, "no time has been lost");
}
TEST(timer_model, a_watcher_is_blocked_by_other_work_in_time) {
  explore([] { blocked_by_other_work(true); }, {.patient = true});
}
TEST(timer_model, a_watcher_is_blocked_by_other_work) {
  explore([] { blocked_by_other_work(false); });
}

// Edge 5, and more that is due at once than one look takes.
TEST(timer_model, all_that_is_due_at_once_ends) {
  explore(
      [] {
        scheduler pool(workers(2));
        const auto three = []() -> task<> {
          auto join = when_all(sleeps(10ns), sleeps(10ns), sleeps(10ns));
          co_await join;
        };
        sync_wait(pool, three());
      },
      {.share = 0.5});
}

// --- timers that are taken back ---

struct opened : cancel_node {
  opened() noexcept { detail::open_node(*this, nullptr); }
  ~opened() { detail::close_node(*this); }
};

/// Whether the sleep came to its end.
task<bool> sleeps_in(cancel_node& in) {
  level_of level(in);
  co_await level;
  try {
    co_await sleep_for(10ns);
  } catch (const operation_cancelled&) {
    co_return false;
  }
  co_return true;
}

TEST(timer_model, a_timer_that_is_due_against_its_cancellation) {
  explore([] {
    opened node;
    scheduler pool(workers(1));
    const thread cancels([&] { cancel_node_now(node, cancel_reason::requested, ""); });
    explorer::record(sync_wait(pool, sleeps_in(node)) ? "slept" : "cancelled");
  });
}

task<int> answer_after(std::chrono::nanoseconds length) {
  co_await sleep_for(length);
  co_return 42;
}

/// The answer, or 0 if the time was over before.
task<int> asked(std::chrono::nanoseconds most, task<int> t) {
  try {
    co_return co_await timeout(most, std::move(t));
  } catch (const timeout_error&) {
  }
  co_return 0;
}

TEST(timer_model, a_deadline_against_what_it_is_for) {
  explore([] {
    scheduler pool(workers(2));
    const int got = sync_wait(pool, asked(10ns, answer_after(10ns)));
    require(got == 42 || got == 0, "the answer, or none");
    explorer::record(got == 42 ? "answer" : "none");
  });
}

// What is waited for comes from outside, at any time.
TEST(timer_model, a_deadline_against_a_join) {
  explore([] {
    scheduler pool(workers(2));
    const auto joins = []() -> task<int> {
      auto handle = spawn([]() -> task<int> {
        co_await yield();
        co_return 42;
      }());
      co_return co_await std::move(handle);
    };
    const int got = sync_wait(pool, asked(10ns, joins()));
    require(got == 42 || got == 0, "the answer, or none");
  });
}

TEST(timer_model, a_deadline_that_two_waits_arm) {
  explore(
      [] {
        scheduler pool(workers(2));
        const auto two = []() -> task<int> {
          auto join = when_all(sleeps(1ms), sleeps(1ms));
          co_await join;
          co_return 1;
        };
        require(sync_wait(pool, asked(10ns, two())) == 0 || now_as_deadline() >= 1'000'000, "the time was over before");
      },
      {.share = 0.5});
}

// The deadline lies with the scheduler above, the wait at another one.
TEST(timer_model, a_deadline_is_armed_from_another_scheduler) {
  explore(
      [] {
        scheduler home(workers(1));
        scheduler other(workers(1));
        const auto visits = [&]() -> task<int> { co_return co_await on(other, sleeps(1ms)); };
        require(sync_wait(home, asked(10ns, visits())) == 0, "the time was over before");
        require(now_as_deadline() < too_late, "no time has been lost");
      },
      {.share = 0.5, .patient = true});
}

// The same, where whoever watched is blocked, and left nothing to watch.
TEST(timer_model, a_deadline_from_another_scheduler_finds_a_watcher) {
  explore(
      [] {
        blocking_gate is_up, is_over;
        scheduler home(workers(2));
        scheduler other(workers(1));
        const auto gets_up = [&]() -> task<int> {
          co_await sleep_for(10ns);
          is_up.open();
          is_over.pass();
          co_return 1;
        };
        const auto waits = [&]() -> task<int> {
          is_up.pass();
          co_return co_await sleeps(1ms);
        };
        const auto visits = [&]() -> task<int> { co_return co_await on(other, waits()); };
        const thread blocked([&] { sync_wait(home, gets_up()); });
        require(sync_wait(home, asked(20ns, visits())) == 0, "the time was over before");
        require(now_as_deadline() < too_late, "no time has been lost");
        is_over.open();
      },
      {.share = 0.25, .patient = true});
}

}  // namespace
}  // namespace weft
