// SPDX-License-Identifier: Apache-2.0
// The timer wheel: a timer that comes and goes, alone and among many; timers that expire; a look when nothing is due.
#include "scheduler/timer_wheel.hpp"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace weft::sched {
namespace {

constexpr std::int64_t start = std::int64_t{1} << 50;
constexpr std::int64_t longest = std::int64_t{1} << 36;  // about a minute

/// Timers with deadlines all over the next minute.
class many_timers {
 public:
  explicit many_timers(std::size_t count) : timers_(count) { benchmark::DoNotOptimize(wheel_->take_due(start)); }

  [[nodiscard]] timer_wheel& wheel() { return *wheel_; }
  [[nodiscard]] std::vector<timer>& timers() { return timers_; }
  std::uint64_t random() {
    state_ = state_ * 0x5851f42d4c957f2dU + 0x14057b7ef767814fU;
    return state_ >> 20;
  }
  void insert(timer& t, std::int64_t now = start) {
    t.deadline = now + static_cast<std::int64_t>(random() % longest);
    benchmark::DoNotOptimize(wheel_->insert(t));
  }
  void insert_all() {
    for (timer& t : timers_) insert(t);
  }

 private:
  std::vector<timer> timers_;
  std::unique_ptr<timer_wheel> wheel_ = std::make_unique<timer_wheel>();
  std::uint64_t state_ = 1;
};

std::size_t count_of(const benchmark::State& state) { return static_cast<std::size_t>(state.range(0)); }

/// One more timer comes and goes: a timeout that is not needed.
void insert_and_remove(benchmark::State& state) {
  many_timers live(count_of(state));
  timer one;
  if (state.range(0) > 1) live.insert_all();
  for (auto _ : state) {
    live.insert(one);
    live.wheel().remove(one);
  }
}
BENCHMARK(insert_and_remove)->Arg(1)->Arg(1'000'000);

/// Any of the live timers goes and comes again: its memory and its neighbours' are cold when there are many.
void remove_any_and_insert(benchmark::State& state) {
  many_timers live(count_of(state));
  live.insert_all();
  for (auto _ : state) {
    timer& one = live.timers()[live.random() % live.timers().size()];
    live.wheel().remove(one);
    live.insert(one);
  }
}
BENCHMARK(remove_any_and_insert)->Arg(1)->Arg(1'000'000);

/// The clock goes from deadline to deadline; each timer that expires is inserted again. Time for one timer's whole life.
void insert_and_expire(benchmark::State& state) {
  many_timers live(count_of(state));
  live.insert_all();
  std::int64_t now = start;
  std::int64_t expired = 0;
  for (auto _ : state) {
    now = *live.wheel().next_deadline();
    while (timer* t = live.wheel().take_due(now)) {
      live.insert(*t, now + 1);
      ++expired;
    }
  }
  state.SetItemsProcessed(expired);
}
BENCHMARK(insert_and_expire)->Arg(1)->Arg(1000)->Arg(1'000'000);

/// What a worker pays that looks in vain.
void take_nothing(benchmark::State& state) {
  many_timers live(count_of(state));
  live.insert_all();
  std::int64_t now = start;
  for (auto _ : state) benchmark::DoNotOptimize(live.wheel().take_due(now));
}
BENCHMARK(take_nothing)->Arg(1)->Arg(1'000'000);

}  // namespace
}  // namespace weft::sched
