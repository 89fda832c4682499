// SPDX-License-Identifier: Apache-2.0
// A hundred million forked tasks in trees of random shape, on each number of workers: each runs exactly once, and all frames come back.
#include <weft/frames.hpp>
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bitmap.hpp"
#include "scale.hpp"
#include "seed.hpp"
#include "watchdog.hpp"

namespace weft {
namespace {

/// Tasks [first, first + count), of which the node itself is the first.
struct part {
  std::uint64_t first;
  std::uint64_t count;
};

/// The tree of one run; borrowed by all of its tasks.
struct tree {
  test::bitmap& done;
  std::uint64_t salt;

  [[nodiscard]] std::uint64_t choice(std::uint64_t node) const noexcept {
    const std::uint64_t z = (node ^ salt) * 0xbf58476d1ce4e5b9U;
    return z ^ (z >> 29);
  }
};

constexpr std::size_t widest = 9;

part share(part all, std::size_t i, std::size_t of) {
  const std::uint64_t begin = all.count * i / of;
  const std::uint64_t end = all.count * (i + 1) / of;
  return {all.first + begin, end - begin};
}

task<> grow(const tree& t, part p);

task<> two(const tree& t, part rest, std::uint64_t left) {
  auto both = when_all(grow(t, {rest.first, left}), grow(t, {rest.first + left, rest.count - left}));
  co_await both;
}

task<> many(const tree& t, part rest, std::size_t children) {
  auto all = fork_join<widest>(children, [&](std::size_t i) { return grow(t, share(rest, i, children)); });
  co_await all;
}

task<> any_number(const tree& t, part rest, std::size_t children) {
  std::vector<task<>> tasks;
  for (std::size_t i = 0; i < children; ++i) tasks.push_back(grow(t, share(rest, i, children)));
  co_await when_all(std::move(tasks));
}

// Mostly when_all of two, as fib is; now and then another form, an uneven split, a detour through the injection queue.
task<> grow(const tree& t, part p) {
  if (p.count == 0) co_return;
  t.done.mark(p.first);
  const part rest{p.first + 1, p.count - 1};
  if (rest.count == 0) co_return;
  const std::uint64_t choice = t.choice(p.first);
  if (choice % 4096 == 0) co_await yield();
  if (choice % 512 == 1) {
    auto next = any_number(t, rest, choice / 512 % 40);
    if (choice / 512 % 40 == 0) next = two(t, rest, rest.count / 2);
    co_await std::move(next);
  } else if (choice % 8 == 2) {
    auto next = many(t, rest, choice / 8 % widest + 1);
    co_await std::move(next);
  } else {
    const std::uint64_t left = choice % 16 == 3 ? rest.count / 16 : rest.count / 2;
    auto both = when_all(grow(t, {rest.first, left}), grow(t, {rest.first + left, rest.count - left}));
    co_await both;
  }
}

/// By number of workers; the default scale makes 10^8 tasks on each.
class fork_join_stress : public testing::TestWithParam<int> {};

TEST_P(fork_join_stress, every_task_runs_once_and_every_frame_comes_back) {
  const std::size_t frames_before = live_frames();
  test::watchdog dog("fork_join_stress");
  const std::uint64_t total = test::scaled(100'000'000, 10'000);
  constexpr std::uint64_t rounds = 5;
  const std::uint64_t tasks = total / rounds;

  {
    scheduler pool{{.workers = GetParam()}};
    const test::watchdog::watched watch(dog, pool);
    const auto stolen = [&] { return pool.metrics().total().tasks_stolen; };
    // A run in which nobody stole shows nothing of what it is for: then it goes on.
    for (std::uint64_t round = 0; round < rounds || (GetParam() > 1 && stolen() == 0); ++round) {
      test::bitmap done(tasks);
      const tree t{done, test::random_source(round).next()};
      sync_wait(pool, grow(t, {0, tasks}));
      ASSERT_EQ(done.lost(), 0U);
      ASSERT_EQ(done.twice(), 0U);
    }
    if (GetParam() == 1) {
      EXPECT_EQ(stolen(), 0U);
    }
  }

  EXPECT_EQ(live_frames(), frames_before);
}

INSTANTIATE_TEST_SUITE_P(workers, fork_join_stress, testing::Values(1, 2, 4, 16),
                         [](const auto& run) { return std::to_string(run.param); });

}  // namespace
}  // namespace weft
