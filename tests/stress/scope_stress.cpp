// SPDX-License-Identifier: Apache-2.0
// Scopes that threads from outside spawn into until they are refused, that fail, are cancelled and nested: what was accepted has run or was
// cancelled before it started, and all of it before the scope ended.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <stdexcept>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include "counted.hpp"
#include "scale.hpp"
#include "seed.hpp"
#include "watchdog.hpp"

namespace weft {
namespace {

using test::counted;

/// What becomes of the children of one scope. They borrow it.
struct tally {
  std::atomic<std::uint64_t> accepted{0}, refused{0}, ran{0};
};

task<> runs(tally& of, std::uint64_t random, counted) {
  for (std::uint64_t i = random % 3; i > 0; --i) co_await yield();
  of.ran.fetch_add(1, std::memory_order_relaxed);
}

/// The scope that is open now, for everybody.
class open_scope {
 public:
  void show(scope s, tally& of) {
    const std::scoped_lock hold(lock_);
    shown_.emplace(std::move(s), &of);
  }
  void hide() {
    const std::scoped_lock hold(lock_);
    shown_.reset();
  }
  std::optional<std::pair<scope, tally*>> look() {
    const std::scoped_lock hold(lock_);
    return shown_;
  }

 private:
  std::mutex lock_;
  std::optional<std::pair<scope, tally*>> shown_;
};

/// Spawns one. False: refused.
bool spawns(scope& in, tally& of, std::uint64_t random) {
  task<> t = runs(of, random, counted(1));
  of.accepted.fetch_add(1, std::memory_order_relaxed);  // before the scope may end
  try {
    in.spawn(std::move(t));
    return true;
  } catch (const usage_error&) {
    EXPECT_FALSE(t.is_empty());  // NOLINT: that it is still there is the question
    of.accepted.fetch_sub(1, std::memory_order_relaxed);
    of.refused.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
}

/// Spawns into whatever scope is open, some at a time, and into one that is not shown any more, at the end until that is refused.
void spawn_from_outside(open_scope& open, std::atomic<bool>& over, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::optional<std::pair<scope, tally*>> last;
  while (!over) {
    auto shown = open.look();
    if (shown) last.emplace(*shown);
    if (!last) continue;
    bool is_open = true;
    for (std::uint64_t i = shown ? random() % 32 : 1; i > 0 && is_open; --i) is_open = spawns(last->first, *last->second, random());
    if (!is_open) last.reset();
    if (!shown) std::this_thread::yield();
  }
  while (last && spawns(last->first, *last->second, random())) std::this_thread::yield();
}

TEST(scope, what_comes_from_outside_runs_or_is_refused) {
  const std::uint64_t wanted = test::scaled(1'000'000, 500);
  constexpr int threads = 3;
  std::mt19937_64 random(test::seed());
  open_scope open;
  std::atomic<bool> over = false;
  std::uint64_t scopes = 0, from_outside = 0, refused = 0;
  std::vector<std::unique_ptr<tally>> tallies;  // kept for who comes late
  scheduler pool{{.workers = 4}};
  {
    std::vector<std::jthread> outside;
    for (int i = 0; i < threads; ++i) outside.emplace_back(spawn_from_outside, std::ref(open), std::ref(over), random());
    while (from_outside < wanted) {
      tally& of = *tallies.emplace_back(std::make_unique<tally>());
      const auto one = [&]() -> task<std::uint64_t> {
        scope_options options;
        if (scopes % 3 == 0) options.max_concurrency = 1 + static_cast<int>(scopes % 5);
        co_await with_scope(
            [&](scope& s) -> task<> {
              open.show(s, of);
              for (std::uint64_t i = scopes % 200; i > 0; --i) co_await yield();
              open.hide();
            },
            options);
        co_return of.ran.load(std::memory_order_relaxed);
      };
      const std::uint64_t ran = sync_wait(pool, one());
      ++scopes;
      from_outside += ran;
      while (of.accepted.load() != ran) std::this_thread::yield();  // who was refused takes that back
    }
    over = true;
  }
  for (const auto& of : tallies) {
    ASSERT_EQ(of->accepted.load(), of->ran.load());
    refused += of->refused.load();
  }
  std::printf("scopes: %llu, children from outside: %llu, refused: %llu\n", static_cast<unsigned long long>(scopes),
              static_cast<unsigned long long>(from_outside), static_cast<unsigned long long>(refused));
  EXPECT_GT(refused, 0U);
  EXPECT_EQ(counted::live(), 0);
}

// --- failures, cancellations and turns, nested ---

struct outcomes {
  std::atomic<std::uint64_t> whole{0}, failed{0}, cancelled{0}, started{0}, ended{0};
};

struct told_end {
  outcomes& of;
  explicit told_end(outcomes& o) : of(o) { of.started.fetch_add(1, std::memory_order_relaxed); }
  told_end(const told_end&) = delete;
  told_end& operator=(const told_end&) = delete;
  ~told_end() { of.ended.fetch_add(1, std::memory_order_relaxed); }
};

task<int> yields(std::uint64_t times) {
  for (; times > 0; --times) co_await yield();
  co_return 1;
}

/// A scope with a few children, each of which may be one in turn, may fail, and waits.
task<> nest(outcomes& of, std::uint64_t random, int depth) {
  const told_end end(of);
  scope_options options;
  if (random % 5 == 0) options.max_concurrency = 1 + static_cast<int>(random % 2);
  co_await with_scope(
      [&](scope& s) -> task<> {
        for (std::uint64_t i = random % 4; i > 0; --i) {
          if (depth > 0)
            s.spawn(nest(of, random / (7 + i), depth - 1), {.name = "inner"});
          else
            s.spawn(yields(random % 3));
        }
        auto handle = spawn(yields(random % 5));
        static_cast<void>(co_await std::move(handle));
        if (random % 11 == 0) s.cancel();
        if (random % 7 == 0) throw std::runtime_error("one in seven");
      },
      options);
}

task<> told(outcomes& of, task<> t) {
  try {
    co_await std::move(t);
    of.whole.fetch_add(1, std::memory_order_relaxed);
  } catch (const operation_cancelled&) {
    of.cancelled.fetch_add(1, std::memory_order_relaxed);
  } catch (const std::exception&) {
    of.failed.fetch_add(1, std::memory_order_relaxed);
  }
}

TEST(scope, trees_of_them_end_whole_failed_or_cancelled) {
  const std::uint64_t rounds = test::scaled(40'000, 50);
  scheduler pool{{.workers = 4}};
  outcomes of;
  std::mt19937_64 random(test::seed());
  for (std::uint64_t round = 0; round < rounds; ++round) {
    std::stop_source stop;
    std::vector<std::future<void>> all;
    for (int i = 0; i < 2; ++i) all.push_back(spawn_future(pool, told(of, with_stop_token(stop.get_token(), nest(of, random(), 3)))));
    if (round % 3 == 0) stop.request_stop();
    for (auto& one : all) one.get();
    ASSERT_EQ(of.started.load(), of.ended.load()) << "round " << round;
  }
  std::printf("trees: %llu whole, %llu failed, %llu cancelled; scopes: %llu\n", static_cast<unsigned long long>(of.whole.load()),
              static_cast<unsigned long long>(of.failed.load()), static_cast<unsigned long long>(of.cancelled.load()),
              static_cast<unsigned long long>(of.started.load()));
  EXPECT_EQ(of.whole + of.failed + of.cancelled, rounds * 2);
  EXPECT_GT(of.whole, 0U);
  EXPECT_GT(of.failed, 0U);
  EXPECT_GT(of.cancelled, 0U);
}

// --- results, and races ---

TEST(scope, each_result_is_taken_once) {
  const std::uint64_t rounds = test::scaled(20'000, 50);
  scheduler pool{{.workers = 4}};
  std::mt19937_64 random(test::seed());
  for (std::uint64_t round = 0; round < rounds; ++round) {
    const std::uint64_t children = random() % 20;
    const std::uint64_t chosen = random();
    const auto one = [&]() -> task<std::uint64_t> {
      scope_options options;
      if (chosen % 2 == 0) options.max_concurrency = 2;
      co_return co_await with_scope<int>(
          [&](scope_of<int>& s) -> task<std::uint64_t> {
            std::uint64_t sum = 0;
            for (std::uint64_t i = 0; i < children; ++i) s.spawn(yields(chosen / (i + 1) % 4));
            while (std::optional<int> r = co_await s.next()) sum += static_cast<std::uint64_t>(*r);
            co_return sum;
          },
          options);
    };
    ASSERT_EQ(sync_wait(pool, one()), children);
  }
}

TEST(when_any, one_wins_and_all_have_ended) {
  const std::uint64_t rounds = test::scaled(40'000, 50);
  scheduler pool{{.workers = 4}};
  std::mt19937_64 random(test::seed());
  std::uint64_t won[3] = {}, failed = 0;
  const auto object = [](std::uint64_t random, std::uint64_t which) -> task<counted> {
    auto handle = spawn(yields(random % 4));
    static_cast<void>(co_await std::move(handle));
    if (random % 3 == 0) throw std::runtime_error("one in three");
    co_return counted(static_cast<long>(which));
  };
  for (std::uint64_t round = 0; round < rounds; ++round) {
    const std::uint64_t a = random(), b = random(), c = random();
    const auto one = [&]() -> task<long> {
      try {
        auto r = co_await when_any(object(a, 0), object(b, 1), object(c, 2));
        if (counted::live() != 1) co_return -2;
        co_return static_cast<long>(r.index());
      } catch (const exception_group&) {
        co_return -1;
      }
    };
    const long which = sync_wait(pool, one());
    ASSERT_GE(which, -1);
    ++(which < 0 ? failed : won[which]);
  }
  std::printf("won: %llu, %llu, %llu; none: %llu\n", static_cast<unsigned long long>(won[0]), static_cast<unsigned long long>(won[1]),
              static_cast<unsigned long long>(won[2]), static_cast<unsigned long long>(failed));
  EXPECT_EQ(won[0] + won[1] + won[2] + failed, rounds);
  EXPECT_GT(failed, 0U);
}

}  // namespace
}  // namespace weft
