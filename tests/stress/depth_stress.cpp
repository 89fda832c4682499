// SPDX-License-Identifier: Apache-2.0
// Long runs of awaits that complete at once, and deep chains, on threads with a stack of 256 KiB: nothing piles up on it.
#include <weft/frames.hpp>
#include <weft/weft.hpp>

#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <utility>
#include <variant>

#include "scale.hpp"
#include "watchdog.hpp"

namespace weft {
namespace {

#if defined(__SANITIZE_THREAD__)
constexpr std::size_t stack_bytes = (256 + 1024) * 1024;  // g++'s ThreadSanitizer keeps its state of a thread on that thread's stack
#else
constexpr std::size_t stack_bytes = 256 * 1024;
#endif

/// Threads that are started while it lives have small stacks, workers among them.
class small_stacks {
 public:
  small_stacks() {
    pthread_getattr_default_np(&before_);
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, stack_bytes);
    pthread_setattr_default_np(&small);
    pthread_attr_destroy(&small);
  }
  ~small_stacks() {
    pthread_setattr_default_np(&before_);
    pthread_attr_destroy(&before_);
  }
  small_stacks(const small_stacks&) = delete;
  small_stacks& operator=(const small_stacks&) = delete;

 private:
  pthread_attr_t before_;
};

std::size_t stack_of_this_thread() {
  pthread_attr_t mine;
  pthread_getattr_np(pthread_self(), &mine);
  std::size_t bytes = 0;
  pthread_attr_getstacksize(&mine, &bytes);
  pthread_attr_destroy(&mine);
  return bytes;
}

/// Two workers with small stacks, and that they have them.
class depth_stress : public testing::Test {
 protected:
  void TearDown() override {
    EXPECT_GT(stack_, 0U);
    EXPECT_LE(stack_, stack_bytes) << "the workers had a larger stack: the run showed nothing of what it is for";
  }

  test::watchdog dog_{"depth_stress"};
  std::atomic<std::size_t> stack_{0};
  small_stacks small_;
  scheduler pool_{{.workers = 2, .on_worker_start = [this](int) { stack_ = stack_of_this_thread(); }}};
  test::watchdog::watched watch_{dog_, pool_};
};

task<std::uint64_t> one() { co_return 1; }

task<std::uint64_t> await_in_a_loop(std::uint64_t rounds) {
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < rounds; ++i) sum += co_await one();
  co_return sum;
}

TEST_F(depth_stress, tasks_that_complete_at_once_are_awaited_in_a_loop) {
  const std::uint64_t rounds = test::scaled(100'000'000, 100'000);
  EXPECT_EQ(sync_wait(pool_, await_in_a_loop(rounds)), rounds);
}

task<std::uint64_t> join_in_a_loop(std::uint64_t rounds) {
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < rounds; ++i) {
    auto both = when_all(one(), one());
    co_await both;
    sum += both.get<0>() + both.get<1>();
  }
  co_return sum;
}

TEST_F(depth_stress, joins_of_tasks_that_complete_at_once_are_awaited_in_a_loop) {
  const std::uint64_t rounds = test::scaled(10'000'000, 50'000);
  EXPECT_EQ(sync_wait(pool_, join_in_a_loop(rounds)), 2 * rounds);
}

/// How a foreign await_suspend says that there is nothing to wait for.
enum class way { returns_false, returns_the_handle, resumes_inside };

template <way Way>
struct at_once {
  bool await_ready() const noexcept { return false; }
  auto await_suspend(std::coroutine_handle<> handle) const {
    if constexpr (Way == way::returns_false) return false;
    if constexpr (Way == way::returns_the_handle) return handle;
    if constexpr (Way == way::resumes_inside) handle.resume();
  }
  int await_resume() const noexcept { return 1; }
};

template <way Way>
task<std::uint64_t> await_foreign_in_a_loop(std::uint64_t rounds) {
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < rounds; ++i) sum += static_cast<std::uint64_t>(co_await at_once<Way>{});
  co_return sum;
}

TEST_F(depth_stress, foreign_awaitables_that_complete_at_once_are_awaited_in_a_loop) {
  const std::uint64_t rounds = test::scaled(5'000'000, 50'000);
  EXPECT_EQ(sync_wait(pool_, await_foreign_in_a_loop<way::returns_false>(rounds)), rounds);
  EXPECT_EQ(sync_wait(pool_, await_foreign_in_a_loop<way::returns_the_handle>(rounds)), rounds);
  EXPECT_EQ(sync_wait(pool_, await_foreign_in_a_loop<way::resumes_inside>(rounds)), rounds);
}

task<std::uint64_t> chain(std::uint64_t depth) {
  if (depth == 0) co_return 0;
  const std::uint64_t below = co_await chain(depth - 1);
  co_return below + 1;
}

task<std::uint64_t> chain_of_joins(std::uint64_t depth) {
  if (depth == 0) co_return 0;
  auto only = when_all(chain_of_joins(depth - 1));
  co_await only;
  co_return only.get<0>() + 1;
}

task<std::uint64_t> chain_of_forks(std::uint64_t depth) {
  if (depth == 0) co_return 0;
  auto only = fork_join<1>(1, [&](std::size_t) { return chain_of_forks(depth - 1); });
  co_await only;
  co_return only[0] + 1;
}

TEST_F(depth_stress, chains_a_million_deep_are_awaited) {
  const std::size_t frames_before = live_frames();
  const std::uint64_t depth = test::scaled(1'000'000, 100'000);
  EXPECT_EQ(sync_wait(pool_, chain(depth)), depth);
  EXPECT_EQ(sync_wait(pool_, chain_of_joins(depth)), depth);
  EXPECT_EQ(sync_wait(pool_, chain_of_forks(depth)), depth);
  pool_.stop();
  EXPECT_EQ(live_frames(), frames_before);
}

struct bottom_reached {};

task<std::uint64_t> failing_chain(std::uint64_t depth) {
  if (depth == 0) throw bottom_reached();
  const std::uint64_t below = co_await failing_chain(depth - 1);
  co_return below + 1;
}

TEST_F(depth_stress, an_exception_climbs_a_deep_chain) {
  const std::uint64_t depth = test::scaled(200'000, 20'000);
  EXPECT_THROW(sync_wait(pool_, failing_chain(depth)), bottom_reached);
}

task<std::uint64_t> waking_chain(std::uint64_t depth) {
  if (depth == 0) {
    co_await yield();
    co_return 0;
  }
  const std::uint64_t below = co_await waking_chain(depth - 1);
  co_return below + 1;
}

TEST_F(depth_stress, a_deep_chain_whose_leaf_suspends_comes_back_through_the_loop) {
  const std::uint64_t depth = test::scaled(1'000'000, 100'000);
  EXPECT_EQ(sync_wait(pool_, waking_chain(depth)), depth);
}

coroutine<int, std::monostate, void> ticks() {
  for (;;) co_yield 1;
}

task<std::uint64_t> sending_chain(coroutine<int, std::monostate, void>& clock, std::uint64_t depth) {
  static_cast<void>(clock.send());
  if (depth == 0) co_return 0;
  const std::uint64_t below = co_await sending_chain(clock, depth - 1);
  static_cast<void>(clock.send());
  co_return below + 1;
}

TEST_F(depth_stress, a_deep_chain_may_run_coroutines_of_its_own_on_the_way) {
  const std::uint64_t depth = test::scaled(1'000'000, 100'000);
  auto clock = ticks();
  EXPECT_EQ(sync_wait(pool_, sending_chain(clock, depth)), depth);
}

coroutine<int, std::monostate, std::uint64_t> yielding_chain(std::uint64_t depth) {
  if (depth == 0) {
    co_yield 1;
    co_return 0;
  }
  const std::uint64_t below = co_await yielding_chain(depth - 1);
  co_return below + 1;
}

TEST_F(depth_stress, a_chain_of_coroutines_is_run_closed_and_dropped) {
  const std::uint64_t depth = test::scaled(1'000'000, 100'000);
  const auto all = [](std::uint64_t levels) -> task<std::uint64_t> {
    auto run = yielding_chain(levels);
    static_cast<void>(run.send());
    const std::uint64_t answer = run.send().returned();
    auto dropped = yielding_chain(levels / 10);  // an exception a level
    static_cast<void>(dropped.send());
    co_return answer;
  };
  EXPECT_EQ(sync_wait(pool_, all(depth)), depth);
}

generator<std::uint64_t> yielding_from_chain(std::uint64_t depth) {
  if (depth > 0)
    co_yield yield_from(yielding_from_chain(depth - 1));
  else
    co_yield 1;
  co_yield 1;
}

TEST_F(depth_stress, a_chain_of_generators_is_run_closed_and_dropped) {
  const std::uint64_t depth = test::scaled(1'000'000, 100'000);
  std::uint64_t steps = 0;
  for (const std::uint64_t one : yielding_from_chain(depth)) steps += one;
  EXPECT_EQ(steps, depth + 2);
  auto dropped = yielding_from_chain(depth / 10);  // an exception a level
  EXPECT_EQ(dropped.next().yielded(), 1U);
}

}  // namespace
}  // namespace weft
