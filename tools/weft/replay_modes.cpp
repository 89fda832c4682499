// SPDX-License-Identifier: Apache-2.0
// Carries the operations of a program to their threads.
#include "replay_modes.hpp"

#include <weft/sync_wait.hpp>
#include <weft/task.hpp>
#include <weft/when_all.hpp>

#include <atomic>
#include <thread>
#include <utility>

#include "replay_trace.hpp"

namespace weft::tool::replay {
namespace {

// How often a task lets others run so that another worker may take it.
constexpr int most_yields = 50;
// How often the first at a race looks for the second: about as long as a worker that sleeps needs to wake and take it.
constexpr int most_spins = 200'000;

/// Not inlined: a compiler may keep what it knows of a thread from before a suspension.
[[gnu::noinline]] std::thread::id this_thread() { return std::this_thread::get_id(); }

task<> operate_elsewhere(machine& m, std::size_t number, std::thread::id& last) {
  for (int i = 0; i < most_yields && this_thread() == last; ++i) co_await yield();
  last = this_thread();
  m.operate(number);
}

/// Waits for the other one a little, but never for a core to run it: if nobody has begun it by then it runs first, most often here.
task<> take_part(machine& m, const operation& op, std::atomic<int>& arrived, json& result) {
  arrived.fetch_add(1);
  for (int spins = 0; arrived.load() < 2 && spins < most_spins; ++spins) {
  }
  if (arrived.load() < 2) co_await yield();
  result = cut_result(m.operate_untold(op));
}

task<> race_often(const program& p, int races, std::vector<json>& outcomes) {
  for (int i = 0; i < races; ++i) {
    machine m(p, {.tells_of_passing_on = true});  // what is legal was worked out from CPython
    for (std::size_t number = 0; number < p.race->prefix; ++number) m.operate(number);
    m.fall_silent();
    json first, second;
    std::atomic<int> arrived{0};
    co_await when_all(take_part(m, p.race->first, arrived, first), take_part(m, p.race->second, arrived, second));
    outcomes.push_back(json::array({std::move(first), std::move(second), m.state_of(0)}));
  }
}

}  // namespace

observed run_here(const program& p, viewpoint from) {
  machine m(p, from);
  for (std::size_t i = 0; i < p.operations.size(); ++i) m.operate(i);
  m.finish();
  return {m.take_trace(), m.has_met_passing_on()};
}

observed run_on(scheduler& workers, const program& p, viewpoint from, moves& count) {
  machine m(p, from);
  std::thread::id last;
  for (std::size_t i = 0; i < p.operations.size(); ++i) {
    const std::thread::id before = last;
    sync_wait(workers, operate_elsewhere(m, i, last));
    if (i == 0) continue;
    ++count.operations;
    count.moved += last != before;
  }
  m.finish();
  return {m.take_trace(), m.has_met_passing_on()};
}

std::vector<json> race_on(scheduler& workers, const program& p, int races) {
  std::vector<json> outcomes;
  sync_wait(workers, race_often(p, races, outcomes));
  return outcomes;
}

}  // namespace weft::tool::replay
