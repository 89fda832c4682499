// SPDX-License-Identifier: Apache-2.0
// Runs what services do, and times what is asked for where that is a part of it.
#include "service_runner.hpp"

#include <weft/weft.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include "scheduler/timers.hpp"

namespace weft::bench {
namespace {

task<std::uint64_t> gives(std::uint64_t n) { co_return n; }

task<std::uint64_t> sum_under_deadlines(std::uint64_t count) {
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t one = co_await timeout(std::chrono::hours(1), gives(i));
    sum += one;
  }
  co_return sum;
}

/// By how many nanoseconds each sleep was too long.
task<std::vector<std::int64_t>> sleep_again_and_again() {
  using clock = std::chrono::steady_clock;
  std::vector<std::int64_t> late;
  while (late.size() < lateness::sleeps()) {
    const clock::time_point due = clock::now() + lateness::how_long();
    co_await sleep_until(due);
    late.push_back(std::chrono::nanoseconds(clock::now() - due).count());
  }
  co_return late;
}

task<std::uint64_t> small_child(std::uint64_t number) { co_return small_children::work(number); }

task<> small_child_of_scope(std::uint64_t number, std::atomic<std::uint64_t>& sum) {
  sum.fetch_add(small_children::work(number), std::memory_order_relaxed);
  co_return;
}

task<std::uint64_t> sum_in_scopes(std::uint64_t groups) {
  std::atomic<std::uint64_t> sum = 0;
  auto body = [&](scope& s) -> task<> {
    for (std::size_t i = 0; i < small_children::in_a_group; ++i) s.spawn(small_child_of_scope(i, sum));
    co_return;
  };
  for (std::uint64_t group = 0; group < groups; ++group) co_await with_scope(body);
  co_return sum;
}

template <std::size_t... Is>
task<std::uint64_t> sum_in_joins(std::uint64_t groups, std::index_sequence<Is...>) {
  std::uint64_t sum = 0;
  for (std::uint64_t group = 0; group < groups; ++group) {
    auto all = when_all(small_child(Is)...);
    co_await all;
    sum += (all.template get<Is>() + ...);
  }
  co_return sum;
}

/// What the leaves of a tree have come to.
struct waiting_leaves {
  std::atomic<std::uint64_t> begun = 0;
  std::atomic<std::uint64_t> not_cancelled = 0;
};

task<> wait_in_tree(int depth, waiting_leaves& leaves) {
  if (depth == 0) {
    ++leaves.begun;
    co_await sleep_for(std::chrono::hours(24));
    ++leaves.not_cancelled;
    co_return;
  }
  auto body = [&](scope& s) -> task<> {
    for (int i = 0; i < cancelled_tree::fan_out; ++i) s.spawn(wait_in_tree(depth - 1, leaves));
    co_return;
  };
  co_await with_scope(body);
}

}  // namespace

timed_answer service_runner::compute(live_timers& work) {
  const auto timers = std::make_unique<sched::timers>();
  std::vector<sched::timer> all(work.live());
  const auto insert = [&, now = detail::now_as_deadline()](sched::timer& t) {
    t.deadline = now + work.patience();
    static_cast<void>(timers->insert(t));
  };
  std::ranges::for_each(all, insert);

  std::uint64_t gone = 0;
  const stopwatch time;
  for (std::uint64_t turn = 0; turn < live_timers::turns(); ++turn) {
    sched::timer& one = all[work.any()];
    gone += timers->remove(one) ? 1 : 0;
    insert(one);
  }
  const double seconds = time.seconds();
  for (sched::timer& t : all) timers->remove(t);
  return {gone, seconds};
}

timed_answer service_runner::compute(const lateness& work) {
  std::vector<std::int64_t> late = sync_wait(pool_, sleep_again_and_again());
  std::ranges::sort(late);
  const auto in_time = std::ranges::count_if(late, [](std::int64_t one) { return one >= 0; });
  return {static_cast<std::uint64_t>(in_time), static_cast<double>(late[work.rank()]) * 1e-9};
}

std::uint64_t service_runner::compute(const ready_deadlines& work) { return sync_wait(pool_, sum_under_deadlines(work.count())); }

std::uint64_t service_runner::compute(const small_children& work) { return sync_wait(pool_, sum_in_scopes(work.groups())); }

timed_answer service_runner::compute(const cancelled_tree& work) {
  waiting_leaves leaves;
  std::stop_source stop;
  auto ended = spawn_future(pool_, with_stop_token(stop.get_token(), wait_in_tree(work.depth(), leaves)));
  while (leaves.begun < work.tasks()) std::this_thread::yield();

  const stopwatch time;
  stop.request_stop();
  ended.wait();
  return {leaves.begun - leaves.not_cancelled, time.seconds()};
}

std::uint64_t joined_runner::compute(const small_children& work) {
  return sync_wait(pool_, sum_in_joins(work.groups(), std::make_index_sequence<small_children::in_a_group>()));
}

}  // namespace weft::bench
