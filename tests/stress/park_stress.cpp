// SPDX-License-Identifier: Apache-2.0
// Ten million sleeps, each ended by the one wake that is meant for it, and a hundred thousand wakes of workers as they lie down.
#include "scheduler/parker.hpp"

#include <weft/weft.hpp>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdint>
#include <cstdio>
#include <string>
#include <thread>

#include "scale.hpp"
#include "seed.hpp"
#include "watchdog.hpp"

namespace weft {
namespace {

using sched::parker;

/// Times that this thread has gone to sleep in the kernel.
std::uint64_t naps() {
  rusage used{};
  ::getrusage(RUSAGE_THREAD, &used);
  return static_cast<std::uint64_t>(used.ru_nvcsw);
}

/// One of two players: each sleeps until the other has had its turn. `turns` belongs to whoever is awake.
struct player {
  parker& mine;
  parker& theirs;
  std::uint64_t& turns;

  /// Sleeps for good, or `timed`: for moments at most, again and again until it is woken.
  void wait(bool timed, test::random_source& random) const {
    while (!mine.sleep(timed ? static_cast<std::int64_t>(random.below(20'000)) : -1)) {
    }
  }
  void play(std::uint64_t rounds, bool timed, std::uint64_t stream, test::watchdog& dog) const {
    test::random_source random(stream);
    for (std::uint64_t i = 0; i < rounds; ++i) {
      wait(timed, random);
      ++turns;
      if (i % 4096 == 0) dog.beat();
      theirs.wake();
    }
  }
};

/// With and without a timeout; the default scale makes 10^7 sleeps of the two.
class park_stress : public testing::TestWithParam<bool> {};

TEST_P(park_stress, two_threads_alternate_and_every_wake_ends_one_sleep) {
  test::watchdog dog("alternating");
  const std::uint64_t rounds = test::scaled(2'500'000, 5'000);
  const bool timed = GetParam();
  parker left, right;
  std::uint64_t turns = 0;

  const std::uint64_t before = naps();
  std::thread other([&] { player{right, left, turns}.play(rounds, timed, 1, dog); });
  left.wake();
  player{left, right, turns}.play(rounds, timed, 2, dog);
  other.join();

  const std::uint64_t slept = naps() - before;
  std::printf("%llu sleeps, of which this thread's %llu in the kernel\n", static_cast<unsigned long long>(2 * rounds),
              static_cast<unsigned long long>(slept));
  EXPECT_EQ(turns, 2 * rounds);
  EXPECT_TRUE(left.sleep(0)) << "the last wake of all was for nobody";
  EXPECT_FALSE(left.take_wake());
  EXPECT_FALSE(right.take_wake());
  EXPECT_GE(slept, rounds / 100) << "nobody slept: the run showed nothing of what it is for";
}

INSTANTIATE_TEST_SUITE_P(sleeping, park_stress, testing::Bool(),
                         [](const auto& run) { return std::string(run.param ? "for_a_moment" : "for_good"); });

task<int> answer(int value) { co_return value; }

/// By number of workers; the default scale makes 10^5 rounds of the two.
class worker_park_stress : public testing::TestWithParam<int> {};

TEST_P(worker_park_stress, a_task_arrives_as_a_worker_lies_down) {
  test::watchdog dog("waking who lies down");
  const std::uint64_t rounds = test::scaled(50'000, 500);
  scheduler pool{{.workers = GetParam()}};
  const test::watchdog::watched watch(dog, pool);
  test::random_source random(3);
  const auto parks = [&] { return pool.metrics().total().parks; };

  // A park is counted before it is announced, so the task comes before, in or after each of its steps.
  std::uint64_t seen = 0;
  std::uint64_t right = 0;
  for (std::uint64_t i = 0; i < rounds; ++i) {
    while (parks() == seen) std::this_thread::yield();
    seen = parks();
    for (std::uint64_t step = random.below(300); step > 0; --step) asm volatile("");
    if (sync_wait(pool, answer(7)) == 7) ++right;
  }

  EXPECT_EQ(right, rounds);
  EXPECT_GE(parks(), rounds) << "each round waits for a worker to lie down once more";
}

INSTANTIATE_TEST_SUITE_P(workers, worker_park_stress, testing::Values(1, 3), [](const auto& run) { return std::to_string(run.param); });

}  // namespace
}  // namespace weft
