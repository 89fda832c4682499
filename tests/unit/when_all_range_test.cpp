// SPDX-License-Identifier: Apache-2.0
// Joins over a number of tasks known at run time: none, one, more than one chunk holds, every kind of result, failures.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "balanced.hpp"
#include "small_tasks.hpp"

namespace weft {
namespace {

using test::boxed;
using test::counted;
using test::increments;
using test::mishap;
using test::object;
using test::run_everywhere;
using test::same;
using test::texts_of;

template <class T>
using joined = await_result<decltype(when_all(std::declval<std::vector<task<T>>>()))>;
static_assert(std::is_same_v<joined<int>, std::vector<int>>);
static_assert(std::is_same_v<joined<int&>, std::vector<std::reference_wrapper<int>>>);
static_assert(std::is_void_v<joined<void>>);
static_assert(std::is_same_v<await_result<decltype(when_all_ready(std::declval<std::vector<task<>>>()))>, std::vector<result<void>>>);

class when_all_range_test : public test::balanced {};

task<std::size_t> number(std::size_t n) { co_return n; }
task<std::size_t> number_later(std::size_t n) {
  co_await yield();
  co_return n;
}

std::vector<task<std::size_t>> numbers(std::size_t count) {
  std::vector<task<std::size_t>> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(i % 7 == 3 ? number_later(i) : number(i));
  return all;
}

task<> joins_numbers(std::size_t count) {
  std::vector<task<std::size_t>> tasks = numbers(count);
  const std::vector<std::size_t> results = co_await when_all(std::move(tasks));
  std::vector<std::size_t> expected(count);
  std::iota(expected.begin(), expected.end(), std::size_t{0});
  EXPECT_EQ(results, expected);
}

TEST_F(when_all_range_test, gives_the_results_in_order) {
  for (const std::size_t count : {0U, 1U, 2U, 3U, 1000U}) run_everywhere([count] { return joins_numbers(count); });
}

TEST_F(when_all_range_test, joins_more_tasks_than_one_chunk_holds) {
  run_everywhere([] { return joins_numbers(140'000); });
}

task<> exactly_one_chunk() {
  constexpr std::size_t most = detail::chunk_of<std::size_t>::most;
  co_await joins_numbers(most);
  co_await joins_numbers(most + 1);
}

TEST_F(when_all_range_test, joins_as_many_as_one_chunk_holds_and_one_more) { run_everywhere(exactly_one_chunk); }

task<> joins_nothing() {
  std::vector<task<>> none;
  co_await when_all(std::move(none));
  std::vector<task<>> none_either;
  const std::vector<result<void>> outcomes = co_await when_all_ready(std::move(none_either));
  EXPECT_TRUE(outcomes.empty());
}
task<> joins_void() {
  int counter = 0;
  std::vector<task<>> tasks;
  for (int i = 0; i < 3; ++i) tasks.push_back(increments(counter));
  EXPECT_EQ(counter, 0);
  for (task<>& t : tasks) {  // one after the other: they share a counter
    std::vector<task<>> one;
    one.push_back(std::move(t));
    co_await when_all(std::move(one));
  }
  EXPECT_EQ(counter, 3);
}

TEST_F(when_all_range_test, void_children_give_nothing) {
  run_everywhere(joins_nothing);
  run_everywhere(joins_void);
}

task<> joins_references() {
  std::vector<int> objects(5);
  std::vector<task<int&>> tasks;
  for (int& o : objects) tasks.push_back(same(o));
  auto refs = co_await when_all(std::move(tasks));
  for (std::size_t i = 0; i < objects.size(); ++i) EXPECT_EQ(&refs[i].get(), &objects[i]);
}

TEST_F(when_all_range_test, references_come_as_reference_wrappers) { run_everywhere(joins_references); }

struct alignas(16) wide {
  std::uint64_t low = 0, high = 0;
};
task<wide> widened(std::uint64_t n) {
  EXPECT_TRUE(true);
  co_return wide{n, ~n};
}
task<> joins_special_values() {
  std::vector<task<std::unique_ptr<int>>> boxes;
  for (int i = 0; i < 4; ++i) boxes.push_back(boxed(i));
  const auto opened = co_await when_all(std::move(boxes));
  for (int i = 0; i < 4; ++i) EXPECT_EQ(*opened[static_cast<std::size_t>(i)], i);

  std::vector<task<wide>> aligned;
  for (std::uint64_t i = 0; i < 4; ++i) aligned.push_back(widened(i));
  const auto words = co_await when_all(std::move(aligned));
  for (std::uint64_t i = 0; i < 4; ++i) EXPECT_EQ(words[i].high, ~i);
}

TEST_F(when_all_range_test, values_may_be_move_only_or_aligned_to_16_bytes) { run_everywhere(joins_special_values); }

// --- failures ---

task<> throws_one() {
  std::vector<task<counted>> tasks;
  for (long i = 0; i < 4; ++i) tasks.push_back(object(i));
  auto broken = []() -> task<counted> {
    throw mishap("alone");
    co_return counted();
  };
  tasks.push_back(broken());
  try {
    co_await when_all(std::move(tasks));
    ADD_FAILURE() << "nothing was thrown";
  } catch (const mishap& e) {
    EXPECT_STREQ(e.what(), "alone");
  }
  EXPECT_EQ(counted::live(), 0);
}

TEST_F(when_all_range_test, one_failure_is_thrown_as_it_is) { run_everywhere(throws_one); }

task<int> fails_if(bool now, std::size_t n) {
  if (now) throw mishap(std::to_string(n));
  co_return 0;
}
task<> throws_a_group_from_two_chunks() {
  const std::size_t most = detail::chunk_of<int>::most;
  std::vector<task<int>> tasks;
  for (std::size_t i = 0; i < most + 10; ++i) tasks.push_back(fails_if(i == 1 || i == 5 || i == most + 3, i));
  try {
    co_await when_all(std::move(tasks));
    ADD_FAILURE() << "nothing was thrown";
  } catch (const exception_group& group) {
    EXPECT_EQ(texts_of(group), "1 5 " + std::to_string(most + 3) + ' ');
  }
}

TEST_F(when_all_range_test, failures_of_all_chunks_make_one_group_in_child_order) { run_everywhere(throws_a_group_from_two_chunks); }

task<counted> counted_unless(bool failing, std::size_t n) {
  if (failing) throw mishap(std::to_string(n));
  co_return counted(1);
}
task<> almost_all_fail() {
  constexpr std::size_t count = 5000;
  std::vector<task<counted>> tasks;
  for (std::size_t i = 0; i < count; ++i) tasks.push_back(counted_unless(i % 100 != 0, i));
  try {
    co_await when_all(std::move(tasks));
    ADD_FAILURE() << "nothing was thrown";
  } catch (const exception_group& group) {
    EXPECT_EQ(group.failures().size(), count - count / 100);
    EXPECT_EQ(texts_of(group).substr(0, 12), "1 2 3 4 5 6 ");
  }
  EXPECT_EQ(counted::live(), 0);
}

TEST_F(when_all_range_test, almost_all_of_many_children_may_fail) { run_everywhere(almost_all_fail); }

// --- ready ---

task<> gives_outcomes() {
  std::vector<task<int>> tasks;
  for (std::size_t i = 0; i < 6; ++i) tasks.push_back(fails_if(i % 2 == 1, i));
  std::vector<result<int>> outcomes = co_await when_all_ready(std::move(tasks));
  EXPECT_EQ(outcomes.size(), 6U);
  for (std::size_t i = 0; i < outcomes.size(); ++i) EXPECT_EQ(outcomes[i].has_value(), i % 2 == 0) << i;
  std::vector<task<counted>> objects;
  for (long i = 0; i < 3; ++i) objects.push_back(object(i));
  auto held = co_await when_all_ready(std::move(objects));
  EXPECT_EQ(counted::live(), 3);
  EXPECT_EQ(std::move(held[2]).value().value, 2);
}

TEST_F(when_all_range_test, ready_gives_each_outcome_and_throws_nothing) { run_everywhere(gives_outcomes); }

task<> is_awaited_twice() {
  std::vector<task<std::size_t>> tasks = numbers(3);
  auto join = when_all(std::move(tasks));
  co_await join;
  bool refused = false;
  try {
    co_await join;
  } catch (const usage_error& e) {
    refused = true;
    EXPECT_STREQ(e.what(), "weft: co_await when_all: it was awaited before");
  }
  EXPECT_TRUE(refused);
}

TEST_F(when_all_range_test, a_join_cannot_be_awaited_twice) { run_everywhere(is_awaited_twice); }

task<> is_never_awaited() {
  std::vector<task<std::size_t>> tasks = numbers(10);
  {
    [[maybe_unused]] auto join = when_all(std::move(tasks));
  }
  co_return;
}

TEST_F(when_all_range_test, a_join_that_is_never_awaited_destroys_its_tasks) { run_everywhere(is_never_awaited); }

}  // namespace
}  // namespace weft
