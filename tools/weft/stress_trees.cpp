// SPDX-License-Identifier: Apache-2.0
// Fork-join trees over numbered tasks, in every form of join; the sum of the numbers comes back, or what failed does.
#include <algorithm>
#include <exception>
#include <vector>

#include "stress_world.hpp"

namespace weft::tool::stress {
namespace {

task<std::uint64_t> leaf(world& w, std::uint64_t number) {
  w.enter(number);
  co_return number;
}

task<std::uint64_t> chain(world& w, numbers tasks, std::uint64_t draw) {
  w.enter(tasks.first);
  const std::uint64_t below = co_await tree(w, tasks.rest(), mixed(draw));
  w.pauses.at(point::after_wait, tasks.first);
  co_return tasks.first + below;
}

task<std::uint64_t> pair(world& w, numbers tasks, std::uint64_t draw) {
  w.enter(tasks.first);
  const numbers rest = tasks.rest();
  auto both = when_all(tree(w, rest.piece(0, 2), mixed(draw)), tree(w, rest.piece(1, 2), mixed(draw + 1)));
  co_await both;
  co_return tasks.first + both.get<0>() + both.get<1>();
}

task<std::uint64_t> triple_after_yield(world& w, numbers tasks, std::uint64_t draw) {
  w.enter(tasks.first);
  const numbers rest = tasks.rest();
  co_await yield();
  auto all = when_all(tree(w, rest.piece(0, 3), mixed(draw)), tree(w, rest.piece(1, 3), mixed(draw + 1)),
                      tree(w, rest.piece(2, 3), mixed(draw + 2)));
  co_await all;
  co_return tasks.first + all.get<0>() + all.get<1>() + all.get<2>();
}

task<std::uint64_t> bounded(world& w, numbers tasks, std::uint64_t draw) {
  w.enter(tasks.first);
  const numbers rest = tasks.rest();
  const std::uint64_t pieces = std::min<std::uint64_t>(rest.count, 1 + draw % 7);
  auto all = fork_join<7>(pieces, [&](std::size_t i) { return tree(w, rest.piece(i, pieces), mixed(draw + i)); });
  co_await all;
  std::uint64_t sum = tasks.first;
  for (const std::uint64_t one : all) sum += one;
  co_return sum;
}

task<std::uint64_t> vector(world& w, numbers tasks, std::uint64_t draw) {
  w.enter(tasks.first);
  const numbers rest = tasks.rest();
  const std::uint64_t pieces = std::min<std::uint64_t>(rest.count, 2 + draw % 40);
  std::vector<task<std::uint64_t>> children;
  children.reserve(pieces);
  for (std::uint64_t i = 0; i < pieces; ++i) children.push_back(tree(w, rest.piece(i, pieces), mixed(draw + i)));
  w.pauses.at(point::before_wait, tasks.first);
  const std::vector<std::uint64_t> sums = co_await when_all(std::move(children));
  std::uint64_t sum = tasks.first;
  for (const std::uint64_t one : sums) sum += one;
  co_return sum;
}

task<std::uint64_t> beside(world& w, numbers tasks, std::uint64_t draw) {
  w.enter(tasks.first);
  const numbers rest = tasks.rest();
  auto handle = spawn(tree(w, rest.piece(0, 2), mixed(draw)), {.name = "branch"});
  const std::uint64_t own = co_await tree(w, rest.piece(1, 2), mixed(draw + 1));
  w.pauses.at(point::before_wait, tasks.first);
  const std::uint64_t other = co_await std::move(handle);
  co_return tasks.first + own + other;
}

// --- trees of which some leaves fail: a root, groups of up to eight, leaves ---

constexpr std::uint64_t group_size = 8;

bool fails(std::uint64_t number, std::uint64_t draw) { return mixed(draw ^ number) % 8 == 0; }

task<std::uint64_t> leaf_that_may_fail(world& w, std::uint64_t number, std::uint64_t draw) {
  w.enter(number);
  if (fails(number, draw)) throw planned_failure{number};
  co_return number;
}

task<std::uint64_t> group(world& w, numbers tasks, std::uint64_t draw) {
  auto all = fork_join<group_size>(tasks.count, [&](std::size_t i) { return leaf_that_may_fail(w, tasks.first + i, draw); });
  co_await all;
  std::uint64_t sum = 0;
  for (const std::uint64_t one : all) sum += one;
  co_return sum;
}

/// How many failed, and which.
struct failed_tasks {
  std::uint64_t count = 0;
  std::uint64_t sum = 0;
};

void collect(const std::exception_ptr& failure, failed_tasks& found) {
  if (failure == nullptr) return;
  try {
    std::rethrow_exception(failure);
  } catch (const planned_failure& one) {
    ++found.count;
    found.sum += one.number;
  } catch (const exception_group& several) {
    for (const std::exception_ptr& one : several.failures()) collect(one, found);
  }
}

std::vector<task<std::uint64_t>> groups_of(world& w, numbers leaves, std::uint64_t draw) {
  std::vector<task<std::uint64_t>> all;
  for (std::uint64_t at = leaves.first; at < leaves.end(); at += group_size)
    all.push_back(group(w, {at, std::min(group_size, leaves.end() - at)}, draw));
  return all;
}

}  // namespace

task<std::uint64_t> tree(world& w, numbers tasks, std::uint64_t draw) {
  if (tasks.count == 0) return [](std::uint64_t nothing) -> task<std::uint64_t> { co_return nothing; }(0);
  if (tasks.count == 1) return leaf(w, tasks.first);
  if (tasks.count < 4) return chain(w, tasks, draw);
  switch (draw % 16) {
    case 0: return chain(w, tasks, draw / 16);
    case 1: return triple_after_yield(w, tasks, draw / 16);
    case 2: return beside(w, tasks, draw / 16);
    case 3: return vector(w, tasks, draw / 16);
    case 4:
    case 5:
    case 6:
    case 7: return bounded(w, tasks, draw / 16);
    default: return pair(w, tasks, draw / 16);
  }
}

task<> tree_apart(world& w, operation op) {
  const ends_open_work at_end(w);
  const std::uint64_t sum = co_await tree(w, op.tasks, op.draw);
  w.expect_equal(op, "the sum", sum, op.tasks.sum());
}

task<> run_trees(world& w, operation op) {
  const std::uint64_t sum = co_await tree(w, op.tasks, op.draw);
  w.expect_equal(op, "the sum", sum, op.tasks.sum());
}

task<> run_failing(world& w, operation op) {
  w.enter(op.tasks.first);
  const numbers leaves = op.tasks.rest();
  failed_tasks found;
  failed_tasks right;
  for (std::uint64_t i = leaves.first; i < leaves.end(); ++i)
    if (fails(i, op.draw)) ++right.count, right.sum += i;

  std::exception_ptr failure;
  if (op.draw % 3 != 0) {
    try {
      const std::vector<std::uint64_t> sums = co_await when_all(groups_of(w, leaves, op.draw));
      std::uint64_t sum = op.tasks.first;
      for (const std::uint64_t one : sums) sum += one;
      w.expect_equal(op, "the sum", sum, op.tasks.sum());
    } catch (...) {
      failure = std::current_exception();
    }
    collect(failure, found);
  } else {
    const auto results = co_await when_all_ready(groups_of(w, leaves, op.draw));
    for (const result<std::uint64_t>& one : results) collect(one.failure(), found);
  }
  w.expect_equal(op, "the number of failures", found.count, right.count);
  w.expect_equal(op, "the sum of what failed", found.sum, right.sum);
}

}  // namespace weft::tool::stress
