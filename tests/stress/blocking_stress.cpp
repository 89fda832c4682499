// SPDX-License-Identifier: Apache-2.0
// Blocking calls by the million, many of them cancelled, on few threads that come and go: each is made once, refused or cancelled.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <random>
#include <stop_token>
#include <vector>

#include "balanced.hpp"
#include "scale.hpp"
#include "seed.hpp"
#include "watchdog.hpp"

namespace weft {
namespace {

struct ledger {
  std::atomic<std::uint64_t> begun{0}, made{0}, given{0}, failed{0}, cancelled{0}, refused{0};
};

/// What a function throws, now and then.
struct mishap {};

/// One call, by one of both ways, which may be cancelled, refused or fail.
task<> calls(ledger& l, std::uint64_t random) {
  l.begun.fetch_add(1, std::memory_order_relaxed);
  const auto function = [&l, random] {
    l.made.fetch_add(1, std::memory_order_relaxed);
    if (random % 16 == 0) throw mishap();
    return test::counted(static_cast<long>(random % 1000));
  };
  try {
    if (random % 3 == 0) {
      const auto got = co_await try_run_blocking(function);
      if (got) {
        EXPECT_EQ(got->value, static_cast<long>(random % 1000));
      }
      (got ? l.given : l.refused).fetch_add(1, std::memory_order_relaxed);
    } else {
      const test::counted got = co_await run_blocking(function);
      EXPECT_EQ(got.value, static_cast<long>(random % 1000));
      l.given.fetch_add(1, std::memory_order_relaxed);
    }
  } catch (const operation_cancelled&) {
    l.cancelled.fetch_add(1, std::memory_order_relaxed);
  } catch (const mishap&) {
    l.failed.fetch_add(1, std::memory_order_relaxed);
  }
}

task<> many_calls(ledger& l, std::uint64_t random, std::size_t count) {
  co_await fork_join(count, [&](std::size_t i) { return calls(l, (random + i) * 0x9e3779b97f4a7c15U >> 7); });
}

/// Cancels after so many turns.
task<> cancels(std::stop_source& stop, std::uint64_t turns) {
  for (; turns > 0; --turns) co_await yield();
  stop.request_stop();
}

struct blocking_stress : test::balanced {
  std::mt19937_64 random{test::seed()};
  test::watchdog dog{"blocking calls"};
  ledger sum;

  void run_rounds(std::uint64_t jobs, const blocking_options& options) {
    constexpr std::size_t each = 50, at_once = 4;
    scheduler pool{{.workers = 3, .blocking = options}};
    const test::watchdog::watched watched(dog, pool);
    while (sum.begun < jobs) {
      std::array<std::stop_source, at_once> stops;
      std::vector<std::future<void>> all;
      for (auto& stop : stops) {
        all.push_back(spawn_future(pool, with_stop_token(stop.get_token(), many_calls(sum, random(), each))));
        if (random() % 2 == 0) all.push_back(spawn_future(pool, cancels(stop, random() % 8)));
      }
      for (auto& one : all) one.get();
    }
  }
  void expect_conserved() const {
    std::printf("calls: %llu, given %llu, failed %llu, cancelled %llu, refused %llu\n", static_cast<unsigned long long>(sum.begun),
                static_cast<unsigned long long>(sum.given), static_cast<unsigned long long>(sum.failed),
                static_cast<unsigned long long>(sum.cancelled), static_cast<unsigned long long>(sum.refused));
    EXPECT_EQ(sum.begun, sum.given + sum.failed + sum.cancelled + sum.refused);
    EXPECT_EQ(sum.made, sum.given + sum.failed) << "what was not cancelled or refused was called once, all else never";
    EXPECT_GT(sum.given, 0U);
    EXPECT_GT(sum.failed, 0U);
    EXPECT_GT(sum.cancelled, 0U);
  }
};

TEST_F(blocking_stress, every_call_is_made_once_or_never_by_threads_that_stay) {
  run_rounds(test::scaled(600'000, 2'000), {.max_threads = 3, .queue = 20});
  expect_conserved();
  EXPECT_GT(sum.refused, 0U);
}

TEST_F(blocking_stress, every_call_is_made_once_or_never_by_threads_that_leave_at_once) {
  run_rounds(test::scaled(200'000, 1'000), {.max_threads = 2, .keep_alive = std::chrono::nanoseconds(0), .queue = 5});
  expect_conserved();
}

TEST_F(blocking_stress, every_call_is_made_once_or_never_by_threads_that_leave_soon) {
  run_rounds(test::scaled(200'000, 1'000), {.min_threads = 1, .max_threads = 8, .keep_alive = std::chrono::microseconds(20)});
  expect_conserved();
}

TEST_F(blocking_stress, schedulers_that_stop_while_calls_are_queued) {
  const std::uint64_t rounds = test::scaled(3'000, 20);
  for (std::uint64_t round = 0; round < rounds; ++round) {
    scheduler pool{{.workers = 2, .blocking = {.max_threads = 2}}};
    for (int i = 0; i < 3; ++i) spawn_detached(pool, many_calls(sum, random(), 5));
    EXPECT_EQ(pool.stop().abandoned, 0U);
    dog.beat();
  }
  EXPECT_EQ(sum.begun, rounds * 15);
  EXPECT_EQ(sum.begun, sum.given + sum.failed + sum.refused);
}

}  // namespace
}  // namespace weft
