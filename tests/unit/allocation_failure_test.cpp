// SPDX-License-Identifier: Apache-2.0
// Memory that fails at each point of a public call: std::bad_alloc, nothing taken, nothing left over, and the next call works.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <future>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "balanced.hpp"
#include "failing_new.hpp"
#include "gate.hpp"
#include "small_tasks.hpp"
#include "watchdog.hpp"

namespace weft {
namespace {

using test::counted;
using test::failing_new;
using test::increments;
using test::number;
using test::object;

class allocation_failure_test : public test::balanced {};

// Calls with the first, the second, .. allocation of this thread failing, until none fails any more. Answers how many failed.
template <class Call, class Check>
int fail_each_allocation(Call call, Check check) {
  for (int n = 0;; ++n) {
    bool failed = false, threw = false;
    try {
      const failing_new memory(n);
      call();
      failed = failing_new::stop();
    } catch (const std::bad_alloc&) {
      failed = threw = true;
    }
    if (!failed) return n;
    EXPECT_TRUE(threw) << "allocation " << n << " failed without a word";
    check();
    if (n > 1000) return n;
  }
}

// Workers that have started and not ended.
std::atomic<int> workers_up{0};

scheduler_options counted_workers(int workers) {
  scheduler_options options{.workers = workers, .name = "a name too long to be kept inside a string"};
  options.on_worker_start = [](int) { ++workers_up; };
  options.on_worker_stop = [](int) { --workers_up; };
  return options;
}

TEST_F(allocation_failure_test, a_scheduler_is_made_whole_or_not_at_all) {
  const auto make = [] { const scheduler pool(counted_workers(4)); };

  const int failed = fail_each_allocation(make, [] { EXPECT_EQ(workers_up, 0); });

  EXPECT_GE(failed, 4) << "each worker needs memory";
}

TEST_F(allocation_failure_test, run_starts_whole_or_keeps_the_task) {
  task<int> t = number(4);
  int result = 0;

  fail_each_allocation([&] { result = run(std::move(t), counted_workers(2)); },
                       [&] {
                         EXPECT_FALSE(t.is_empty());  // NOLINT: that it is still there is the question
                         EXPECT_EQ(workers_up, 0);
                       });

  EXPECT_EQ(result, 4);
}

TEST_F(allocation_failure_test, spawn_future_takes_the_task_or_keeps_it) {
  scheduler pool{{.workers = 1}};
  task<int> t = number(5);
  std::future<int> future;

  const int failed =
      fail_each_allocation([&] { future = spawn_future(pool, std::move(t)); }, [&] { EXPECT_FALSE(t.is_empty()); });  // NOLINT

  EXPECT_GE(failed, 1) << "a promise needs memory";
  EXPECT_EQ(future.get(), 5);
  EXPECT_EQ(pool.stop().abandoned, 0U);
}

TEST_F(allocation_failure_test, spawn_and_sync_wait_need_no_heap) {
  scheduler pool{{.workers = 1}};
  const failing_new no_memory(0);

  EXPECT_EQ(sync_wait(pool, number(6)), 6);
  auto handle = spawn(pool, number(7), {.name = "a name that is longer than a string keeps inside"});
  EXPECT_FALSE(failing_new::stop());
}

TEST_F(allocation_failure_test, metrics_are_whole_or_not_at_all) {
  scheduler pool{{.workers = 3}};
  scheduler_metrics seen;

  fail_each_allocation([&] { seen = pool.metrics(); }, [&] { EXPECT_TRUE(seen.workers.empty()); });

  EXPECT_EQ(seen.workers.size(), 3U);
}

TEST_F(allocation_failure_test, the_machine_is_described_wholly_or_not_at_all) {
  const machine found = describe_machine();
  machine again;

  const int failed = fail_each_allocation([&] { again = describe_machine(); }, [&] { EXPECT_TRUE(again.numa_nodes.empty()); });

  EXPECT_GE(failed, 1);
  EXPECT_EQ(again.cpu_model, found.cpu_model);
  EXPECT_EQ(again.default_workers, found.default_workers);
  EXPECT_EQ(again.quota_cpus, found.quota_cpus);
  EXPECT_EQ(again.remarks, found.remarks);
}

// --- joins over a vector, on a worker ---

std::vector<task<counted>> objects(long count) {
  std::vector<task<counted>> all;
  for (long i = 0; i < count; ++i) all.push_back(object(i));
  return all;
}

// One worker: children run between the arming and the disarming, and on the same thread.
task<bool> join_with(long allocations, bool ready) {
  std::vector<task<counted>> tasks = objects(5);
  bool threw = false;
  try {
    if (ready) {
      auto join = when_all_ready(std::move(tasks));
      const failing_new memory(allocations);
      const auto outcomes = co_await join;
      EXPECT_EQ(outcomes.size(), 5U);
    } else {
      auto join = when_all(std::move(tasks));
      const failing_new memory(allocations);
      const auto values = co_await join;
      EXPECT_EQ(values.size(), 5U);
    }
  } catch (const std::bad_alloc&) {
    threw = true;
  }
  EXPECT_EQ(counted::live(), 0);
  co_return threw;
}

TEST_F(allocation_failure_test, a_join_over_a_vector_gives_all_or_throws_and_loses_nothing) {
  for (const bool ready : {false, true}) {
    scheduler pool{{.workers = 1}};
    long allocations = 0;
    while (sync_wait(pool, join_with(allocations, ready))) ASSERT_LE(++allocations, 100);
    EXPECT_GE(allocations, 2) << "the slots and the results need memory";
  }
}

task<bool> fork_with(long allocations) {
  bool threw = false;
  try {
    auto join = fork_join(5, [](std::size_t i) { return object(static_cast<long>(i)); });
    const failing_new memory(allocations);
    const auto values = co_await join;
    EXPECT_EQ(values.size(), 5U);
  } catch (const std::bad_alloc&) {
    threw = true;
  }
  EXPECT_EQ(counted::live(), 0);
  co_return threw;
}

TEST_F(allocation_failure_test, a_fork_join_without_a_bound_gives_all_or_throws_and_loses_nothing) {
  scheduler pool{{.workers = 1}};
  long allocations = 0;
  while (sync_wait(pool, fork_with(allocations))) ASSERT_LE(++allocations, 100);
  EXPECT_GE(allocations, 3);
}

// Awaits a join of `make()` with `allocations`, and once more if that throws. What the second await gave.
enum class second_try { not_needed, all_results, refused };
template <class Make>
task<second_try> await_twice(Make make, std::size_t count, long allocations) {
  auto join = make();
  try {
    const failing_new memory(allocations);
    const auto values = co_await join;
    EXPECT_EQ(values.size(), count);
    co_return second_try::not_needed;
  } catch (const std::bad_alloc&) {
  }
  try {
    const auto values = co_await join;
    EXPECT_EQ(values.size(), count);
    for (std::size_t i = 0; i < values.size(); ++i) EXPECT_EQ(values[i], static_cast<int>(i));
    co_return second_try::all_results;
  } catch (const usage_error& e) {
    EXPECT_NE(std::string(e.what()).find("it was awaited before"), std::string::npos) << e.what();
    co_return second_try::refused;
  }
}

// The first allocations are for the tasks and the slots: then no child has started. The last is for the results.
template <class Make>
void expect_repeatable(Make make, std::size_t count, long before_the_start) {
  scheduler pool{{.workers = 1}};
  long n = 0;
  for (; n < before_the_start; ++n) EXPECT_EQ(sync_wait(pool, await_twice(make, count, n)), second_try::all_results) << n;
  while (sync_wait(pool, await_twice(make, count, n)) == second_try::refused) ASSERT_LE(++n, 100);
  EXPECT_GT(n, before_the_start) << "the results need memory";
}

TEST_F(allocation_failure_test, a_range_join_can_be_awaited_again_after_bad_alloc) {
  const std::size_t two_chunks = detail::chunk_of<int>::most + 10;
  const auto numbers = [](std::size_t count) {
    std::vector<task<int>> all;
    for (std::size_t i = 0; i < count; ++i) all.push_back(number(static_cast<int>(i)));
    return all;
  };
  const auto made = [](std::size_t i) { return number(static_cast<int>(i)); };

  expect_repeatable([&] { return when_all(numbers(5)); }, 5, 2);
  expect_repeatable([&] { return when_all(numbers(two_chunks)); }, two_chunks, 3);
  expect_repeatable([&] { return fork_join(5, made); }, 5, 3);
  expect_repeatable([&] { return fork_join(two_chunks, made); }, two_chunks, 4);
}

// --- failures of children ---

task<counted> fails() {
  throw std::runtime_error("failed");
  co_return counted();
}
task<bool> fail_with(long allocations) {
  bool out_of_memory = false;
  try {
    auto join = when_all(object(1), fails(), fails(), object(2));
    const failing_new memory(allocations);
    co_await join;
    ADD_FAILURE() << "nothing was thrown";
  } catch (const std::bad_alloc&) {
    out_of_memory = true;
  } catch (const exception_group& group) {
    EXPECT_EQ(group.failures().size(), 2U);
  }
  EXPECT_EQ(counted::live(), 0);
  co_return out_of_memory;
}

TEST_F(allocation_failure_test, failures_that_find_no_memory_for_a_group_leave_nothing_behind) {
  scheduler pool{{.workers = 1}};
  long allocations = 0;
  while (sync_wait(pool, fail_with(allocations))) ASSERT_LE(++allocations, 100);
}

// The exception is made while there is memory; the thrown copy shares its text.
task<> fails_without_memory(std::runtime_error failure) {
  test::allocations_left = 0;
  throw failure;
  co_return;
}
task<> has_memory_again() {
  failing_new::stop();
  co_return;
}

TEST_F(allocation_failure_test, a_detached_failure_is_printed_without_memory) {
  scheduler pool{{.workers = 1}};
  testing::internal::CaptureStderr();
  spawn_detached(pool, fails_without_memory(std::runtime_error("a text too long to be kept inside a string")), {.name = "f"});
  sync_wait(pool, has_memory_again());

  EXPECT_EQ(testing::internal::GetCapturedStderr(), "weft: detached task f failed: a text too long to be kept inside a string\n");
}

// --- deques that cannot grow ---

task<> forks_many_without_memory(int& counter) {
  const failing_new no_memory(0);
  auto join = fork_join<400>(400, [&](std::size_t) { return increments(counter); });
  co_await join;
  EXPECT_EQ(counter, 400);
  for (int i = 0; i < 400; ++i) spawn_detached(increments(counter));
}

TEST_F(allocation_failure_test, what_does_not_fit_a_deque_that_cannot_grow_runs_all_the_same) {
  int counter = 0;
  scheduler pool{{.workers = 1}};
  sync_wait(pool, forks_many_without_memory(counter));
  pool.stop();
  EXPECT_EQ(counter, 800);
}

task<> waits(test::gate& gate, int& counter) {
  co_await gate;
  ++counter;
}
task<> opens_without_memory(test::gate& gate) {
  const failing_new no_memory(0);
  gate.open();
  co_return;
}

TEST_F(allocation_failure_test, what_is_made_ready_in_numbers_runs_though_the_deque_cannot_grow) {
  test::gate gate;
  int counter = 0;
  scheduler pool{{.workers = 1}};
  for (int i = 0; i < 600; ++i) spawn_detached(pool, waits(gate, counter));
  gate.wait_for_arrivals(600);
  sync_wait(pool, opens_without_memory(gate));
  pool.stop();
  EXPECT_EQ(counter, 600);
}

// --- stop ---

task<> waits(test::gate& gate) { co_await gate; }

// Not balanced: what is abandoned stays. Whatever fails, the scheduler ends, counts them, and says the same again.
TEST(stop_without_memory, ends_and_counts_what_it_abandons) {
  for (int allocations = 0;; ++allocations) {
    test::gate gate;
    bool failed = false;
    testing::internal::CaptureStderr();
    {
      scheduler pool(counted_workers(1));
      spawn_detached(pool, waits(gate), {.name = "one whose name is no short string"});
      spawn_detached(pool, waits(gate), {.name = "two whose name is no short string"});
      gate.wait_for_arrivals(2);
      stop_report report;
      {
        const failing_new memory(allocations);
        report = pool.stop({.drain_for = std::chrono::nanoseconds(0)});
        failed = failing_new::stop();
      }
      EXPECT_EQ(report.abandoned, 2U);
      EXPECT_EQ(report.left.size(), failed ? 0U : 2U) << allocations;
      EXPECT_EQ(workers_up, 0);
      const stop_report again = pool.stop();
      EXPECT_EQ(again.abandoned, 2U);
      EXPECT_EQ(again.left.size(), report.left.size());
    }
    const std::string printed = testing::internal::GetCapturedStderr();
    EXPECT_NE(printed.find(" stopped with 2 unfinished tasks, abandoned:\n"), std::string::npos) << printed;
    gate.open();  // too late, and harmless
    if (!failed) {
      // ThreadSanitizer keeps the library to an operator new of its own, which does not fail.
      EXPECT_GE(allocations, test::under_tsan ? 0 : 3) << "names and their list need memory";
      return;
    }
  }
}

}  // namespace
}  // namespace weft
