// SPDX-License-Identifier: Apache-2.0
// Millions of times somebody makes work ready while the other side searches or goes to sleep: a lost wake-up ends in the watchdog.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <coroutine>
#include <cstdint>
#include <cstdio>
#include <thread>
#include <utility>
#include <vector>

#include "scale.hpp"
#include "seed.hpp"
#include "watchdog.hpp"

namespace weft {
namespace {

task<int> answer(int value) { co_return value; }

task<> walk_to_and_fro(scheduler& one, scheduler& other, std::uint64_t rounds) {
  for (std::uint64_t i = 0; i < rounds; ++i) {
    co_await resume_on(other);
    co_await resume_on(one);
  }
}

/// A foreign awaitable: a ball that one of two players holds; whoever waits for it leaves a handle.
class ball {
 public:
  struct awaiter {
    ball& self;
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> handle) const noexcept {
      void* seen = nullptr;
      if (self.state_.compare_exchange_strong(seen, handle.address())) return true;
      self.state_.store(nullptr);  // it was thrown already
      return false;
    }
    void await_resume() const noexcept {}
  };
  awaiter operator co_await() noexcept { return {*this}; }

  /// Hands the ball to whoever waits, or will.
  void hit() noexcept {
    void* seen = nullptr;
    if (state_.compare_exchange_strong(seen, &state_)) return;
    state_.store(nullptr);
    std::coroutine_handle<>::from_address(seen).resume();
  }

 private:
  std::atomic<void*> state_{nullptr};
};

task<> play(ball& mine, ball& theirs, std::uint64_t rounds, std::uint64_t& played) {
  for (std::uint64_t i = 0; i < rounds; ++i) {
    co_await mine;
    ++played;
    theirs.hit();
  }
}

TEST(wake_stress, a_task_walks_between_two_schedulers_that_fall_asleep_behind_it) {
  test::watchdog dog("walking between schedulers");
  const std::uint64_t rounds = test::scaled(600'000, 1'000);
  scheduler one{{.workers = 1}};
  scheduler other{{.workers = 1}};
  const test::watchdog::watched watch_one(dog, one);
  const test::watchdog::watched watch_other(dog, other);

  sync_wait(one, walk_to_and_fro(one, other, rounds));

  const std::uint64_t parks = one.metrics().total().parks + other.metrics().total().parks;
  std::printf("%llu hops, %llu parks\n", static_cast<unsigned long long>(2 * rounds), static_cast<unsigned long long>(parks));
  EXPECT_EQ(other.metrics().total().tasks_run, rounds);
  // How many is the machine's affair: with two free cores the other one is still searching when the task comes. park_stress makes
  // workers sleep in every round.
  EXPECT_GE(parks, 2U) << "the workers never slept: the run showed nothing of what it is for";
}

TEST(wake_stress, two_tasks_hand_a_ball_to_each_other) {
  test::watchdog dog("playing ball");
  const std::uint64_t rounds = test::scaled(3'500'000, 1'000);
  scheduler pool{{.workers = 2}};
  const test::watchdog::watched watch(dog, pool);
  ball left;
  ball right;
  std::uint64_t played_left = 0;
  std::uint64_t played_right = 0;

  auto players = [](ball& l, ball& r, std::uint64_t n, std::uint64_t& by_l, std::uint64_t& by_r) -> task<> {
    auto game = when_all(play(l, r, n, by_l), play(r, l, n, by_r));
    co_await game;
  };
  left.hit();
  sync_wait(pool, players(left, right, rounds, played_left, played_right));

  EXPECT_EQ(played_left, rounds);
  EXPECT_EQ(played_right, rounds);
}

task<> spawn_and_join(std::uint64_t rounds, std::uint64_t& sum) {
  for (std::uint64_t i = 0; i < rounds; ++i) {
    auto first = spawn(answer(1));
    auto second = spawn(answer(2));
    sum += static_cast<std::uint64_t>(co_await std::move(first));
    sum += static_cast<std::uint64_t>(co_await std::move(second));
  }
}

TEST(wake_stress, handles_are_joined_as_their_tasks_end) {
  test::watchdog dog("joining handles");
  const std::uint64_t rounds = test::scaled(500'000, 1'000);
  scheduler pool{{.workers = 3}};
  const test::watchdog::watched watch(dog, pool);
  std::uint64_t sum = 0;

  sync_wait(pool, spawn_and_join(rounds, sum));

  EXPECT_EQ(sum, 3 * rounds);
}

TEST(wake_stress, foreign_threads_and_sleeping_workers_wake_each_other) {
  test::watchdog dog("waking from outside");
  constexpr int threads = 2;
  const std::uint64_t rounds = test::scaled(400'000, 500);
  scheduler pool{{.workers = 4}};
  const test::watchdog::watched watch(dog, pool);
  std::atomic<std::uint64_t> right{0};

  std::vector<std::thread> callers;
  for (int t = 0; t < threads; ++t)
    callers.emplace_back([&, t] {
      std::uint64_t correct = 0;
      for (std::uint64_t i = 0; i < rounds; ++i) correct += sync_wait(pool, answer(t)) == t ? 1 : 0;
      right += correct;
    });
  for (std::thread& t : callers) t.join();

  const std::uint64_t parks = pool.metrics().total().parks;
  std::printf("%llu calls, %llu parks\n", static_cast<unsigned long long>(threads * rounds), static_cast<unsigned long long>(parks));
  EXPECT_EQ(right, threads * rounds);
  EXPECT_GE(parks, rounds / 1000) << "the workers hardly ever slept: the run showed nothing of what it is for";
}

task<> burst(int depth) {
  if (depth == 0) co_return;
  auto both = when_all(burst(depth - 1), burst(depth - 1));
  co_await both;
}

TEST(wake_stress, bursts_are_worked_off_by_a_pool_that_has_fallen_asleep) {
  test::watchdog dog("bursts");
  const std::uint64_t bursts = test::scaled(20'000, 100);
  scheduler pool{{.workers = 4}};
  const test::watchdog::watched watch(dog, pool);
  test::random_source random(0);
  // Every worker has parked when each has parked once more than before the burst, or did not get up for it.
  const auto parks = [&] { return pool.metrics().total().parks; };

  while (parks() < 4) std::this_thread::yield();
  for (std::uint64_t i = 0; i < bursts; ++i) {
    const std::uint64_t before = parks();
    sync_wait(pool, burst(static_cast<int>(random.below(8))));
    while (parks() == before) std::this_thread::yield();
    dog.beat();
  }

  EXPECT_GE(parks(), bursts);
}

}  // namespace
}  // namespace weft
