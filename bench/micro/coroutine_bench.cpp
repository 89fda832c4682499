// SPDX-License-Identifier: Apache-2.0
// What a coroutine costs its driver: a send and the yield that answers it, at several depths of awaits; a whole life; an await.
#include <weft/weft.hpp>

#include <benchmark/benchmark.h>

#include <cstdint>

#include "bench/weft/driven_work.hpp"

namespace weft::bench {
namespace {

/// By depth of the await.
void send_and_yield(benchmark::State& state) {
  auto c = echoes_below(static_cast<std::uint64_t>(state.range(0)));
  static_cast<void>(c.send());
  std::uint64_t value = 1;
  for (auto _ : state) value = c.send(value).yielded();
  benchmark::DoNotOptimize(value);
}
BENCHMARK(send_and_yield)->Arg(1)->Arg(10)->Arg(1000);

echoing returns_at_once() { co_return 1; }

/// Create, run to the end, destroy.
void a_whole_life(benchmark::State& state) {
  for (auto _ : state) {
    auto c = returns_at_once();
    benchmark::DoNotOptimize(c.send().returned());
  }
}
BENCHMARK(a_whole_life);

echoing awaits_for_ever() {
  for (;;) co_yield co_await returns_at_once();
}

/// Create, join the chain, end, resume the awaiter; and a send and a yield.
void await_a_coroutine(benchmark::State& state) {
  auto c = awaits_for_ever();
  for (auto _ : state) benchmark::DoNotOptimize(c.send().yielded());
}
BENCHMARK(await_a_coroutine);

}  // namespace
}  // namespace weft::bench
