// SPDX-License-Identifier: Apache-2.0
// Small programs, each cancelled at its every wait and between any two steps, in orders that a seed chooses: whatever comes of it, all
// tasks end, nothing of them is left, no timer and no frame. What was not cancelled came in time; what was took no more time, but for
// cleanups.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "counted.hpp"
#include "scale.hpp"
#include "seed.hpp"

namespace weft {
namespace {

using namespace std::chrono_literals;
using test::counted;

/// How the program of one run is cancelled: as it begins its wait number `at`, or by another task that has gone on so many times.
enum class moment : bool { at_a_wait, between_steps };

/// One pool, and the run that goes on in it.
struct stage {
  explicit stage(std::uint64_t seed)
      : pool{{.workers = 1 + static_cast<int>(seed % 3),
              .on_unhandled = [this](const std::exception_ptr&, std::string_view) { ++unhandled; },
              .blocking = {.max_threads = 1},
              .hooks = {.on_suspend = [this](std::string_view, std::string_view) { wait_begins(); }}},
             {.seed = seed}} {}

  void begin(moment how, std::uint64_t at) {
    when = how;
    left = at;
    is_cancelled = is_over = false;
    cleanups = bodies = 0;
    stop = std::stop_source();
  }
  void cancel() {
    is_cancelled = !is_over;
    cancelled_at = pool.now();
    stop.request_stop();
  }
  void wait_begins() {
    if (when == moment::at_a_wait && left-- == 0) cancel();
  }
  /// Cancels after so many steps, of which each fourth takes time.
  task<> cancels() {
    for (std::uint64_t i = 0; i < left && !is_over; ++i)
      if (i % 4 == 3)
        co_await sleep_for(300us);
      else
        co_await yield();
    cancel();
  }

  std::stop_source stop;
  moment when = moment::at_a_wait;
  std::uint64_t left = 0;
  std::uint64_t unhandled = 0;
  task_clock::time_point cancelled_at, over_at;
  bool is_cancelled = false;
  bool is_over = false;
  int cleanups = 0;
  int bodies = 0;
  virtual_scheduler pool;  // the last: its end may still tell the others
};

task<int> nap(std::chrono::nanoseconds length, int gives = 1) {
  const counted here;
  co_await sleep_for(length);
  co_return gives;
}

// --- the programs: each gives 6 if it is not cancelled, and takes 3 ms ---

using program = task<int> (*)(stage&);

/// Whether it takes time once it is cancelled.
enum class ending : bool { at_once, with_cleanups };

task<int> sleeps(stage&) {
  const counted here;
  const int before = co_await nap(1ms, 2);
  co_await yield();
  co_return before + co_await nap(2ms, 4);
}

task<int> times_out(stage&) {
  const int in_time = co_await timeout(2ms, nap(1ms, 2));
  const auto late = co_await as_result(timeout(1ms, nap(1h)));
  if (!detail::exception_as<timeout_error>(late.failure())) std::rethrow_exception(late.failure());
  co_return in_time + co_await timeout(1ms + 1ns, timeout(1h, nap(1ms, 4)));
}

task<int> joins_a_spawned_task(stage&) {
  auto first = spawn(nap(3ms, 2));
  auto second = spawn(nap(1ms, 4));
  const int later = co_await std::move(second);
  co_return later + co_await std::move(first);
}

task<int> joins_a_scope(stage&) {
  int sum = 0;
  const auto adds = [&sum](std::chrono::nanoseconds length, int what) -> task<> { sum += co_await nap(length, what); };
  const auto body = [&](scope& s) -> task<> {
    s.spawn(adds(1ms, 1));
    s.spawn(adds(2ms, 2));
    co_await s.join();
    s.spawn(adds(1ms, 3));
  };
  co_await with_scope(body, {.max_concurrency = 2});
  co_return sum;
}

task<int> takes_results(stage&) {
  const auto body = [](scope_of<int>& s) -> task<int> {
    s.spawn(nap(3ms, 1));
    s.spawn(nap(1ms, 2));
    s.spawn(nap(2ms, 3));
    int sum = 0;
    while (auto r = co_await s.next()) sum += *r;
    co_return sum;
  };
  co_return co_await with_scope<int>(body);
}

task<int> takes_the_first(stage&) {
  const int two = co_await race(nap(2ms, 1), nap(1ms, 2), nap(1h, 3));
  auto won = co_await when_any(nap(2ms, 4), nap(1h, 5));
  co_return two + won.get<0>();
}

task<int> cleans_up(stage& s) {
  const auto body = [&s]() -> task<int> {
    ++s.bodies;
    co_return co_await nap(1ms, 2);
  };
  const auto cleanup = [&s]() -> task<> {
    co_await nap(1ms);
    ++s.cleanups;
  };
  const int came = co_await finally(body(), cleanup);
  co_return came + co_await shield(nap(1ms, 4));
}

task<int> forks(stage&) {
  auto join = fork_join(6, [](std::size_t i) { return nap(i % 2 == 0 ? 3ms : 1ms); });
  int sum = 0;
  for (const int one : co_await join) sum += one;
  co_return sum;
}

task<int> ticks(stage&) {
  interval every(1ms);
  int sum = 0;
  for (int i = 1; i <= 3; ++i) {
    co_await every.tick();
    sum += i;
  }
  co_return sum;
}

/// With a thread of its own, so in no order that could be repeated.
task<int> blocks(stage&) {
  const auto calls = [](int n) -> task<int> {
    const counted here;
    auto f = [n] { return n; };
    co_return co_await run_blocking(f);
  };
  auto join = when_all(calls(2), calls(4));
  co_await join;
  co_await sleep_for(3ms);
  co_return join.get<0>() + join.get<1>();
}

// --- the runs ---

/// What came of a program: what it gave, or 0 if it was cancelled.
task<int> outcome_of(stage& s, program what) {
  std::optional<int> came;
  try {
    came = co_await with_stop_token(s.stop.get_token(), what(s));
  } catch (const operation_cancelled&) {
  }
  s.is_over = true;
  s.over_at = s.pool.now();
  co_return came.value_or(0);
}

/// What is wrong after one run; empty: nothing.
std::string wrong_after(stage& s, program what, ending how) {
  const auto start = s.pool.now();
  if (s.when == moment::between_steps) spawn_detached(s.pool, s.cancels());
  const int came = s.pool.run(outcome_of(s, what));
  const auto took = s.over_at - start;
  if (came != 6 && (came != 0 || !s.is_cancelled)) return "gave " + std::to_string(came);
  if (!s.is_cancelled && took != 3ms) return "took " + std::to_string(took.count()) + " ns";
  if (s.is_cancelled && how == ending::at_once && s.over_at != s.cancelled_at) return "went on for a while";
  if (!s.pool.run_until_idle().empty()) return "a task is left";
  if (s.pool.metrics().roots_live != 0) return "a root is left";
  if (counted::live() != 0) return "an object is left";
  if (s.cleanups != s.bodies) return "a cleanup is missing";
  if (s.unhandled != 0) return "a failure was not handled";
  if (const std::size_t frames = live_frames(); frames != 0) return std::to_string(frames) + " frames are left";
  return "";
}

struct cancelled_anywhere : testing::Test {
  std::uint64_t runs = 0, cancelled = 0;

  /// Runs it with one seed, cancelled at each of its moments.
  void explore_seed(program what, ending end, std::uint64_t seed) {
    stage s(seed);
    for (const moment how : {moment::at_a_wait, moment::between_steps}) {
      do {
        s.begin(how, runs_of_seed_++);
        const std::string wrong = wrong_after(s, what, end);
        ASSERT_EQ(wrong, "") << "seed " << seed << ", run " << runs_of_seed_ - 1 << (how == moment::at_a_wait ? ", at a wait" : "");
        ++runs;
        cancelled += s.is_cancelled ? 1 : 0;
      } while (s.is_cancelled);
      runs_of_seed_ = 0;
    }
  }
  void explore(program what, ending end = ending::at_once, std::uint64_t usual = 100'000) {
    const std::uint64_t wanted = test::scaled(usual, 200);
    for (std::uint64_t seed = test::seed(); runs < wanted && !HasFatalFailure(); ++seed) explore_seed(what, end, seed);
    std::printf("%llu runs, %llu of them cancelled\n", static_cast<unsigned long long>(runs), static_cast<unsigned long long>(cancelled));
    EXPECT_GT(cancelled, runs / 4);
  }

 private:
  std::uint64_t runs_of_seed_ = 0;
};

TEST_F(cancelled_anywhere, sleeps) { explore(sleeps); }
TEST_F(cancelled_anywhere, deadlines) { explore(times_out); }
TEST_F(cancelled_anywhere, joins_of_spawned_tasks) { explore(joins_a_spawned_task); }
TEST_F(cancelled_anywhere, joins_of_scopes) { explore(joins_a_scope); }
TEST_F(cancelled_anywhere, results_of_scopes) { explore(takes_results); }
TEST_F(cancelled_anywhere, races) { explore(takes_the_first); }
TEST_F(cancelled_anywhere, cleanups_and_shields) { explore(cleans_up, ending::with_cleanups); }
TEST_F(cancelled_anywhere, forks) { explore(forks); }
TEST_F(cancelled_anywhere, intervals) { explore(ticks); }
TEST_F(cancelled_anywhere, blocking_calls) { explore(blocks, ending::at_once, 10'000); }

}  // namespace
}  // namespace weft
