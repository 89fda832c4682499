// SPDX-License-Identifier: Apache-2.0
// fork_join, bounded and not: counts from none to the bound, results of every kind, failing children and failing makers.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <new>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "balanced.hpp"
#include "small_tasks.hpp"

namespace weft {
namespace {

using test::boxed;
using test::counted;
using test::mishap;
using test::object;
using test::run_everywhere;
using test::same;
using test::texts_of;

// As many bounded children as results fit into what a frame can hold of them.
using big_result = std::array<char, 256>;
static_assert(detail::most_slots<int> >= 4096 && detail::most_slots<big_result> == 2047);

class fork_join_test : public test::balanced {};

task<int> square(int n) { co_return n* n; }
task<int> square_later(int n) {
  co_await yield();
  co_return n* n;
}

int as_int(std::size_t i) { return static_cast<int>(i); }

// --- bounded ---

task<> gives_a_range(std::size_t count) {
  auto squares = co_await fork_join<8>(count, [](std::size_t i) { return i % 2 == 0 ? square(as_int(i)) : square_later(as_int(i)); });
  EXPECT_EQ(squares.size(), count);
  int expected = 0;
  for (const int s : squares) {
    EXPECT_EQ(s, expected * expected);
    ++expected;
  }
  EXPECT_EQ(static_cast<std::size_t>(expected), count);
  for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(squares[i], as_int(i * i));
}

TEST_F(fork_join_test, bounded_gives_a_range_of_as_many_results_as_were_asked_for) {
  for (std::size_t count = 0; count <= 8; ++count) run_everywhere([count] { return gives_a_range(count); });
}

task<> sums_in_one_expression() {
  int sum = 0;
  for (const int v : co_await fork_join<14>(5, [](std::size_t i) { return square(as_int(i)); })) sum += v;
  EXPECT_EQ(sum, 30);
}

TEST_F(fork_join_test, bounded_can_be_summed_in_a_loop) { run_everywhere(sums_in_one_expression); }

task<> reads_in_place() {
  auto join = fork_join<6>(4, [](std::size_t i) { return object(static_cast<long>(i)); });
  co_await join;
  EXPECT_EQ(join.size(), 4U);
  EXPECT_EQ(join[3].value, 3);
  long sum = 0;
  for (counted& c : join) sum += c.value;
  EXPECT_EQ(sum, 6);
  EXPECT_EQ(counted::live(), 4);
  auto nobody = fork_join<6>(0, [](std::size_t i) { return object(static_cast<long>(i)); });
  co_await nobody;
  EXPECT_EQ(nobody.begin(), nobody.end());
}

TEST_F(fork_join_test, results_of_a_named_join_are_read_in_place) { run_everywhere(reads_in_place); }

task<> increments(int& slot) {
  ++slot;
  co_return;
}
task<> void_children() {
  std::vector<int> slots(6);
  auto join = fork_join<6>(6, [&](std::size_t i) { return increments(slots[i]); });
  co_await join;
  auto unbounded = fork_join(6, [&](std::size_t i) { return increments(slots[i]); });
  co_await unbounded;
  EXPECT_EQ(slots, std::vector<int>(6, 2));
}

TEST_F(fork_join_test, void_children_give_nothing) { run_everywhere(void_children); }

task<> special_values() {
  std::vector<int> objects(3);
  auto refs = co_await fork_join<4>(3, [&](std::size_t i) { return same(objects[i]); });
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(&refs[i], &objects[i]);
  auto boxes = co_await fork_join<4>(3, [](std::size_t i) { return boxed(as_int(i)); });
  EXPECT_EQ(*boxes[2], 2);
  const auto more = co_await fork_join(3, [](std::size_t i) { return boxed(as_int(i)); });
  EXPECT_EQ(*more[1], 1);
}

TEST_F(fork_join_test, results_may_be_references_and_move_only) { run_everywhere(special_values); }

task<> counts_objects() {
  {
    auto objects = co_await fork_join<5>(4, [](std::size_t i) { return object(static_cast<long>(i)); });
    EXPECT_EQ(counted::live(), 4);
    long sum = 0;
    for (const counted& c : objects) sum += c.value;
    EXPECT_EQ(sum, 6);
  }
  EXPECT_EQ(counted::live(), 0);
}

TEST_F(fork_join_test, every_result_is_destroyed_once) { run_everywhere(counts_objects); }

task<> children_made_where_the_awaiter_suspends() {
  int made = 0;
  auto join = fork_join<3>(3, [&](std::size_t i) {
    EXPECT_EQ(as_int(i), made);
    ++made;
    return square(as_int(i));
  });
  EXPECT_EQ(made, 0);
  co_await join;
  EXPECT_EQ(made, 3);
}

TEST_F(fork_join_test, makes_its_children_in_order_and_only_when_awaited) { run_everywhere(children_made_where_the_awaiter_suspends); }

// --- failures ---

task<counted> object_or_failure(std::size_t i) {
  if (i % 3 == 1) throw mishap(std::to_string(i));
  co_return counted(1);
}
task<> some_children_fail() {
  try {
    co_await fork_join<8>(8, object_or_failure);
    ADD_FAILURE() << "nothing was thrown";
  } catch (const exception_group& group) {
    EXPECT_EQ(texts_of(group), "1 4 7 ");
  }
  EXPECT_EQ(counted::live(), 0);
  try {
    co_await fork_join(3, object_or_failure);
    ADD_FAILURE() << "nothing was thrown";
  } catch (const mishap& e) {
    EXPECT_STREQ(e.what(), "1");
  }
  EXPECT_EQ(counted::live(), 0);
}

TEST_F(fork_join_test, failures_of_children_arrive_as_in_when_all) { run_everywhere(some_children_fail); }

// A maker that fails at child k must start nobody and destroy what it made.
struct failing_maker {
  std::size_t at;
  int* started;
  static task<int> child(int& started, counted) {
    ++started;
    co_return 0;
  }
  task<int> operator()(std::size_t i) const {
    if (i == at) throw mishap("maker");
    return child(*started, counted(1));
  }
};
task<> maker_fails(std::size_t at) {
  int started = 0;
  for (int bounded = 0; bounded < 2; ++bounded) {
    try {
      if (bounded == 1) {
        auto join = fork_join<6>(6, failing_maker{at, &started});
        co_await join;
      } else {
        auto join = fork_join(6, failing_maker{at, &started});
        co_await join;
      }
      ADD_FAILURE() << "nothing was thrown";
    } catch (const mishap& e) {
      EXPECT_STREQ(e.what(), "maker");
    }
    EXPECT_EQ(counted::live(), 0);
  }
  EXPECT_EQ(started, 0);
}

TEST_F(fork_join_test, if_the_maker_throws_at_any_child_nobody_starts) {
  for (std::size_t at = 0; at < 6; ++at) run_everywhere([at] { return maker_fails(at); });
}

// Throws once, at its second child.
struct reluctant_maker {
  bool* has_thrown;
  task<int> operator()(std::size_t i) const {
    if (i == 1 && !std::exchange(*has_thrown, true)) throw mishap("not yet");
    return square(as_int(i));
  }
};
task<> makers_throw_once() {
  bool bounded_threw = false, unbounded_threw = false;
  auto bounded = fork_join<3>(3, reluctant_maker{&bounded_threw});
  auto unbounded = fork_join(3, reluctant_maker{&unbounded_threw});
  bool refused = false;
  try {
    co_await bounded;
  } catch (const mishap&) {
    refused = true;
  }
  EXPECT_TRUE(std::exchange(refused, false));
  try {
    co_await unbounded;
  } catch (const mishap&) {
    refused = true;
  }
  EXPECT_TRUE(refused);
  co_await bounded;
  const std::vector<int> all = co_await unbounded;
  EXPECT_EQ(all, (std::vector<int>{0, 1, 4}));
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(bounded[i], all[i]);
}

TEST_F(fork_join_test, after_a_maker_that_threw_the_join_can_be_awaited_again) { run_everywhere(makers_throw_once); }

task<> maker_gives_an_empty_task(bool bounded) {
  const auto empty_second = [](std::size_t i) {
    task<int> t = square(1);
    if (i == 1) static_cast<void>(task<int>(std::move(t)));
    return t;
  };
  try {
    if (bounded) {
      auto join = fork_join<3>(3, empty_second);
      co_await join;
    } else {
      auto join = fork_join(3, empty_second);
      co_await join;
    }
    ADD_FAILURE() << "nothing was thrown";
  } catch (const usage_error& e) {
    EXPECT_NE(std::string(e.what()).find("fork_join"), std::string::npos) << e.what();
    EXPECT_NE(std::string(e.what()).find("empty"), std::string::npos) << e.what();
  }
}

TEST_F(fork_join_test, a_maker_that_gives_an_empty_task_is_an_error) {
  run_everywhere([] { return maker_gives_an_empty_task(true); });
  run_everywhere([] { return maker_gives_an_empty_task(false); });
}

task<> over_the_bound() {
  bool refused = false;
  try {
    auto join = fork_join<4>(5, [](std::size_t i) { return square(as_int(i)); });
    co_await join;
  } catch (const usage_error& e) {
    refused = true;
    EXPECT_STREQ(e.what(), "weft: fork_join<N>: the count is over the bound N");
  }
  EXPECT_TRUE(refused);
}

TEST_F(fork_join_test, a_count_over_the_bound_is_an_error) { run_everywhere(over_the_bound); }

// --- unbounded ---

task<> gives_a_vector(std::size_t count) {
  const std::vector<int> squares = co_await fork_join(count, [](std::size_t i) { return square(as_int(i)); });
  std::vector<int> expected(count);
  for (std::size_t i = 0; i < count; ++i) expected[i] = as_int(i * i);
  EXPECT_EQ(squares, expected);
}

TEST_F(fork_join_test, unbounded_gives_a_vector) {
  for (const std::size_t count : {0U, 1U, 2U, 500U}) run_everywhere([count] { return gives_a_vector(count); });
}

task<long> tree(int depth) {
  if (depth == 0) co_return 1;
  long sum = 0;
  auto join = fork_join<10>(10, [depth](std::size_t) { return tree(depth - 1); });
  co_await join;
  for (const long leaves : join) sum += leaves;
  co_return sum;
}
task<> grows_a_tree() {
  const long leaves = co_await tree(4);
  EXPECT_EQ(leaves, 10'000);
}

TEST_F(fork_join_test, joins_nest) { run_everywhere(grows_a_tree); }

}  // namespace
}  // namespace weft
