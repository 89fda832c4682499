// SPDX-License-Identifier: Apache-2.0
// The frame pool against the system allocator: pairs, and whole stacks of frames as deep recursion makes them.
#include <weft/weft.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <vector>

#include <weft/detail/frame_pool.hpp>

namespace weft::detail {
namespace {

std::size_t bytes_of(const benchmark::State& state) { return static_cast<std::size_t>(state.range(0)); }

/// Runs a benchmark's loop on a worker, whose lists the pool is made for.
template <class Body>
void on_a_worker(benchmark::State& state, Body body) {
  const auto run = [](benchmark::State& measured, Body what) -> task<> {
    what(measured);
    co_return;
  };
  scheduler pool{{.workers = 1}};
  sync_wait(pool, run(state, body));
}

void allocate_and_release(benchmark::State& state) {
  on_a_worker(state, [](benchmark::State& measured) {
    const std::size_t bytes = bytes_of(measured);
    for (auto _ : measured) {
      void* frame = allocate_frame(bytes);
      benchmark::DoNotOptimize(frame);
      release_frame(frame, bytes);
    }
  });
}
BENCHMARK(allocate_and_release)->Arg(64)->Arg(192)->Arg(1024)->Arg(4096);

void allocate_and_release_by_malloc(benchmark::State& state) {
  const std::size_t bytes = bytes_of(state);
  for (auto _ : state) {
    void* frame = ::operator new(bytes);
    benchmark::DoNotOptimize(frame);
    ::operator delete(frame, bytes);
  }
}
BENCHMARK(allocate_and_release_by_malloc)->Arg(64)->Arg(192)->Arg(1024)->Arg(4096);

/// A foreign thread has no lists of its own: every call goes to the shared pool.
void allocate_and_release_on_a_foreign_thread(benchmark::State& state) {
  const std::size_t bytes = bytes_of(state);
  for (auto _ : state) {
    void* frame = allocate_frame(bytes);
    benchmark::DoNotOptimize(frame);
    release_frame(frame, bytes);
  }
}
BENCHMARK(allocate_and_release_on_a_foreign_thread)->Arg(64);

/// So many frames at once that whole lists travel to the shared pool and back.
void allocate_many_then_release_them(benchmark::State& state) {
  on_a_worker(state, [](benchmark::State& measured) {
    constexpr std::size_t bytes = 64;
    std::vector<void*> frames(static_cast<std::size_t>(measured.range(0)));
    for (auto _ : measured) {
      for (void*& frame : frames) frame = allocate_frame(bytes);
      for (void* frame : frames) release_frame(frame, bytes);
    }
    measured.SetItemsProcessed(measured.iterations() * measured.range(0));
  });
}
BENCHMARK(allocate_many_then_release_them)->Arg(100)->Arg(10000);

}  // namespace
}  // namespace weft::detail
