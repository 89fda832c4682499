// SPDX-License-Identifier: Apache-2.0
// Carries the operations of a program to their threads.
#include "replay_modes.hpp"

#include <weft/sync_wait.hpp>
#include <weft/task.hpp>

#include <atomic>
#include <thread>

#include "replay_trace.hpp"

namespace weft::tool::replay {
namespace {

// How often a task lets others run so that another worker may take it.
constexpr int most_yields = 50;
// How often the first at a race looks for the second before it lets others run.
constexpr int most_spins = 2000;

/// Not inlined: a compiler may keep what it knows of a thread from before a suspension.
[[gnu::noinline]] std::thread::id this_thread() { return std::this_thread::get_id(); }

task<> operate_elsewhere(machine& m, std::size_t number, std::thread::id& last) {
  for (int i = 0; i < most_yields && this_thread() == last; ++i) co_await yield();
  last = this_thread();
  m.operate(number);
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

json race_once(const program& p) {
  machine m(p, {.tells_of_passing_on = true});  // what is legal was worked out from CPython
  for (std::size_t i = 0; i < p.race->prefix; ++i) m.operate(i);
  m.fall_silent();
  json results = json::array({nullptr, nullptr, nullptr});
  std::atomic<int> ready{0};
  const auto operate = [&](const operation& op, json& result) {
    ready.fetch_add(1);
    for (int spins = 0; ready.load() < 2; ++spins)
      if (spins > most_spins) std::this_thread::yield();  // the other one has no core yet
    result = cut_result(m.operate_untold(op));
  };
  std::thread other(operate, std::cref(p.race->second), std::ref(results[1]));
  operate(p.race->first, results[0]);
  other.join();
  results[2] = m.state_of(0);
  return results;
}

}  // namespace weft::tool::replay
