// SPDX-License-Identifier: Apache-2.0
// Random trees of joins in which tasks throw, catch and suspend anywhere: each comes to what a serial program makes of it.
#include <weft/frames.hpp>
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <exception>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "counted.hpp"
#include "scale.hpp"
#include "seed.hpp"
#include "watchdog.hpp"

namespace weft {
namespace {

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  std::uint64_t z = (a ^ (b + 0x9e3779b97f4a7c15U + (a << 6) + (a >> 2))) * 0xbf58476d1ce4e5b9U;
  return z ^ (z >> 31);
}

struct boom {
  std::uint64_t node;
};

/// What a task comes to: a value, or a print of what it throws.
struct outcome {
  bool failed;
  std::uint64_t print;
  friend bool operator==(const outcome&, const outcome&) = default;
};

std::uint64_t print_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const boom& b) {
    return mix(1, b.node);
  } catch (const exception_group& group) {
    std::uint64_t print = mix(2, group.failures().size());
    for (const std::exception_ptr& f : group.failures()) print = mix(print, print_of(f));
    return print;
  }
}

/// What a node does, read off its number.
struct node {
  enum class form { leaf, awaited, pair, triple, bounded, vector, ready, spawned };
  std::uint64_t id;
  unsigned depth;

  [[nodiscard]] std::uint64_t choice(unsigned which) const noexcept { return mix(id, which); }
  [[nodiscard]] form what() const noexcept { return depth == 0 ? form::leaf : static_cast<form>(choice(0) % 7 + 1); }
  [[nodiscard]] std::size_t children() const noexcept {
    switch (what()) {
      case form::leaf: return 0;
      case form::awaited:
      case form::spawned: return 1;
      case form::pair:
      case form::ready: return 2;
      case form::triple: return 3;
      case form::bounded: return choice(1) % 7;
      case form::vector: return choice(1) % 12;
    }
    return 0;
  }
  [[nodiscard]] node child(std::size_t i) const noexcept { return {mix(id, 100 + i), depth - 1}; }
  [[nodiscard]] bool yields_before() const noexcept { return choice(2) % 16 == 0; }
  [[nodiscard]] bool yields_after() const noexcept { return choice(3) % 16 == 0; }
  [[nodiscard]] bool throws() const noexcept { return choice(4) % (depth == 0 ? 12 : 30) == 0; }
  [[nodiscard]] bool catches() const noexcept { return choice(5) % 3 == 0; }
};

// --- the serial model ---

outcome join_of(const std::vector<outcome>& children) {
  std::uint64_t value = 0;
  std::uint64_t print = 0;
  std::uint64_t failures = 0;
  std::uint64_t single = 0;
  for (const outcome& c : children) {
    if (!c.failed) value = mix(value, c.print);
    if (c.failed) single = ++failures == 1 ? c.print : single;
  }
  if (failures == 0) return {false, value};
  if (failures == 1) return {true, single};
  print = mix(2, failures);
  for (const outcome& c : children)
    if (c.failed) print = mix(print, c.print);
  return {true, print};
}

outcome expected(node n) {
  std::vector<outcome> children;
  for (std::size_t i = 0; i < n.children(); ++i) children.push_back(expected(n.child(i)));
  outcome all{false, 0};
  if (n.what() == node::form::ready)
    for (const outcome& c : children) all.print = mix(all.print, mix(c.failed ? 1 : 0, c.print));
  else
    all = join_of(children);
  if (all.failed && n.catches()) all = {false, mix(3, all.print)};
  if (!all.failed && n.throws()) return {true, mix(1, n.id)};
  return {all.failed, all.failed ? all.print : mix(n.id, all.print)};
}

// --- the same with weft ---

task<std::uint64_t> bare(node n);
task<std::uint64_t> held(node n, test::counted parameter);

/// A frame that frees itself, or one whose parameter needs a destructor.
task<std::uint64_t> start(node n) { return n.choice(6) % 2 == 0 ? bare(n) : held(n, test::counted(1)); }

task<test::counted> boxed(node n) {
  const std::uint64_t value = co_await start(n);
  co_return test::counted(static_cast<long>(value));
}

task<std::uint64_t> of_pair(node n) {
  auto both = when_all(start(n.child(0)), start(n.child(1)));
  co_await both;
  co_return mix(mix(0, both.get<0>()), both.get<1>());
}

task<std::uint64_t> of_triple(node n) {
  auto all = when_all(start(n.child(0)), boxed(n.child(1)), start(n.child(2)));
  co_await all;
  co_return mix(mix(mix(0, all.get<0>()), static_cast<std::uint64_t>(all.get<1>().value)), all.get<2>());
}

task<std::uint64_t> of_bounded(node n) {
  auto all = fork_join<7>(n.children(), [&](std::size_t i) { return boxed(n.child(i)); });
  co_await all;
  std::uint64_t value = 0;
  for (const test::counted& c : all) value = mix(value, static_cast<std::uint64_t>(c.value));
  co_return value;
}

task<std::uint64_t> of_vector(node n) {
  std::vector<task<test::counted>> tasks;
  for (std::size_t i = 0; i < n.children(); ++i) tasks.push_back(boxed(n.child(i)));
  const std::vector<test::counted> values = co_await when_all(std::move(tasks));
  std::uint64_t value = 0;
  for (const test::counted& c : values) value = mix(value, static_cast<std::uint64_t>(c.value));
  co_return value;
}

task<std::uint64_t> of_ready(node n) {
  auto results = co_await when_all_ready(start(n.child(0)), start(n.child(1)));
  const auto fold = [](std::uint64_t value, result<std::uint64_t>& r) {
    return mix(value, r ? mix(0, r.value()) : mix(1, print_of(r.failure())));
  };
  co_return fold(fold(0, std::get<0>(results)), std::get<1>(results));
}

task<std::uint64_t> of_spawned(node n) {
  auto handle = spawn(start(n.child(0)), {.name = "branch"});
  if (n.choice(7) % 2 == 0) co_await yield();
  const std::uint64_t value = co_await std::move(handle);
  co_return mix(0, value);
}

task<std::uint64_t> of_awaited(node n) {
  const std::uint64_t value = co_await start(n.child(0));
  co_return mix(0, value);
}

task<std::uint64_t> below(node n) {
  switch (n.what()) {
    case node::form::awaited: return of_awaited(n);
    case node::form::pair: return of_pair(n);
    case node::form::triple: return of_triple(n);
    case node::form::bounded: return of_bounded(n);
    case node::form::vector: return of_vector(n);
    case node::form::ready: return of_ready(n);
    case node::form::spawned: return of_spawned(n);
    case node::form::leaf: break;
  }
  return [](std::uint64_t nothing) -> task<std::uint64_t> { co_return nothing; }(0);
}

task<std::uint64_t> bare(node n) {
  const test::counted local(1);
  if (n.yields_before()) co_await yield();
  std::uint64_t value = 0;
  std::exception_ptr failure;
  try {
    value = co_await below(n);
  } catch (...) {
    failure = std::current_exception();
  }
  if (n.yields_after()) co_await yield();
  if (failure != nullptr) {
    if (!n.catches()) std::rethrow_exception(std::move(failure));
    value = mix(3, print_of(failure));
  }
  if (n.throws()) throw boom{n.id};
  co_return mix(n.id, value);
}

task<std::uint64_t> held(node n, test::counted parameter) {
  const std::uint64_t value = co_await bare(n);
  if (parameter.value != 1) throw boom{0};
  co_return value;
}

/// By number of workers.
class join_stress : public testing::TestWithParam<int> {};

TEST_P(join_stress, random_trees_come_to_what_a_serial_program_makes_of_them) {
  const std::size_t frames_before = live_frames();
  test::watchdog dog("join_stress");
  test::random_source random(static_cast<std::uint64_t>(GetParam()));
  const std::uint64_t trees = test::scaled(10'000, 40);
  std::uint64_t failed = 0;
  {
    scheduler pool{{.workers = GetParam()}};
    const test::watchdog::watched watch(dog, pool);
    for (std::uint64_t i = 0; i < trees; ++i) {
      const node root{random.next(), static_cast<unsigned>(random.below(6))};
      outcome got{false, 0};
      try {
        got.print = sync_wait(pool, start(root));
      } catch (...) {
        got = {true, print_of(std::current_exception())};
      }
      ASSERT_EQ(got, expected(root)) << "tree " << root.id << " of depth " << root.depth;
      failed += got.failed ? 1 : 0;
      dog.beat();
    }
  }

  EXPECT_GT(failed, 0U);
  EXPECT_LT(failed, trees);
  EXPECT_EQ(test::counted::live(), 0);
  EXPECT_EQ(live_frames(), frames_before);
}

INSTANTIATE_TEST_SUITE_P(workers, join_stress, testing::Values(1, 2, 4, 16), [](const auto& run) { return std::to_string(run.param); });

}  // namespace
}  // namespace weft
