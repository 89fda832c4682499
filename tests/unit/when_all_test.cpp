// SPDX-License-Identifier: Apache-2.0
// when_all and when_all_ready of a fixed number of tasks: results in every form, failures, and where results may lie.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include "balanced.hpp"
#include "small_tasks.hpp"

namespace weft {
namespace {

using test::boxed;
using test::counted;
using test::mishap;
using test::number;
using test::object;
using test::run_everywhere;
using test::same;

template <class... Ts>
using joined = await_result<decltype(when_all(std::declval<task<Ts>>()...))>;
static_assert(std::is_same_v<joined<int, std::string>, std::tuple<int, std::string>>);
static_assert(std::is_same_v<joined<int, void>, std::tuple<int, std::monostate>>);
static_assert(std::is_same_v<joined<int&, int>, std::tuple<int&, int>>);
static_assert(std::is_void_v<joined<void, void>> && std::is_void_v<joined<void>>);
static_assert(std::is_same_v<await_result<decltype(when_all_ready(std::declval<task<int>>(), std::declval<task<>>()))>,
                             std::tuple<result<int>, result<void>>>);

class when_all_test : public test::balanced {};

task<std::string> text(std::string s) { co_return s; }
task<> nothing(int& ran) {
  ++ran;
  co_return;
}
task<int> fails(const char* why) {
  throw mishap(why);
  co_return 0;
}
task<int> yields(int n) {
  co_await yield();
  co_return n;
}

// --- the tuple ---

task<> gives_a_tuple() {
  auto [n, s] = co_await when_all(number(1), text("two"));
  EXPECT_EQ(n, 1);
  EXPECT_EQ(s, "two");
  auto all = co_await when_all(number(1), yields(2), number(3), yields(4), number(5));
  EXPECT_EQ(all, std::tuple(1, 2, 3, 4, 5));
  auto [only] = co_await when_all(number(7));
  EXPECT_EQ(only, 7);
}

TEST_F(when_all_test, gives_the_results_in_the_order_of_the_tasks) { run_everywhere(gives_a_tuple); }

task<> gives_monostate_for_void() {
  int ran = 0;
  auto [n, none] = co_await when_all(number(4), nothing(ran));
  EXPECT_EQ(n, 4);
  EXPECT_EQ(none, std::monostate{});
  EXPECT_EQ(ran, 1);
}
task<> gives_nothing_if_all_are_void() {
  int first = 0, second = 0;
  co_await when_all(nothing(first), nothing(second));
  EXPECT_EQ(first + second, 2);
}

TEST_F(when_all_test, void_children_are_monostate_or_nothing_at_all) {
  run_everywhere(gives_monostate_for_void);
  run_everywhere(gives_nothing_if_all_are_void);
}

task<> gives_references_and_move_only() {
  int object = 1;
  auto [ref, box] = co_await when_all(same(object), boxed(2));
  static_assert(std::is_same_v<decltype(ref), int&>);
  ref = 5;
  EXPECT_EQ(object, 5);
  EXPECT_EQ(*box, 2);
}

TEST_F(when_all_test, gives_references_and_what_can_only_be_moved) { run_everywhere(gives_references_and_move_only); }

struct alignas(16) wide {
  std::array<std::uint64_t, 2> words{};
};
task<wide> aligned(std::uint64_t n) {
  wide w;
  w.words = {n, ~n};
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(&w) % 16, 0U);
  co_return w;
}
task<> gives_aligned() {
  auto join = when_all(aligned(1), number(2), aligned(3));
  co_await join;
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(&join.get<0>()) % 16, 0U);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(&join.get<2>()) % 16, 0U);
  EXPECT_EQ(join.get<0>().words[1], ~std::uint64_t{1});
  EXPECT_EQ(join.get<2>().words[0], 3U);
}

TEST_F(when_all_test, results_may_be_aligned_to_16_bytes) { run_everywhere(gives_aligned); }

// --- in place ---

task<> reads_in_place() {
  int ran = 0;
  auto join = when_all(object(1), nothing(ran), object(3));
  co_await join;
  EXPECT_EQ(join.get<0>().value, 1);
  EXPECT_EQ(join.get<1>(), std::monostate{});
  join.get<2>().value = 9;
  EXPECT_EQ(join.get<2>().value, 9);
  EXPECT_EQ(counted::live(), 2);
}
task<> destroys_in_place() {
  co_await reads_in_place();
  EXPECT_EQ(counted::live(), 0);
}

TEST_F(when_all_test, results_can_be_read_in_place_and_go_with_the_join) { run_everywhere(destroys_in_place); }

task<> moves_results_out() {
  auto [a, b] = co_await when_all(object(1), object(2));
  EXPECT_EQ(a.value + b.value, 3);
  EXPECT_EQ(counted::live(), 2) << "what was moved from is gone";
}

TEST_F(when_all_test, a_temporary_leaves_nothing_behind) { run_everywhere(moves_results_out); }

task<> never_awaited() {
  {
    auto join = when_all(text("never"), text("started"));
    static_cast<void>(join);
  }
  co_return;
}

TEST_F(when_all_test, a_join_that_is_never_awaited_destroys_its_tasks) { run_everywhere(never_awaited); }

// --- it is structured ---

task<> adds_slowly(int& counter, int n) {
  for (int i = 0; i < n; ++i) co_await yield();
  counter += n;
}
task<> borrows() {
  int a = 0, b = 0, c = 0;
  co_await when_all(adds_slowly(a, 9), adds_slowly(b, 1), adds_slowly(c, 5));
  EXPECT_EQ(a, 9);
  EXPECT_EQ(b, 1);
  EXPECT_EQ(c, 5);
}

TEST_F(when_all_test, resumes_after_the_last_child_so_that_children_may_borrow) { run_everywhere(borrows); }

// --- failures ---

task<> throws_the_one_failure() {
  try {
    co_await when_all(object(1), fails("alone"), object(2));
    ADD_FAILURE() << "nothing was thrown";
  } catch (const mishap& e) {
    EXPECT_STREQ(e.what(), "alone");
  }
  EXPECT_EQ(counted::live(), 0) << "the results of the others are destroyed";
}

TEST_F(when_all_test, one_failure_is_thrown_as_it_is) { run_everywhere(throws_the_one_failure); }

task<> throws_a_group() {
  int ran = 0;
  try {
    co_await when_all(fails("first"), nothing(ran), fails("second"), yields(1), fails("third"));
    ADD_FAILURE() << "nothing was thrown";
  } catch (const exception_group& group) {
    EXPECT_EQ(group.failures().size(), 3U);
    std::string names;
    for (const std::exception_ptr& failure : group.failures()) {
      try {
        std::rethrow_exception(failure);
      } catch (const mishap& e) {
        names += std::string(e.what()) + ' ';
      }
    }
    EXPECT_EQ(names, "first second third ");
  }
  EXPECT_EQ(ran, 1) << "a failure cancels nobody";
}

TEST_F(when_all_test, several_failures_are_a_group_in_child_order) { run_everywhere(throws_a_group); }

task<> fails_inside() { co_await when_all(fails("a"), fails("b")); }
task<> keeps_nested_groups() {
  try {
    co_await when_all(fails_inside(), fails("c"));
    ADD_FAILURE() << "nothing was thrown";
  } catch (const exception_group& group) {
    EXPECT_EQ(group.failures().size(), 2U);
    EXPECT_THROW(std::rethrow_exception(group.failures().front()), exception_group);
    EXPECT_THROW(std::rethrow_exception(group.failures().back()), mishap);
  }
}

TEST_F(when_all_test, a_group_inside_a_group_stays_one) { run_everywhere(keeps_nested_groups); }

task<> is_cancelled() {
  throw operation_cancelled("stopped");
  co_return;
}
task<> prefers_real_failures() {
  EXPECT_TRUE(true);
  try {
    co_await when_all(is_cancelled(), fails("real"), is_cancelled());
    ADD_FAILURE() << "nothing was thrown";
  } catch (const mishap& e) {
    EXPECT_STREQ(e.what(), "real");
  }
  bool cancelled = false;
  try {
    co_await when_all(is_cancelled(), is_cancelled());
  } catch (const operation_cancelled&) {
    cancelled = true;
  }
  EXPECT_TRUE(cancelled);
}

TEST_F(when_all_test, cancellation_is_reported_only_if_nothing_else_failed) { run_everywhere(prefers_real_failures); }

task<> fails_in_place() {
  auto join = when_all(object(1), fails("in place"));
  try {
    co_await join;
    ADD_FAILURE() << "nothing was thrown";
  } catch (const mishap&) {
    EXPECT_EQ(counted::live(), 0);
  }
}

TEST_F(when_all_test, a_join_read_in_place_throws_at_its_await) { run_everywhere(fails_in_place); }

// --- when_all_ready ---

task<> gives_each_outcome() {
  int ran = 0, referenced = 0;
  auto [good, bad, none, ref, made] = co_await when_all_ready(number(1), fails("kept"), nothing(ran), same(referenced), object(6));
  EXPECT_EQ(good.value(), 1);
  EXPECT_FALSE(bad.has_value());
  EXPECT_THROW(static_cast<void>(bad.value()), mishap);
  EXPECT_TRUE(none.has_value());
  EXPECT_EQ(&ref.value(), &referenced);
  EXPECT_EQ(made.value().value, 6);
}

TEST_F(when_all_test, ready_gives_each_outcome_and_throws_nothing) { run_everywhere(gives_each_outcome); }

task<> all_fail_quietly() {
  auto [a, b] = co_await when_all_ready(fails("a"), fails("b"));
  EXPECT_FALSE(a.has_value());
  EXPECT_FALSE(b.has_value());
}

TEST_F(when_all_test, ready_throws_nothing_even_if_all_fail) { run_everywhere(all_fail_quietly); }

// --- many levels ---

task<std::uint64_t> fib(int n) {
  if (n < 2) co_return n;
  auto [x, y] = co_await when_all(fib(n - 1), fib(n - 2));
  co_return x + y;
}
task<> computes_fib() {
  const std::uint64_t value = co_await fib(18);
  EXPECT_EQ(value, 2584U);
}

TEST_F(when_all_test, joins_nest) { run_everywhere(computes_fib); }

}  // namespace
}  // namespace weft
