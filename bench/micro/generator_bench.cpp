// SPDX-License-Identifier: Apache-2.0
// What a value of a generator costs its loop, beside the least that C++20 allows.
#include <weft/generator.hpp>

#include <benchmark/benchmark.h>

#include <cstdint>
#include <optional>

#include "bench/plain/plain_generator.hpp"
#include "bench/weft/driven_work.hpp"

namespace weft::bench {
namespace {

generator<std::uint64_t> nested(std::uint64_t depth, std::uint64_t n) {
  if (depth == 0) {
    co_yield yield_from(counts(n));
  } else {
    co_yield yield_from(nested(depth - 1, n));
  }
}
generator<std::uint64_t, std::optional<std::uint64_t>> echoing_generator() {
  std::uint64_t last = 0;
  for (;;) last = (co_yield last).value_or(0);
}

constexpr std::uint64_t how_many = 10'000;

template <class Make>
void sum_all(benchmark::State& state, Make make) {
  for (auto _ : state) {
    std::uint64_t sum = 0;
    for (const std::uint64_t i : make()) sum += i;
    benchmark::DoNotOptimize(sum);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(how_many));
}

/// Time for 10,000 values.
void hand_written(benchmark::State& state) {
  sum_all(state, [] { return plain_counts(how_many); });
}
BENCHMARK(hand_written);
void weft_generator(benchmark::State& state) {
  sum_all(state, [] { return counts(how_many); });
}
BENCHMARK(weft_generator);

/// The same from the bottom of a recursion, by its depth.
void recursive(benchmark::State& state) {
  sum_all(state, [&] { return nested(static_cast<std::uint64_t>(state.range(0)), how_many); });
}
BENCHMARK(recursive)->Arg(1)->Arg(100);

/// A send and the yield that answers it.
void send_and_yield(benchmark::State& state) {
  auto g = echoing_generator();
  static_cast<void>(g.next());
  std::uint64_t value = 1;
  for (auto _ : state) value = g.send(value).yielded();
  benchmark::DoNotOptimize(value);
}
BENCHMARK(send_and_yield);

}  // namespace
}  // namespace weft::bench
