// SPDX-License-Identifier: Apache-2.0
// Stop from several threads while others submit: what was accepted has run, what was refused is still its owner's.
#include <weft/frames.hpp>
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <latch>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "counted.hpp"
#include "scale.hpp"
#include "seed.hpp"
#include "watchdog.hpp"

namespace weft {
namespace {

constexpr int submitters = 4;
constexpr int stoppers = 3;

struct figures {
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> ran{0};
  std::atomic<std::uint64_t> kept{0};  // refused tasks that their owner could still use
};

task<> leaf(test::counted held, figures& f) {
  f.ran.fetch_add(static_cast<std::uint64_t>(held.value), std::memory_order_relaxed);
  co_return;
}

// Accepted tasks may go on spawning, and be counted as one task.
task<> work(test::counted held, figures& f, std::uint64_t choice) {
  if (choice % 4 == 0) co_await yield();
  if (choice % 8 < 3) {
    auto child = spawn(leaf(test::counted(0), f));
    co_await std::move(child);
  } else if (choice % 8 == 3) {
    auto both = when_all(leaf(test::counted(0), f), leaf(test::counted(0), f));
    co_await both;
  }
  f.ran.fetch_add(static_cast<std::uint64_t>(held.value), std::memory_order_relaxed);
}

// Submits until it is refused, by any of the calls.
void submit_until_refused(scheduler& pool, figures& f, test::random_source random) {
  for (;;) {
    auto mine = work(test::counted(1), f, random.next());
    try {
      switch (random.below(3)) {
        case 0: spawn_detached(pool, std::move(mine)); break;
        case 1: static_cast<void>(spawn_future(pool, std::move(mine))); break;
        default: sync_wait(pool, std::move(mine));
      }
      f.accepted.fetch_add(1);
    } catch (const scheduler_stopped&) {
      f.refused.fetch_add(1);
      if (!mine.is_empty()) f.kept.fetch_add(1);
      return;
    }
  }
}

// Returns whether all callers of stop got the same report.
bool stop_under_load(scheduler& pool, figures& f, std::uint64_t round) {
  std::vector<std::thread> threads;
  std::vector<stop_report> reports(stoppers);
  std::latch start(submitters + stoppers);
  for (int t = 0; t < submitters; ++t)
    threads.emplace_back([&, t] {
      start.arrive_and_wait();
      submit_until_refused(pool, f, test::random_source(round * submitters + static_cast<std::uint64_t>(t)));
    });
  for (int t = 0; t < stoppers; ++t)
    threads.emplace_back([&, t] {
      start.arrive_and_wait();
      while (f.accepted.load() < round % 100) std::this_thread::yield();
      reports[static_cast<std::size_t>(t)] = pool.stop();
    });
  for (std::thread& t : threads) t.join();

  bool same = true;
  for (const stop_report& r : reports)
    same = same && r.drained == reports[0].drained && r.abandoned == 0 && r.left.empty() && r.destroyed == 0;
  return same;
}

TEST(stop_stress, what_is_accepted_runs_and_what_is_refused_is_handed_back) {
  const std::size_t frames_before = live_frames();
  test::watchdog dog("stop_stress");
  const std::uint64_t rounds = test::scaled(10'000, 50);
  std::uint64_t accepted = 0;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    figures f;
    {
      scheduler pool{{.workers = static_cast<int>(round % 4) + 1}};
      EXPECT_TRUE(stop_under_load(pool, f, round)) << "round " << round;
      EXPECT_EQ(pool.metrics().roots_live, 0U);
    }
    ASSERT_EQ(f.ran, f.accepted) << "round " << round;
    ASSERT_EQ(f.refused, static_cast<std::uint64_t>(submitters));
    ASSERT_EQ(f.kept, f.refused);
    accepted += f.accepted;
    dog.beat();
  }

  EXPECT_GE(accepted, rounds);
  EXPECT_EQ(test::counted::live(), 0);
  EXPECT_EQ(live_frames(), frames_before);
}

}  // namespace
}  // namespace weft
