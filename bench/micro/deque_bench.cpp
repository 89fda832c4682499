// SPDX-License-Identifier: Apache-2.0
// The deque alone: push and pop by its owner, steal by one thief, with and without somebody at the other end.
#include <weft/detail/deque.hpp>

#include <benchmark/benchmark.h>

#include <cstdint>
#include <thread>

namespace weft::detail {
namespace {

/// Anything with an address: the deque never looks into its items.
struct item {
  std::uint64_t number = 0;
};

constexpr std::size_t capacity = 1024;

void push_quietly_and_pop(benchmark::State& state) {
  deque<item> ready(capacity);
  item one;
  for (auto _ : state) {
    if (!ready.as_owner().push_quietly(&one)) state.SkipWithError("no memory");
    benchmark::DoNotOptimize(ready.as_owner().pop());
  }
}
BENCHMARK(push_quietly_and_pop);

void push_and_pop(benchmark::State& state) {
  deque<item> ready(capacity);
  item one;
  for (auto _ : state) {
    if (!ready.as_owner().push(&one)) state.SkipWithError("no memory");
    benchmark::DoNotOptimize(ready.as_owner().pop());
  }
}
BENCHMARK(push_and_pop);

/// The common case of fork-join: an older item stays below, so that pop never races for the last one.
void push_quietly_and_pop_above_another(benchmark::State& state) {
  deque<item> ready(capacity);
  item below;
  item one;
  if (!ready.as_owner().push(&below)) state.SkipWithError("no memory");
  for (auto _ : state) {
    if (!ready.as_owner().push_quietly(&one)) state.SkipWithError("no memory");
    benchmark::DoNotOptimize(ready.as_owner().pop());
  }
}
BENCHMARK(push_quietly_and_pop_above_another);

void pop_from_empty(benchmark::State& state) {
  deque<item> ready(capacity);
  for (auto _ : state) benchmark::DoNotOptimize(ready.as_owner().pop());
}
BENCHMARK(pop_from_empty);

/// Push, then steal, on one thread: what a steal costs when nobody competes for the cache line.
void push_quietly_and_steal(benchmark::State& state) {
  deque<item> ready(capacity);
  item one;
  for (auto _ : state) {
    if (!ready.as_owner().push_quietly(&one)) state.SkipWithError("no memory");
    benchmark::DoNotOptimize(ready.as_thief().steal());
  }
}
BENCHMARK(push_quietly_and_steal);

void steal_from_empty(benchmark::State& state) {
  deque<item> ready(capacity);
  for (auto _ : state) benchmark::DoNotOptimize(ready.as_thief().steal());
}
BENCHMARK(steal_from_empty);

/// The owner keeps some items while this thread steals: time for each try, and the share of tries that took something.
void steal_from_a_busy_owner(benchmark::State& state) {
  deque<item> ready(capacity);
  std::atomic<bool> done{false};
  std::thread owner([&] {
    item one;
    constexpr int burst = 8;
    while (!done.load(relaxed)) {
      for (int i = 0; i < burst; ++i) {
        if (!ready.as_owner().push_quietly(&one)) return;
      }
      for (int i = 0; i < burst; ++i) benchmark::DoNotOptimize(ready.as_owner().pop());
    }
  });
  std::uint64_t taken = 0;
  for (auto _ : state) {
    if (ready.as_thief().steal().outcome == steal_outcome::taken) ++taken;
  }
  done.store(true, relaxed);
  owner.join();
  state.counters["taken"] = static_cast<double>(taken) / static_cast<double>(state.iterations());
}
BENCHMARK(steal_from_a_busy_owner)->UseRealTime();

}  // namespace
}  // namespace weft::detail
