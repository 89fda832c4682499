// SPDX-License-Identifier: Apache-2.0
// Roots under every schedule: their completion against whoever awaits, drops or blocks for them.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>

#include "explored_pool.hpp"

namespace weft {
namespace {

using explorer::explore;
using explorer::require;
using explorer::thread;
using test::workers;

task<int> answer() { co_return 42; }
task<int> later_answer() {
  co_await yield();
  co_return 42;
}
task<int> failing() {
  co_await yield();
  throw std::runtime_error("meant");
}

TEST(root_model, sync_wait_gets_the_result) {
  explore([] {
    scheduler pool(workers(1));
    require(sync_wait(pool, answer()) == 42, "the result arrives");
    require(sync_wait(pool, later_answer()) == 42, "the result arrives");
  });
}

// The event of sync_wait lies in the root, which its waiter may drop as soon as it is told.
TEST(root_model, two_threads_wait_and_drop_at_once) {
  explore([] {
    scheduler pool(workers(1));
    const thread other([&] { require(sync_wait(pool, answer()) == 42, "the result arrives"); });
    require(sync_wait(pool, answer()) == 42, "the result arrives");
  });
}

TEST(root_model, a_wait_that_times_out_against_the_end) {
  explore([] {
    scheduler pool(workers(1));
    try {
      require(sync_wait_for(pool, later_answer(), std::chrono::microseconds(1)) == 42, "the result arrives");
    } catch (const timeout_error&) {
    }
  });
}

TEST(root_model, an_exception_crosses_to_the_waiting_thread) {
  explore([] {
    scheduler pool(workers(1));
    try {
      static_cast<void>(sync_wait(pool, failing()));
      require(false, "it throws");
    } catch (const std::runtime_error& e) {
      require(e.what()[0] == 'm', "it is the task's own exception");
    }
  });
}

TEST(root_model, completion_against_await) {
  explore([] {
    scheduler pool(workers(2));
    const auto awaits = []() -> task<int> {
      join_handle<int> h = spawn(later_answer());
      co_return co_await std::move(h);
    };
    require(sync_wait(pool, awaits()) == 42, "the result arrives");
  });
}

TEST(root_model, completion_against_dropping_the_handle) {
  explore([] {
    scheduler pool(workers(1));
    {
      const join_handle<int> dropped = spawn(pool, answer());
    }
    const join_handle<int> asked = spawn(pool, answer());
    static_cast<void>(asked.is_done());
  });
}

// A result is seen by whoever finds the root done without waiting for it.
TEST(root_model, a_task_that_is_found_done) {
  explore([] {
    scheduler pool(workers(2));
    const auto looks = []() -> task<int> {
      join_handle<int> h = spawn(answer());
      co_await yield();
      co_return co_await std::move(h);
    };
    require(sync_wait(pool, looks()) == 42, "the result arrives");
  });
}

TEST(root_model, a_failure_that_nobody_takes_is_told_once) {
  explore([] {
    detail::atomic<int> told{0};
    {
      scheduler_options options = workers(1);
      options.on_unhandled = [&](std::exception_ptr, std::string_view) { told.fetch_add(1, detail::relaxed); };
      scheduler pool(std::move(options));
      spawn_detached(pool, failing());
      spawn_detached(pool, failing());
    }
    require(told.load(detail::relaxed) == 2, "each failure is told");
  });
}

// Work from outside is published with a locked instruction: a sleeper is woken for it, and needs no second look after a while.
TEST(root_model, work_from_outside_does_not_wait_for_time_to_pass) {
  explore(
      [] {
        scheduler pool(workers(2));
        const auto start = detail::now();
        require(sync_wait(pool, answer()) == 42, "the result arrives");
        require(sync_wait(pool, answer()) == 42, "the result arrives");
        require(detail::now() == start, "no time has passed");
      },
      {.patient = true});
}

/// Work that is made ready while its worker is blocked: the other worker has to find it, or all stands still.
void spawn_and_block() {
  scheduler pool(workers(2));
  const auto blocks = []() -> task<void> {
    detail::atomic<std::uint32_t> done{0};
    spawn_detached([](detail::atomic<std::uint32_t>& d) -> task<void> {
      d.store(1, detail::release);
      detail::futex_wake(&d);
      co_return;
    }(done));
    while (done.load(detail::acquire) == 0) detail::futex_wait(done, 0);
    co_return;
  };
  sync_wait(pool, blocks());
}

TEST(root_model, a_spawned_task_runs_while_its_worker_is_blocked) { explore(spawn_and_block); }

// Then the other worker finds it at one of its looks.
TEST(root_model, a_spawned_task_runs_where_there_is_no_barrier_of_all_threads) { explore(spawn_and_block, {.has_barrier = false}); }

/// Blocks its worker until it is told.
struct blocking_gate {
  detail::atomic<std::uint32_t> open{0};
  void pass() {
    while (open.load(detail::acquire) == 0) detail::futex_wait(open, 0);
  }
  void unlock() {
    open.store(1, detail::release);
    detail::futex_wake(&open);
  }
};

/// Suspends, and leaves the handle to whoever passes the gate.
struct waits_for_resume {
  std::coroutine_handle<>& handle;
  blocking_gate& is_there;
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) const noexcept {
    handle = waiting;
    is_there.unlock();
  }
  void await_resume() const noexcept {}
};

// A worker wakes a task, which lies on its own deque then, and blocks until that has run.
TEST(root_model, a_woken_task_runs_while_the_worker_that_woke_it_is_blocked) {
  explore([] {
    scheduler pool(workers(2));
    std::coroutine_handle<> handle;
    blocking_gate is_there, has_run;
    const auto waits = [&]() -> task<void> {
      co_await waits_for_resume{handle, is_there};
      has_run.unlock();
    };
    const auto wakes = [&]() -> task<void> {
      is_there.pass();
      handle.resume();
      has_run.pass();
      co_return;
    };
    spawn_detached(pool, waits());
    sync_wait(pool, wakes());
  });
}

// Three tasks of which each blocks its worker until the next has run: every worker must be woken, one by the other.
TEST(root_model, each_of_three_workers_finds_a_task) {
  explore(
      [] {
        scheduler pool(workers(3));
        blocking_gate gates[2];
        const auto first = [&]() -> task<void> {
          spawn_detached([](blocking_gate& own, blocking_gate& next) -> task<void> {
            next.pass();
            own.unlock();
            co_return;
          }(gates[0], gates[1]));
          spawn_detached([](blocking_gate& own) -> task<void> {
            own.unlock();
            co_return;
          }(gates[1]));
          gates[0].pass();
          co_return;
        };
        sync_wait(pool, first());
      },
      {.share = 0.5});
}

task<void> nothing() { co_return; }

// The mark of idle.hpp: the only worker forks and joins, and does not come back to its loop before the injected task has run.
TEST(root_model, a_task_from_outside_runs_while_the_only_worker_forks) {
  explore([] {
    scheduler pool(workers(1));
    detail::atomic<int> runs{0};
    blocking_gate begun;
    const auto forks = [&]() -> task<void> {
      begun.unlock();
      while (runs.load(detail::relaxed) == 0) {
        co_await when_all(nothing(), nothing());
        explorer::pause();
      }
    };
    const auto told = [&]() -> task<void> {
      runs.store(1, detail::relaxed);
      co_return;
    };
    spawn_detached(pool, forks());
    begun.pass();
    spawn_detached(pool, told());
  });
}

// The same while that worker stops searching; if it takes both tasks at once, it need not fork.
TEST(root_model, a_task_from_outside_is_taken_by_a_searcher_that_goes_on_to_fork) {
  explore(
      [] {
        scheduler pool(workers(1));
        const auto forks = [&]() -> task<void> {
          while (pool.metrics().workers[0].injected != 2) {
            co_await when_all(nothing(), nothing());
            explorer::pause();
          }
        };
        spawn_detached(pool, forks());
        spawn_detached(pool, nothing());
      },
      {.share = 0.5});
}

// One worker is blocked until a task from outside has run: the other finds it, wherever it is on its way to sleep.
TEST(root_model, a_task_from_outside_runs_while_a_worker_is_blocked) {
  explore([] {
    scheduler pool(workers(2));
    blocking_gate gate;
    const auto opens = [&]() -> task<void> {
      gate.unlock();
      co_return;
    };
    const auto passes = [&]() -> task<void> {
      gate.pass();
      co_return;
    };
    const thread other([&] { spawn_detached(pool, opens()); });
    sync_wait(pool, passes());
  });
}

// The handle's thread, the task's worker and the end of the scheduler: a failure is told to the hook while that is there, or printed.
TEST(root_model, a_handle_is_dropped_while_its_task_fails_and_the_scheduler_ends) {
  testing::internal::CaptureStderr();
  long printed = 0;
  explore([&] {
    int told = 0;  // plain: the end of the scheduler orders it
    {
      scheduler_options options = workers(1);
      options.on_unhandled = [&](std::exception_ptr, std::string_view) { ++told; };
      auto pool = std::make_unique<scheduler>(std::move(options));
      auto handle = std::make_unique<join_handle<int>>(spawn(*pool, failing()));
      const thread dropper([&] { handle.reset(); });
      pool.reset();
      require(told <= 1, "it is told once");
      if (told == 0) ++printed;
    }
  });
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), printed) << "what is not told is printed";
}

}  // namespace
}  // namespace weft
