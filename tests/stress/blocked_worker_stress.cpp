// SPDX-License-Identifier: Apache-2.0
// A task blocks its worker until a task that it forked itself has run: somebody else has to come and take that one.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <latch>
#include <thread>
#include <utility>

#include "scale.hpp"
#include "watchdog.hpp"

namespace weft {
namespace {

task<> block(std::latch& opened) {
  opened.wait();
  co_return;
}

task<> open(std::latch& closed) {
  closed.count_down();
  co_return;
}

// The first child of a join runs at once; the second lies on the deque of the worker that the first one blocks.
task<> block_in_when_all() {
  std::latch latch(1);
  auto both = when_all(block(latch), open(latch));
  co_await both;
}

task<> block_in_fork_join() {
  std::latch latch(3);
  auto all = fork_join<4>(4, [&](std::size_t i) { return i == 0 ? block(latch) : open(latch); });
  co_await all;
}

// The spawner itself blocks.
task<> block_after_spawn() {
  std::latch latch(1);
  auto opener = spawn(open(latch));
  latch.wait();
  co_await std::move(opener);
}

task<> block_with_all_forms(std::uint64_t rounds, test::watchdog& dog) {
  for (std::uint64_t i = 0; i < rounds; ++i) {
    co_await block_in_when_all();
    co_await block_in_fork_join();
    co_await block_after_spawn();
    dog.beat();
  }
}

class blocked_worker_stress : public testing::TestWithParam<int> {};

TEST_P(blocked_worker_stress, the_child_that_unblocks_is_taken_by_somebody_else) {
  test::watchdog dog("blocked worker");
  const std::uint64_t rounds = test::scaled(10'000, 100);
  scheduler pool{{.workers = GetParam()}};
  const test::watchdog::watched watch(dog, pool);

  sync_wait(pool, block_with_all_forms(rounds, dog));

  EXPECT_GE(pool.metrics().total().tasks_stolen, 3 * rounds);
}

// Each time the others have gone to sleep before, so that the fork itself has to wake one.
TEST_P(blocked_worker_stress, a_sleeper_is_woken_for_it) {
  test::watchdog dog("blocked worker, others asleep");
  const std::uint64_t rounds = test::scaled(2'000, 50);
  const auto workers = static_cast<std::uint64_t>(GetParam());
  scheduler pool{{.workers = GetParam()}};
  const test::watchdog::watched watch(dog, pool);

  while (pool.metrics().total().parks < workers) std::this_thread::yield();
  for (std::uint64_t i = 0; i < rounds; ++i) {
    const std::uint64_t before = pool.metrics().total().parks;
    sync_wait(pool, block_in_when_all());
    while (pool.metrics().total().parks < before + 2) std::this_thread::yield();  // two got up at least
  }

  EXPECT_GE(pool.metrics().total().tasks_stolen, rounds);
}

INSTANTIATE_TEST_SUITE_P(workers, blocked_worker_stress, testing::Values(2, 4), [](const auto& run) { return std::to_string(run.param); });

}  // namespace
}  // namespace weft
