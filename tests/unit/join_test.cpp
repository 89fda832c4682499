// SPDX-License-Identifier: Apache-2.0
// How children of a join account for each other: every mixture of children that end at once, suspend, wait and fail.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "balanced.hpp"
#include "gate.hpp"

namespace weft {
namespace {

class join_test : public test::balanced {};

enum class ending { at_once, after_a_yield, after_a_gate, by_failing, by_failing_late };
constexpr std::size_t endings = 5;
constexpr std::size_t children = 4;
using mixture = std::array<ending, children>;

mixture mixture_number(std::size_t n) {
  mixture m{};
  for (ending& e : m) {
    e = static_cast<ending>(n % endings);
    n /= endings;
  }
  return m;
}
constexpr std::size_t mixtures = endings * endings * endings * endings;

struct mishap : std::runtime_error {
  explicit mishap(std::size_t who) : runtime_error(std::to_string(who)) {}
};

bool fails(ending e) { return e == ending::by_failing || e == ending::by_failing_late; }

task<std::size_t> child(ending how, std::size_t who, test::gate& gate) {
  if (how == ending::after_a_yield || how == ending::by_failing_late) co_await yield();
  if (how == ending::after_a_gate) co_await gate;
  if (fails(how)) throw mishap(who);
  co_return who + 10;
}

std::string texts_of(const std::vector<std::exception_ptr>& failures) {
  std::string texts;
  for (const std::exception_ptr& failure : failures) {
    try {
      std::rethrow_exception(failure);
    } catch (const mishap& e) {
      texts += e.what();
    }
  }
  return texts;
}

std::string failing_children(const mixture& m) {
  std::string expected;
  for (std::size_t i = 0; i < children; ++i)
    if (fails(m[i])) expected += std::to_string(i);
  return expected;
}

task<std::string> outcome_of(const mixture& m, test::gate& gate) {
  try {
    auto join = fork_join<children>(children, [&](std::size_t i) { return child(m[i], i, gate); });
    co_await join;
    for (std::size_t i = 0; i < children; ++i) EXPECT_EQ(join[i], i + 10);
    co_return "";
  } catch (const mishap& e) {
    co_return e.what();
  } catch (const exception_group& group) {
    co_return texts_of(group.failures());
  }
}

std::size_t waiting_children(const mixture& m) {
  std::size_t waiting = 0;
  for (const ending e : m) waiting += e == ending::after_a_gate ? 1 : 0;
  return waiting;
}

// Opens the gate only after all who wait at it have come.
std::string run_mixture(scheduler& pool, const mixture& m) {
  test::gate gate;
  std::future<std::string> outcome = spawn_future(pool, outcome_of(m, gate));
  gate.wait_for_arrivals(waiting_children(m));
  gate.open();
  return outcome.get();
}

TEST_F(join_test, every_mixture_of_endings_is_accounted_for_on_one_worker) {
  scheduler pool{{.workers = 1}};
  for (std::size_t n = 0; n < mixtures; ++n) ASSERT_EQ(run_mixture(pool, mixture_number(n)), failing_children(mixture_number(n))) << n;
}

TEST_F(join_test, every_mixture_of_endings_is_accounted_for_among_three_workers) {
  scheduler pool{{.workers = 3}};
  for (std::size_t n = 0; n < mixtures; ++n) ASSERT_EQ(run_mixture(pool, mixture_number(n)), failing_children(mixture_number(n))) << n;
}

task<> parent_of(test::gate& gate, std::string& notes) {
  auto waits = [](test::gate& g, std::string& n) -> task<> {
    co_await g;
    n += "late ";
  };
  auto passes = [](std::string& n) -> task<> {
    n += "early ";
    co_return;
  };
  co_await when_all(waits(gate, notes), passes(notes), passes(notes));
  notes += "parent";
}

TEST_F(join_test, the_parent_waits_for_a_child_that_waits) {
  scheduler pool{{.workers = 1}};
  test::gate gate;
  std::string notes;
  join_handle<void> handle = spawn(pool, parent_of(gate, notes));

  gate.wait_for_arrivals(1);
  EXPECT_FALSE(handle.is_done());
  gate.open();
  pool.stop();

  EXPECT_EQ(notes, "early early late parent");
}

task<> notes_order(std::string& notes, char who) {
  notes += who;
  co_return;
}
task<> forks_three(std::string& notes) {
  co_await when_all(notes_order(notes, 'a'), notes_order(notes, 'b'), notes_order(notes, 'c'));
  notes += 'p';
}

TEST_F(join_test, one_worker_runs_children_in_order_and_then_the_parent) {
  scheduler pool{{.workers = 1}};
  std::string notes;
  sync_wait(pool, forks_three(notes));
  EXPECT_EQ(notes, "abcp");
}

task<int> uneven(int depth, int salt) {
  if (depth == 0) {
    if (salt % 5 == 0) co_await yield();
    co_return 1;
  }
  auto [a, b, c] = co_await when_all(uneven(depth - 1, salt * 3 + 1), uneven(depth - 1, salt * 3 + 2), uneven(depth / 2, salt * 3 + 3));
  co_return a + b + c;
}
int uneven_leaves(int depth) { return depth == 0 ? 1 : 2 * uneven_leaves(depth - 1) + uneven_leaves(depth / 2); }

TEST_F(join_test, nested_joins_of_uneven_depth_with_suspending_leaves_add_up) {
  for (const int workers : {1, 2, 4}) {
    scheduler pool{{.workers = workers}};
    EXPECT_EQ(sync_wait(pool, uneven(7, 1)), uneven_leaves(7));
  }
}

task<> awaits_a_joiner_inside(test::gate& gate, std::atomic<int>& done) {
  auto inner = [](test::gate& g, std::atomic<int>& d) -> task<> {
    co_await g;
    ++d;
  };
  co_await inner(gate, done);
  co_await when_all(inner(gate, done), inner(gate, done));
}

TEST_F(join_test, a_join_below_a_child_that_waited_is_independent_of_the_join_above) {
  scheduler pool{{.workers = 2}};
  test::gate gate;
  std::atomic<int> first = 0, second = 0;
  auto both = [](test::gate& g, std::atomic<int>& a, std::atomic<int>& b) -> task<> {
    co_await when_all(awaits_a_joiner_inside(g, a), awaits_a_joiner_inside(g, b));
  };
  std::future<void> ended = spawn_future(pool, both(gate, first, second));

  gate.wait_for_arrivals(2);
  gate.open();
  ended.get();

  EXPECT_EQ(first, 3);
  EXPECT_EQ(second, 3);
}

TEST_F(join_test, a_failed_child_and_its_results_leave_no_frame_behind) {
  scheduler pool{{.workers = 2}};
  for (int round = 0; round < 100; ++round)
    ASSERT_EQ(run_mixture(pool, {ending::by_failing, ending::by_failing_late, ending::after_a_gate, ending::by_failing}), "013");
}

TEST(join_state, keeps_count_and_failures_apart) {
  alignas(16) detail::frame failed{};
  const detail::join_state waiting{7};
  EXPECT_EQ(waiting.remaining(), 7U);
  EXPECT_FALSE(waiting.has_failures());
  EXPECT_EQ(waiting.first_failure(), nullptr);

  const detail::join_state with = waiting.with_failure(&failed);
  EXPECT_EQ(with.remaining(), 7U);
  EXPECT_TRUE(with.has_failures());
  EXPECT_EQ(with.first_failure(), &failed);

  const detail::join_state done{with.word - 7};
  EXPECT_EQ(done.remaining(), 0U);
  EXPECT_EQ(done.first_failure(), &failed);
}

}  // namespace
}  // namespace weft
