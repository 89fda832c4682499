// SPDX-License-Identifier: Apache-2.0
// Timers as tasks use them: a sleep that ends, a deadline round what is ready, one round what waits; alone and among many that live.
#include <weft/weft.hpp>

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <vector>

#include "scheduler/timers.hpp"

namespace weft {
namespace {

using namespace std::chrono_literals;

task<int> ready() { co_return 1; }

/// Runs `once` so often in one task, on the only worker, and tells how long that took.
template <class Make>
void time_in_a_task(benchmark::State& state, Make make) {
  scheduler pool{{.workers = 1}};
  constexpr int times = 1000;
  const auto repeat = [&]() -> task<> {
    for (int i = 0; i < times; ++i) benchmark::DoNotOptimize(co_await make());
  };
  for (auto _ : state) sync_wait(pool, repeat());
  state.SetItemsProcessed(state.iterations() * times);
}

/// Measured against the next one.
void await_ready_task(benchmark::State& state) {
  time_in_a_task(state, [] { return ready(); });
}
BENCHMARK(await_ready_task)->UseRealTime();

void timeout_round_what_is_ready(benchmark::State& state) {
  time_in_a_task(state, [] { return timeout(1h, ready()); });
}
BENCHMARK(timeout_round_what_is_ready)->UseRealTime();

task<int> joins() {
  auto handle = spawn(ready());
  co_return co_await std::move(handle);
}

/// Measured against the next one.
void join(benchmark::State& state) {
  time_in_a_task(state, [] { return joins(); });
}
BENCHMARK(join)->UseRealTime();

/// A timer comes and goes.
void timeout_round_a_join(benchmark::State& state) {
  time_in_a_task(state, [] { return timeout(1h, joins()); });
}
BENCHMARK(timeout_round_a_join)->UseRealTime();

/// The same while so many tasks sleep.
void timeout_among_sleepers(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  scheduler pool{{.workers = 1}};
  std::stop_source stop;
  const auto sleeps = [](std::size_t i) -> task<> {
    try {
      co_await sleep_for(1h + std::chrono::microseconds(i % 1'000'000));
    } catch (const operation_cancelled&) {
    }
  };
  const auto all = [&]() -> task<> {
    auto join = fork_join(count, sleeps);
    co_await join;
  };
  auto sleepers = spawn_future(pool, with_stop_token(stop.get_token(), all()));
  constexpr int times = 1000;
  const auto repeat = [&]() -> task<> {
    for (int i = 0; i < times; ++i) benchmark::DoNotOptimize(co_await timeout(1h, joins()));
  };
  for (auto _ : state) sync_wait(pool, repeat());
  state.SetItemsProcessed(state.iterations() * times);
  stop.request_stop();
  sleepers.get();
}
BENCHMARK(timeout_among_sleepers)->UseRealTime()->Arg(1)->Arg(1'000'000);

/// What the timers of a scheduler take for one more that comes and goes: the wheel, its lock, and the time somebody has to look.
void insert_and_remove_locked(benchmark::State& state) {
  const auto timers = std::make_unique<sched::timers>();
  std::vector<sched::timer> live(static_cast<std::size_t>(state.range(0)));
  const std::int64_t start = detail::now_as_deadline();
  const std::int64_t hour = std::chrono::nanoseconds(1h).count();
  std::uint64_t random = 1;
  const auto some_time = [&] {
    random = random * 0x5851f42d4c957f2dU + 0x14057b7ef767814fU;
    return start + hour + static_cast<std::int64_t>(random >> 20) % hour;
  };
  for (sched::timer& t : live) {
    t.deadline = some_time();
    benchmark::DoNotOptimize(timers->insert(t));
  }
  for (auto _ : state) {
    sched::timer& one = live[random % live.size()];
    timers->remove(one);
    one.deadline = some_time();
    benchmark::DoNotOptimize(timers->insert(one));
  }
  for (sched::timer& t : live) timers->remove(t);
}
BENCHMARK(insert_and_remove_locked)->Arg(1)->Arg(1'000'000);

}  // namespace
}  // namespace weft
