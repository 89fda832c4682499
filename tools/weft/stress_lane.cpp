// SPDX-License-Identifier: Apache-2.0
// A lane: a thread that draws operations and starts them, in one of the ways that a thread has.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <array>
#include <deque>
#include <exception>
#include <future>

#include "stress_world.hpp"

namespace weft::tool::stress {
namespace {

/// What is drawn, how often, and of how many tasks.
struct recipe {
  kind_facts facts;
  std::uint64_t fewest;
  std::uint64_t most;
  std::uint64_t weight;        // in a mix of all
  std::uint64_t quiet_weight;  // where workers shall fall asleep in between
  task<> (*inside)(world&, operation);
  void (*outside)(world&, const operation&);
};

constexpr std::array<recipe, kinds> recipes{{
    {{"trees", "fork and join: when_all, fork_join, vectors, chains"}, 64, 1000, 34, 10, run_trees, nullptr},
    {{"failing", "tasks that throw, in joins and detached"}, 16, 128, 9, 5, run_failing, nullptr},
    {{"handles", "spawn; the handle is joined, dropped or never was"}, 32, 400, 13, 5, run_handles, nullptr},
    {{"yields", "tasks that let others run"}, 16, 96, 7, 5, run_yields, nullptr},
    {{"wakes", "tasks that wait for a thread that is no worker"}, 8, 64, 10, 20, run_wakes, nullptr},
    {{"moves", "tasks that move between two schedulers"}, 8, 48, 8, 10, run_moves, nullptr},
    {{"submits", "spawn, spawn_future, sync_wait from outside"}, 16, 96, 9, 15, nullptr, run_submits},
    {{"handed over", "coroutines of another kind, by scheduler::resume"}, 8, 48, 4, 5, nullptr, run_handed_over},
    {{"bursts", "work for a scheduler that has fallen asleep"}, 32, 256, 3, 20, nullptr, run_bursts},
    {{"schedulers", "further ones, made and destroyed with their tasks"}, 32, 256, 1, 5, nullptr, run_schedulers},
}};

std::size_t draw_kind(random_numbers& random, mix choice) {
  const auto weight = [choice](const recipe& one) { return choice == mix::all ? one.weight : one.quiet_weight; };
  std::uint64_t sum = 0;
  for (const recipe& one : recipes) sum += weight(one);
  std::uint64_t drawn = random.below(sum);
  std::size_t at = 0;
  while (drawn >= weight(recipes[at])) drawn -= weight(recipes[at++]);
  return at;
}

task<> apart(world& w, operation op, task<> (*inside)(world&, operation)) {
  const ends_open_work at_end(w);
  co_await inside(w, op);
}

class starter {
 public:
  starter(world& w, lane_sight& sight) : w_(w), sight_(sight) {}

  void start(const recipe& of, const operation& op, std::uint64_t choice) {
    constexpr int most_open = 2000;
    w_.pauses.at(point::before_submit, op.tasks.first);
    if (of.outside != nullptr) {
      see("is in an operation of its own");
      return of.outside(w_, op);
    }
    if (choice % 4 == 0) {
      see("waits in sync_wait");
      return sync_wait(w_.pool, of.inside(w_, op));
    }
    if (choice % 4 == 1) {
      see("waits for a future");
      futures_.push_back(spawn_future(w_.pool, of.inside(w_, op), {.name = of.facts.name}));
      if (futures_.size() > 4) settle();
      return;
    }
    see("waits until less is open");
    w_.open.wait_for_room(most_open);
    w_.open.add();
    spawn_detached(w_.pool, apart(w_, op, of.inside), {.name = of.facts.name});
  }

  void settle_all() {
    see("waits for its last futures");
    while (!futures_.empty()) settle();
    see("has ended its round");
  }

 private:
  void see(const char* call) noexcept { sight_.call.store(call, std::memory_order_relaxed); }  // only looked at
  void settle() {
    auto first = std::move(futures_.front());
    futures_.pop_front();
    first.get();
  }

  world& w_;
  lane_sight& sight_;
  std::deque<std::future<void>> futures_;
};

void note_failure(world& w, std::size_t lane) {
  try {
    throw;
  } catch (const std::exception& error) {
    w.counts.wrong_result(absl::StrCat("wrong result: lane ", lane, " got an exception that nobody planned: ", error.what()));
  } catch (...) {
    w.counts.wrong_result(absl::StrCat("wrong result: lane ", lane, " got an exception that nobody planned"));
  }
}

}  // namespace

const kind_facts& facts_of(kind what) noexcept { return recipes[static_cast<std::size_t>(what)].facts; }

void run_lane(world& w, std::size_t lane, numbers tasks, mix choice) {
  lane_sight& sight = w.sights[lane];
  random_numbers random(mixed(w.chosen.seed) ^ tasks.first);
  starter start(w, sight);
  for (std::uint64_t at = tasks.first; at < tasks.end() && !w.over.load(std::memory_order_relaxed);) {
    const std::size_t drawn = draw_kind(random, choice);
    const recipe& of = recipes[drawn];
    const std::uint64_t size = std::min(tasks.end() - at, of.fewest + random.below(of.most - of.fewest + 1));
    const operation op{static_cast<kind>(drawn), {at, size}, random.next()};
    at = op.tasks.end();
    sight.what.store(op.what, std::memory_order_relaxed);  // these are only looked at
    sight.first.store(op.tasks.first, std::memory_order_relaxed);
    sight.count.store(op.tasks.count, std::memory_order_relaxed);
    w.counts.count(op.what, op.tasks.count);
    try {
      start.start(of, op, random.next());
    } catch (...) {
      note_failure(w, lane);
    }
  }
  try {
    start.settle_all();
  } catch (...) {
    note_failure(w, lane);
  }
}

}  // namespace weft::tool::stress
