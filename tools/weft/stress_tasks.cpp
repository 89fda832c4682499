// SPDX-License-Identifier: Apache-2.0
// Operations of tasks that run beside each other, let others run, wait for a foreign thread, or move between two schedulers.
#include <vector>

#include "stress_world.hpp"

namespace weft::tool::stress {
namespace {

task<std::uint64_t> leaf(world& w, std::uint64_t number) {
  w.enter(number);
  co_return number;
}

task<> leaf_apart(world& w, std::uint64_t number) {
  const ends_open_work at_end(w);
  w.enter(number);
  co_return;
}

task<> failing_apart(world& w, std::uint64_t number) {
  const ends_open_work at_end(w);
  w.enter(number);
  w.counts.failures_planned.fetch_add(1, std::memory_order_relaxed);
  co_await yield();
  throw planned_failure{number};
}

task<std::uint64_t> yielding(world& w, std::uint64_t number, std::uint64_t times) {
  w.enter(number);
  const place home = here();
  for (; times != 0; --times) {
    co_await yield();
    w.expect_here(number, home);
  }
  co_return number;
}

task<std::uint64_t> waiting(world& w, std::uint64_t number, ringer::way how) {
  w.enter(number);
  const place home = here();
  w.pauses.at(point::before_wait, number);
  const std::uint64_t given = co_await ringer::wait(w.bell, how, number);
  w.expect_here(number, home);
  co_return given;
}

task<place> where_it_runs(world& w, std::uint64_t number) {
  w.pauses.at(point::after_wait, number);
  co_return here();
}

scheduler& at(world& w, place where) { return where == place::main ? w.pool : w.other; }

task<std::uint64_t> travelling(world& w, std::uint64_t number, std::uint64_t draw) {
  w.enter(number);
  random_numbers random(draw);
  place mine = here();
  for (std::uint64_t steps = 1 + random.below(4); steps != 0; --steps) {
    const place to = random.one_in(2) ? place::main : place::other;
    if (random.one_in(2)) {
      co_await resume_on(at(w, to));
      mine = to;
    } else {
      const place seen = co_await on(at(w, to), where_it_runs(w, number));
      if (seen != to) w.counts.wrong_result("wrong result: on() ran a task at another scheduler");
    }
    w.expect_here(number, mine);
  }
  co_return number;
}

/// Spawned and not awaited, in one way or another.
void start_apart(world& w, std::uint64_t number, std::uint64_t choice) {
  w.open.add();
  if (choice % 16 == 0) return spawn_detached(failing_apart(w, number), {.name = "fails on purpose"});
  if (choice % 2 == 0) return spawn_detached(leaf_apart(w, number), {.name = "detached"});
  auto dropped = spawn(leaf_apart(w, number), {.name = "dropped"});
  static_cast<void>(dropped.is_done());
}

task<> sum_up(world& w, operation op, std::vector<task<std::uint64_t>> children) {
  const std::vector<std::uint64_t> given = co_await when_all(std::move(children));
  std::uint64_t sum = op.tasks.first;
  for (const std::uint64_t one : given) sum += one;
  w.expect_equal(op, "the sum", sum, op.tasks.sum());
}

}  // namespace

// Up to sixteen handles are held; which is joined next is drawn.
task<> run_handles(world& w, operation op) {
  w.enter(op.tasks.first);
  random_numbers random(op.draw);
  std::vector<join_handle<std::uint64_t>> held;
  std::uint64_t joined = 0;
  std::uint64_t right = 0;
  const numbers rest = op.tasks.rest();
  for (std::uint64_t number = rest.first; number < rest.end() || !held.empty();) {
    const bool join = held.size() == 16 || number == rest.end() || (!held.empty() && random.one_in(3));
    if (join) {
      std::swap(held[random.below(held.size())], held.back());
      auto next = std::move(held.back());
      held.pop_back();
      joined += co_await std::move(next);
    } else if (const std::uint64_t choice = random.next(); choice % 3 == 0) {
      start_apart(w, number++, choice / 3);
    } else {
      right += number;
      held.push_back(spawn(leaf(w, number++), {.name = "joined"}));
    }
  }
  w.expect_equal(op, "the sum of the joined tasks", joined, right);
}

task<> run_yields(world& w, operation op) {
  w.enter(op.tasks.first);
  std::vector<task<std::uint64_t>> children;
  const numbers rest = op.tasks.rest();
  for (std::uint64_t i = rest.first; i < rest.end(); ++i) children.push_back(yielding(w, i, mixed(op.draw + i) % 4));
  co_await sum_up(w, op, std::move(children));
}

task<> run_wakes(world& w, operation op) {
  constexpr ringer::way ways[] = {ringer::way::by_thread,          ringer::way::by_thread,      ringer::way::by_thread,
                                  ringer::way::by_thread,          ringer::way::by_thread,      ringer::way::inside_suspend,
                                  ringer::way::without_suspending, ringer::way::without_waiting};
  w.enter(op.tasks.first);
  std::vector<task<std::uint64_t>> children;
  const numbers rest = op.tasks.rest();
  for (std::uint64_t i = rest.first; i < rest.end(); ++i) children.push_back(waiting(w, i, ways[mixed(op.draw + i) % std::size(ways)]));
  co_await sum_up(w, op, std::move(children));
}

task<> run_moves(world& w, operation op) {
  w.enter(op.tasks.first);
  const place home = here();
  std::vector<task<std::uint64_t>> children;
  const numbers rest = op.tasks.rest();
  for (std::uint64_t i = rest.first; i < rest.end(); ++i) children.push_back(travelling(w, i, op.draw + i));
  co_await sum_up(w, op, std::move(children));
  w.expect_here(op.tasks.first, home);
}

}  // namespace weft::tool::stress
