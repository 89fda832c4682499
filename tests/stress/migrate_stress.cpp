// SPDX-License-Identifier: Apache-2.0
// Tasks that move between three schedulers at random, alone and inside joins: every one wakes where the rules say its home is.
#include <weft/frames.hpp>
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "scale.hpp"
#include "seed.hpp"
#include "watchdog.hpp"

namespace weft {
namespace {

/// Three schedulers, and what has been seen on them.
struct world {
  std::array<scheduler*, 3> pools;
  std::atomic<std::uint64_t> steps{0};
  std::atomic<std::uint64_t> wrong{0};

  /// Which of them this thread works for. Not inlined: a compiler may keep the address of a thread's variable from before a
  /// suspension.
  [[nodiscard, gnu::noinline]] std::size_t here() const noexcept {
    for (std::size_t i = 0; i < pools.size(); ++i)
      if (detail::scheduler_access::arena_of(*pools[i]) == detail::current_worker().home) return i;
    return pools.size();
  }
  void expect_at(std::size_t place) noexcept {
    steps.fetch_add(1, std::memory_order_relaxed);
    if (here() != place) wrong.fetch_add(1, std::memory_order_relaxed);
  }
};

/// Ends at the place that it returns.
task<std::size_t> wander(world& w, std::uint64_t seed, unsigned depth);

task<> wander_in_join(world& w, std::uint64_t seed, unsigned depth) {
  const std::size_t end = co_await wander(w, seed, depth);
  w.expect_at(end);
}

// A join resumes at its home, wherever its children end.
task<> join(world& w, std::uint64_t seed, unsigned depth) {
  const std::size_t home = w.here();
  auto both = when_all(wander(w, seed, depth), wander_in_join(w, seed + 1, depth));
  co_await both;
  w.expect_at(home);
}

task<> join_one(world& w, std::uint64_t seed, unsigned depth) {
  const std::size_t home = w.here();
  auto only = when_all(wander(w, seed, depth));
  co_await only;
  w.expect_at(home);
}

task<> join_many(world& w, std::uint64_t seed, unsigned depth) {
  const std::size_t home = w.here();
  auto all = fork_join<6>(seed % 7, [&](std::size_t i) { return wander(w, seed + i, depth); });
  co_await all;
  w.expect_at(home);
}

task<> join_vector(world& w, std::uint64_t seed, unsigned depth) {
  const std::size_t home = w.here();
  std::vector<task<>> tasks;
  for (std::size_t i = 0; i < seed % 5; ++i) tasks.push_back(wander_in_join(w, seed + i, depth));
  co_await when_all(std::move(tasks));
  w.expect_at(home);
}

task<> join_handle_of(world& w, std::uint64_t seed, unsigned depth) {
  const std::size_t home = w.here();
  auto handle = spawn(*w.pools[seed % 3], wander(w, seed, depth));
  static_cast<void>(co_await std::move(handle));
  w.expect_at(home);
}

task<> visit(world& w, std::uint64_t seed, unsigned depth) {
  const std::size_t home = w.here();
  static_cast<void>(co_await on(*w.pools[seed % 3], wander(w, seed, depth)));
  w.expect_at(home);
}

// A chain goes along with the task at its end.
task<> follow(world& w, std::uint64_t seed, unsigned depth) {
  const std::size_t end = co_await wander(w, seed, depth);
  w.expect_at(end);
}

task<> step(world& w, std::uint64_t choice, unsigned depth) {
  switch (choice % 7) {
    case 0: return join(w, choice, depth);
    case 1: return join_one(w, choice, depth);
    case 2: return join_many(w, choice / 7, depth);
    case 3: return join_vector(w, choice / 7, depth);
    case 4: return join_handle_of(w, choice / 7, depth);
    case 5: return visit(w, choice / 7, depth);
    default: return follow(w, choice, depth);
  }
}

task<std::size_t> wander(world& w, std::uint64_t seed, unsigned depth) {
  test::random_source random(seed);
  for (std::uint64_t steps = random.below(3) + 1; steps != 0; --steps) {
    const std::size_t to = random.below(3);
    const std::uint64_t choice = random.next();
    switch (choice % 4) {
      case 0:
        co_await resume_on(*w.pools[to]);
        w.expect_at(to);
        break;
      case 1:
        co_await w.pools[to]->schedule();
        w.expect_at(to);
        break;
      case 2: {
        const std::size_t before = w.here();
        co_await yield();
        w.expect_at(before);
        break;
      }
      default:
        if (depth != 0) co_await step(w, choice / 4, depth - 1);
    }
  }
  co_return w.here();
}

TEST(migrate_stress, every_task_wakes_at_its_home) {
  const std::size_t frames_before = live_frames();
  test::watchdog dog("migrate_stress");
  const std::uint64_t rounds = test::scaled(100'000, 200);
  {
    scheduler one{{.workers = 1}};
    scheduler two{{.workers = 2}};
    scheduler three{{.workers = 3}};
    const test::watchdog::watched watch_one(dog, one);
    const test::watchdog::watched watch_two(dog, two);
    const test::watchdog::watched watch_three(dog, three);
    world w{.pools = {&one, &two, &three}};
    test::random_source random(0);

    for (std::uint64_t i = 0; i < rounds; ++i) static_cast<void>(sync_wait(*w.pools[i % 3], wander(w, random.next(), 5)));

    EXPECT_EQ(w.wrong, 0U);
    EXPECT_GE(w.steps, rounds);
  }
  EXPECT_EQ(live_frames(), frames_before);
}

}  // namespace
}  // namespace weft
