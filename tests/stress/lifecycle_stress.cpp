// SPDX-License-Identifier: Apache-2.0
// Ten thousand schedulers, one after the other and several at once, idle and under load: threads, files and frames are back
// where they were.
#include <weft/frames.hpp>
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <thread>
#include <utility>
#include <vector>

#include "scale.hpp"
#include "seed.hpp"
#include "watchdog.hpp"

namespace weft {
namespace {

std::size_t entries(const char* folder) {
  const std::filesystem::directory_iterator all(folder);
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// What a process has that schedulers take.
struct holdings {
  std::size_t threads = entries("/proc/self/task");
  std::size_t files = entries("/proc/self/fd");
  std::size_t frames = live_frames();
};

void expect_back(const holdings& before) {
  // A joined thread may stand in /proc for a moment longer.
  while (entries("/proc/self/task") > before.threads) std::this_thread::yield();
  const holdings now;
  EXPECT_EQ(now.threads, before.threads);
  EXPECT_EQ(now.files, before.files);
  EXPECT_EQ(now.frames, before.frames);
}

task<> tree(int depth, std::atomic<std::uint64_t>& leaves) {
  if (depth == 0) {
    leaves.fetch_add(1, std::memory_order_relaxed);
    co_return;
  }
  if (depth == 3) co_await yield();
  auto both = when_all(tree(depth - 1, leaves), tree(depth - 1, leaves));
  co_await both;
}

TEST(lifecycle_stress, idle_schedulers_come_and_go) {
  test::watchdog dog("idle schedulers");
  const holdings before;
  const std::uint64_t rounds = test::scaled(6'000, 50);
  for (std::uint64_t i = 0; i < rounds; ++i) {
    scheduler pool{{.workers = static_cast<int>(i % 4) + 1}};
    dog.beat();
  }
  expect_back(before);
}

TEST(lifecycle_stress, schedulers_are_destroyed_as_their_tasks_run) {
  test::watchdog dog("destroyed under load");
  const holdings before;
  const std::uint64_t rounds = test::scaled(3'000, 30);
  test::random_source random(0);
  std::atomic<std::uint64_t> leaves{0};
  std::uint64_t expected = 0;
  for (std::uint64_t i = 0; i < rounds; ++i) {
    scheduler pool{{.workers = static_cast<int>(random.below(4)) + 1}};
    for (std::uint64_t roots = random.below(20); roots != 0; --roots) {
      const int depth = static_cast<int>(random.below(9));
      expected += std::uint64_t{1} << depth;
      spawn_detached(pool, tree(depth, leaves));
    }
    dog.beat();
  }
  EXPECT_EQ(leaves, expected);
  expect_back(before);
}

TEST(lifecycle_stress, several_schedulers_live_and_die_at_once) {
  test::watchdog dog("several at once");
  const holdings before;
  constexpr int makers = 4;
  const std::uint64_t rounds = test::scaled(250, 5);
  std::atomic<std::uint64_t> leaves{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < makers; ++t)
    threads.emplace_back([&, t] {
      for (std::uint64_t i = 0; i < rounds; ++i) {
        scheduler one{{.workers = t % 2 + 1}};
        scheduler other{{.workers = 2}};
        spawn_detached(one, tree(6, leaves));
        sync_wait(other, tree(6, leaves));
        dog.beat();
      }
    });
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(leaves, makers * rounds * 2 * 64);
  expect_back(before);
}

TEST(lifecycle_stress, the_calling_thread_is_a_worker_again_and_again) {
  test::watchdog dog("run");
  const holdings before;
  const std::uint64_t rounds = test::scaled(1'000, 10);
  std::atomic<std::uint64_t> leaves{0};
  for (std::uint64_t i = 0; i < rounds; ++i) {
    run(tree(5, leaves), {.workers = static_cast<int>(i % 3) + 1});
    dog.beat();
  }
  EXPECT_EQ(leaves, rounds * 32);
  expect_back(before);
}

}  // namespace
}  // namespace weft
