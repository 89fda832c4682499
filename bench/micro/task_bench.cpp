// SPDX-License-Identifier: Apache-2.0
// What a task costs on one worker: awaited, forked and joined, spawned and joined, yielded, woken by what is not weft's; and the way in
// from outside.
#include <weft/weft.hpp>

#include <benchmark/benchmark.h>

#include <coroutine>
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

/// Somebody else's awaitable that wakes whoever awaits it at once: its stand-in makes the task ready, the loop picks it up.
struct awake_at_once {
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) const { handle.resume(); }
  void await_resume() const noexcept {}
};
task<> wake_each(benchmark::State& state) {
  for (auto _ : state) co_await awake_at_once{};
}
void wake_by_a_foreign_awaitable(benchmark::State& state) { on_one_worker(state, wake_each); }
BENCHMARK(wake_by_a_foreign_awaitable);

/// A coroutine that is not weft's and suspends for ever.
struct foreign_coroutine {
  struct promise_type {
    foreign_coroutine get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
    [[nodiscard]] std::suspend_always final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept {}
  };
  std::coroutine_handle<promise_type> handle;
};
foreign_coroutine suspends_for_ever() {
  for (;;) co_await std::suspend_always{};
}

/// scheduler::resume, and a yield so that what was queued runs.
void resume_a_foreign_coroutine(benchmark::State& state) {
  scheduler pool{{.workers = 1}};
  const foreign_coroutine theirs = suspends_for_ever();
  const auto resume_each = [&]() -> task<> {
    for (auto _ : state) {
      pool.resume(theirs.handle);
      co_await yield();
    }
  };
  sync_wait(pool, resume_each());
  pool.stop();
  theirs.handle.destroy();
}
BENCHMARK(resume_a_foreign_coroutine);

/// From a foreign thread to a worker and back: two wake-ups, whose cost is the kernel's.
void sync_wait_from_outside(benchmark::State& state) {
  scheduler pool{{.workers = 1}};
  for (auto _ : state) benchmark::DoNotOptimize(sync_wait(pool, number(1)));
}
BENCHMARK(sync_wait_from_outside)->UseRealTime();

}  // namespace
}  // namespace weft
