// SPDX-License-Identifier: Apache-2.0
// In steady state nothing is asked of the system: no malloc, no operator new, no mmap, in any of the library's usual moves.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <future>
#include <latch>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "allocations.hpp"
#include "scale.hpp"

namespace weft {
namespace {

task<std::uint64_t> fib(unsigned n) {
  if (n < 2) co_return n;
  auto both = when_all(fib(n - 1), fib(n - 2));
  co_await both;
  co_return both.get<0>() + both.get<1>();
}

task<std::uint64_t> leaves(unsigned depth) {
  if (depth == 0) co_return 1;
  auto all = fork_join<5>(5, [&](std::size_t) { return leaves(depth - 1); });
  co_await all;
  std::uint64_t sum = 0;
  for (const std::uint64_t v : all) sum += v;
  co_return sum;
}

task<int> number(int value) { co_return value; }

task<> count_down(std::atomic<int>& open) {
  open.fetch_sub(1);
  co_return;
}

// Detached tasks have ended before it ends: else the next round finds them on the deque, which then grows.
task<std::uint64_t> spawn_and_join() {
  std::uint64_t sum = 0;
  std::atomic<int> open{200};
  for (int i = 0; i < 200; ++i) {
    auto first = spawn(number(i), {.name = "counted"});
    auto second = spawn(number(1));
    sum += static_cast<std::uint64_t>(co_await std::move(second));
    sum += static_cast<std::uint64_t>(co_await std::move(first));
    spawn_detached(count_down(open));
  }
  while (open.load() != 0) co_await yield();
  co_return sum;
}

task<std::uint64_t> yields() {
  for (int i = 0; i < 500; ++i) co_await yield();
  co_return 500;
}

task<std::uint64_t> sleeps_under_deadlines() {
  std::uint64_t sum = 0;
  for (int i = 0; i < 20; ++i) {
    sum += static_cast<std::uint64_t>(co_await timeout(std::chrono::hours(1), number(2)));
    co_await timeout(std::chrono::hours(1), sleep_for(std::chrono::nanoseconds(i * 50)));
    ++sum;
  }
  co_return sum;
}

coroutine<int, int, std::uint64_t> asks(int depth, int questions) {
  std::uint64_t sum = 0;
  if (depth > 0) co_return co_await asks(depth - 1, questions);
  for (int i = 0; i < questions; ++i) sum += static_cast<std::uint64_t>(co_yield i);
  co_return sum;
}

generator<int> down_from(int depth) {
  co_yield depth;
  if (depth > 0) co_yield yield_from(down_from(depth - 1));
}

task<std::uint64_t> sums_generators(int times) {
  std::uint64_t sum = 0;
  for (int i = 0; i < times; ++i)
    for (const int value : down_from(9)) sum += static_cast<std::uint64_t>(value);
  co_return sum;
}

task<std::uint64_t> moves(scheduler& here, scheduler& other) {
  std::uint64_t sum = 0;
  for (int i = 0; i < 10; ++i) {
    co_await resume_on(other);
    co_await resume_on(here);
    sum += static_cast<std::uint64_t>(co_await on(other, number(1)));
  }
  co_return sum;
}

task<std::uint64_t> scopes(std::optional<int> limit) {
  std::uint64_t sum = 0;
  const auto body = [](scope& s) -> task<std::uint64_t> {
    auto one = s.spawn(number(1), {.name = "one"});
    for (int i = 0; i < 9; ++i) s.spawn(number(i));
    co_return static_cast<std::uint64_t>(co_await std::move(one));
  };
  const auto takes = [](scope_of<int>& s) -> task<std::uint64_t> {
    for (int i = 0; i < 5; ++i) s.spawn(number(1));
    std::uint64_t taken = 0;
    while (const std::optional<int> r = co_await s.next()) taken += static_cast<std::uint64_t>(*r);
    co_return taken;
  };
  for (int i = 0; i < 20; ++i) {
    sum += co_await with_scope(body, {.max_concurrency = limit});
    sum += co_await with_scope<int>(takes, {.max_concurrency = limit});
    auto first = co_await when_any(number(1), number(1));
    sum += first.index() < 2 ? 1U : 0U;
  }
  co_return sum;
}

// More blocks of every class than a thread keeps, taken and given back.
void take_and_give_back() {
  constexpr std::size_t count = 3 * detail::list_limit;
  std::vector<void*> blocks(count);
  for (std::size_t bytes = detail::line_bytes; bytes <= detail::small_bytes; bytes += detail::line_bytes) {
    for (void*& b : blocks) b = detail::allocate_frame(bytes);
    for (void* b : blocks) detail::release_frame(b, bytes);
  }
}

task<> fill_this_worker(std::latch& all_workers) {
  all_workers.arrive_and_wait();  // so that each worker has one of these tasks
  take_and_give_back();
  co_return;
}

// Threads keep free frames. Until all keep as many as they may, one that takes frames and gives none needs new ones.
void fill_all_workers(scheduler& pool) {
  std::latch all_workers(pool.workers());
  std::vector<std::future<void>> filled;
  for (int i = 0; i < pool.workers(); ++i) filled.push_back(spawn_future(pool, fill_this_worker(all_workers)));
  for (auto& f : filled) f.get();
  take_and_give_back();
}

/// By number of workers.
class steady_state_stress : public testing::TestWithParam<int> {
 protected:
  /// Repeats `once` until it has asked for nothing for a while, which must come to pass, and then again.
  template <class F>
  void expect_no_allocations(F once, std::uint64_t expected) {
    constexpr int calm_rounds = 100;
    constexpr int most_rounds = 20'000;
    fill_all_workers(pool_);
    int calm = 0;
    for (int round = 0; calm < calm_rounds && round < most_rounds; ++round) {
      const auto before = test::allocations();
      ASSERT_EQ(once(), expected);
      calm = test::allocations() == before ? calm + 1 : 0;
    }
    ASSERT_EQ(calm, calm_rounds) << "no steady state was reached";

    const std::uint64_t rounds = test::scaled(200, 10);
    const auto before = test::allocations();
    for (std::uint64_t i = 0; i < rounds; ++i) ASSERT_EQ(once(), expected);
    const auto after = test::allocations();
    EXPECT_EQ(after.heap, before.heap);
    EXPECT_EQ(after.mappings, before.mappings);
  }

  scheduler pool_{{.workers = GetParam()}};
};

TEST_P(steady_state_stress, counting_sees_what_the_heap_and_the_system_are_asked_for) {
  const auto before = test::allocations();
  delete new std::uint64_t(1);
  std::free(std::malloc(1));
  void* const page = ::mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  const auto after = test::allocations();

  ASSERT_NE(page, MAP_FAILED);
  ::munmap(page, 4096);
  EXPECT_GE(after.heap, before.heap + 1);
  EXPECT_EQ(after.mappings, before.mappings + 1);
}

TEST_P(steady_state_stress, fork_and_join) {
  expect_no_allocations([&] { return sync_wait(pool_, fib(18)); }, 2584);
}

TEST_P(steady_state_stress, bounded_fork_join) {
  expect_no_allocations([&] { return sync_wait(pool_, leaves(5)); }, 3125);
}

TEST_P(steady_state_stress, spawn_and_join) {
  expect_no_allocations([&] { return sync_wait(pool_, spawn_and_join()); }, 200 * 199 / 2 + 200);
}

TEST_P(steady_state_stress, yield) {
  expect_no_allocations([&] { return sync_wait(pool_, yields()); }, 500);
}

TEST_P(steady_state_stress, sleeps_and_deadlines) {
  expect_no_allocations([&] { return sync_wait(pool_, sleeps_under_deadlines()); }, 60);
}

TEST_P(steady_state_stress, moving_between_schedulers) {
  scheduler other{{.workers = 1}};
  fill_all_workers(other);
  expect_no_allocations([&] { return sync_wait(pool_, moves(pool_, other)); }, 10);
}

TEST_P(steady_state_stress, coroutines_driven_by_tasks) {
  expect_no_allocations([&] { return sync_wait(pool_, drive(asks(3, 100), [](int value) { return number(value); })); }, 4950);
}

TEST_P(steady_state_stress, generators_in_tasks) {
  expect_no_allocations([&] { return sync_wait(pool_, sums_generators(20)); }, 900);
}

TEST_P(steady_state_stress, scopes_and_races) {
  expect_no_allocations([&] { return sync_wait(pool_, scopes(std::nullopt)) + sync_wait(pool_, scopes(2)); }, 280);
}

TEST_P(steady_state_stress, waiting_from_a_foreign_thread) {
  expect_no_allocations(
      [&] {
        int sum = 0;
        for (int i = 0; i < 50; ++i) sum += sync_wait(pool_, number(2));
        return static_cast<std::uint64_t>(sum);
      },
      100);
}

INSTANTIATE_TEST_SUITE_P(workers, steady_state_stress, testing::Values(1, 2, 4), [](const auto& run) { return std::to_string(run.param); });

}  // namespace
}  // namespace weft
