// SPDX-License-Identifier: Apache-2.0
// Sleeps, deadlines and cancellations at random, on workers that come and go between sleep and work: each wait ends once, and none early.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <stop_token>
#include <string>
#include <thread>

#include "scale.hpp"
#include "seed.hpp"
#include "watchdog.hpp"

namespace weft {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;
using test::random_source;

constexpr std::size_t batch = 500;

/// How operations ended.
struct account {
  std::atomic<std::uint64_t> slept{0}, timed_out{0}, cancelled{0}, early{0};

  void count(std::atomic<std::uint64_t>& what) noexcept { what.fetch_add(1, std::memory_order_relaxed); }
};

/// Some length that ends while the others do.
std::chrono::nanoseconds some_length(random_source& random) {
  return std::chrono::nanoseconds(random.below(random.one_in(4) ? 1'000 : 300'000));
}

task<> sleeps(account& a, std::chrono::nanoseconds length) {
  const auto due = clock::now() + length;
  co_await sleep_until(due);
  if (clock::now() < due) a.count(a.early);
}

/// Its own deadline is told apart from those around it.
struct timed_out {};

task<> sleeps_at_most(account& a, std::chrono::nanoseconds most, task<> t) {
  const auto due = clock::now() + most;
  try {
    co_await timeout_at(due, std::move(t));
  } catch (const timeout_error&) {
    if (clock::now() < due) a.count(a.early);
    throw timed_out();
  }
}

/// Two below one deadline, which they arm at once.
task<> sleep_beside(account& a, std::chrono::nanoseconds one, std::chrono::nanoseconds other) {
  auto both = when_all(sleeps(a, one), sleeps(a, other));
  co_await both;
}

task<> some_wait(account& a, random_source& random) {
  const auto length = some_length(random);
  switch (random.below(5)) {
    case 0: return sleeps(a, length);
    case 1: return sleeps_at_most(a, some_length(random), sleeps(a, length));
    case 2: return sleeps_at_most(a, length, sleeps(a, length));
    case 3: return sleeps_at_most(a, some_length(random), sleep_beside(a, length, some_length(random)));
    default: return sleeps_at_most(a, some_length(random), sleeps_at_most(a, some_length(random), sleeps(a, length)));
  }
}

/// One operation, some of them under a token.
task<> operation(account& a, std::uint64_t number, std::stop_token stop) {
  random_source random(number);
  if (random.one_in(8)) co_await yield();
  try {
    if (random.one_in(3))
      co_await with_stop_token(stop, some_wait(a, random));
    else if (random.one_in(20))
      co_await with_stop_token(stop, sleeps(a, 1h));  // only the stop ends it
    else
      co_await some_wait(a, random);
    a.count(a.slept);
  } catch (const timed_out&) {
    a.count(a.timed_out);
  } catch (const operation_cancelled&) {
    a.count(a.cancelled);
  }
}

task<> operations(account& a, std::uint64_t round, std::stop_token stop) {
  auto all = fork_join(batch, [&](std::size_t i) { return operation(a, round * batch + i, stop); });
  co_await all;
}

/// By number of workers.
struct timer_stress : testing::TestWithParam<int> {};

TEST_P(timer_stress, each_wait_ends_once_and_none_early) {
  scheduler pool{{.workers = GetParam()}};
  test::watchdog dog("timers");
  account a;
  random_source random(static_cast<std::uint64_t>(GetParam()) << 32);
  const std::uint64_t rounds = test::scaled(340, 5);
  for (std::uint64_t round = 0; round < rounds; ++round) {
    std::stop_source first, second;
    auto one = spawn_future(pool, operations(a, 2 * round, first.get_token()));
    auto other = spawn_future(pool, operations(a, 2 * round + 1, second.get_token()));
    if (random.one_in(2)) std::this_thread::sleep_for(std::chrono::microseconds(random.below(300)));  // so that stops come at any time
    first.request_stop();
    second.request_stop();
    one.get();
    other.get();
    dog.beat();
  }
  const auto figure = [](const std::atomic<std::uint64_t>& n) { return static_cast<unsigned long long>(n.load()); };
  const worker_metrics m = pool.metrics().total();
  std::printf("operations: %llu slept, %llu timed out, %llu cancelled; parks %llu, wakes %llu\n", figure(a.slept), figure(a.timed_out),
              figure(a.cancelled), static_cast<unsigned long long>(m.parks), static_cast<unsigned long long>(m.wakes_sent));
  EXPECT_EQ(a.slept + a.timed_out + a.cancelled, rounds * 2 * batch);
  EXPECT_EQ(a.early, 0U);
  EXPECT_GT(a.slept, 0U);
  EXPECT_GT(a.timed_out, 0U);
  EXPECT_GT(a.cancelled, 0U);
  EXPECT_EQ(pool.stop().abandoned, 0U);
}

// Workers that are blocked now and then: a timer is watched by whoever is left.
TEST_P(timer_stress, timers_end_although_workers_are_blocked_until_they_do) {
  scheduler pool{{.workers = GetParam() + 1}};
  test::watchdog dog("timers, blocked workers");
  const std::uint64_t rounds = test::scaled(5'000, 20);
  random_source random(static_cast<std::uint64_t>(GetParam()) << 40);
  for (std::uint64_t round = 0; round < rounds; ++round) {
    std::atomic<int> opened{0};
    const auto opens = [&](std::chrono::nanoseconds length) -> task<> {
      co_await sleep_for(length);
      opened.store(1);
      opened.notify_all();
    };
    const auto blocks = [&](std::chrono::nanoseconds length) -> task<> {
      co_await sleep_for(length);
      opened.wait(0);
    };
    const auto lengths = [&](std::size_t) { return std::chrono::nanoseconds(random.below(60'000)); };
    const auto first = lengths(0);
    const auto all = [&]() -> task<> {
      const int blocked = GetParam();
      auto join =
          fork_join(static_cast<std::size_t>(blocked) + 1, [&](std::size_t i) { return i == 0 ? opens(first) : blocks(lengths(i)); });
      co_await join;
    };
    sync_wait(pool, all());
    dog.beat();
  }
}

INSTANTIATE_TEST_SUITE_P(workers, timer_stress, testing::Values(1, 2, 4), [](const auto& run) { return std::to_string(run.param); });

}  // namespace
}  // namespace weft
