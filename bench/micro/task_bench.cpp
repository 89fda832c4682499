// SPDX-License-Identifier: Apache-2.0
// What a task costs on one worker: awaited, forked and joined, spawned and joined, yielded; and the way in from outside.
#include <weft/weft.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>

namespace weft {
namespace {

task<int> number(int n) { co_return n; }

/// Runs a measuring coroutine on a scheduler with one worker.
template <class Coroutine>
void on_one_worker(benchmark::State& state, Coroutine measure) {
  scheduler pool{{.workers = 1}};
  sync_wait(pool, measure(state));
}

/// Create, start by transfer, finish, resume the awaiter by transfer.
task<> await_each(benchmark::State& state) {
  for (auto _ : state) {
    auto child = number(1);
    const int result = co_await std::move(child);
    benchmark::DoNotOptimize(result);
  }
}
void await_a_task(benchmark::State& state) { on_one_worker(state, await_each); }
BENCHMARK(await_a_task);

task<> join_two(benchmark::State& state) {
  for (auto _ : state) {
    auto both = when_all(number(1), number(2));
    co_await both;
    benchmark::DoNotOptimize(both.get<0>() + both.get<1>());
  }
}
void when_all_of_two(benchmark::State& state) { on_one_worker(state, join_two); }
BENCHMARK(when_all_of_two);

task<> join_four(benchmark::State& state) {
  for (auto _ : state) {
    auto all = when_all(number(1), number(2), number(3), number(4));
    co_await all;
    benchmark::DoNotOptimize(all.get<0>() + all.get<3>());
  }
}
void when_all_of_four(benchmark::State& state) { on_one_worker(state, join_four); }
BENCHMARK(when_all_of_four);

task<> join_ten(benchmark::State& state) {
  const auto make = [](std::size_t i) { return number(static_cast<int>(i)); };
  for (auto _ : state) {
    auto children = fork_join<10>(10, make);
    co_await children;
    int sum = 0;
    for (const int one : children) sum += one;
    benchmark::DoNotOptimize(sum);
  }
}
void fork_join_of_ten(benchmark::State& state) { on_one_worker(state, join_ten); }
BENCHMARK(fork_join_of_ten);

task<> spawn_each(benchmark::State& state) {
  for (auto _ : state) {
    auto handle = spawn(number(1));
    const int result = co_await std::move(handle);
    benchmark::DoNotOptimize(result);
  }
}
void spawn_and_join(benchmark::State& state) { on_one_worker(state, spawn_each); }
BENCHMARK(spawn_and_join);

task<> yield_each(benchmark::State& state) {
  for (auto _ : state) co_await yield();
}
void yield_to_nobody(benchmark::State& state) { on_one_worker(state, yield_each); }
BENCHMARK(yield_to_nobody);

/// From a foreign thread to a worker and back: two wake-ups, whose cost is the kernel's.
void sync_wait_from_outside(benchmark::State& state) {
  scheduler pool{{.workers = 1}};
  for (auto _ : state) benchmark::DoNotOptimize(sync_wait(pool, number(1)));
}
BENCHMARK(sync_wait_from_outside)->UseRealTime();

}  // namespace
}  // namespace weft
