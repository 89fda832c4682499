// SPDX-License-Identifier: Apache-2.0
// A task by itself and awaited: what it gives, what it throws, when it starts, and what it destroys when.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "balanced.hpp"
#include "small_tasks.hpp"

namespace weft {
namespace {

using test::boxed;
using test::counted;
using test::mishap;
using test::number;

static_assert(awaitable<task<int>>);
static_assert(!awaitable<task<int>&>, "a task is awaited as an rvalue");
static_assert(!awaitable<const task<int>>);
static_assert(!std::is_copy_constructible_v<task<int>> && std::is_nothrow_move_constructible_v<task<int>>);
static_assert(std::is_same_v<await_result<task<std::string>>, std::string>);
static_assert(std::is_same_v<await_result<task<int&>>, int&>);
static_assert(std::is_void_v<await_result<task<>>>);

template <class... Parameters>
constexpr bool frees_itself = std::coroutine_traits<task<int>, Parameters...>::promise_type::frees_itself;
static_assert(frees_itself<> && frees_itself<int, std::string&, const char*>);
static_assert(!frees_itself<std::string> && !frees_itself<int, std::unique_ptr<int>>);

class task_test : public test::balanced {
 protected:
  template <class T>
  T wait(task<T>&& t) {
    return sync_wait(pool_, std::move(t));
  }

 private:
  scheduler pool_{{.workers = 1}};

  // The frames are counted once the worker has ended.
  void TearDown() override {
    pool_.stop();
    test::balanced::TearDown();
  }
};

// --- what it gives ---

task<int> sum_of_two() {
  const int a = co_await number(1);
  const int b = co_await number(2);
  co_return a + b;
}

TEST_F(task_test, gives_a_value) { EXPECT_EQ(wait(sum_of_two()), 3); }

task<int&> reference_to(int& object) { co_return object; }
task<int*> address_through_await(int& object) {
  int& same = co_await reference_to(object);
  ++same;
  co_return &same;
}

TEST_F(task_test, gives_a_reference) {
  int object = 4;

  EXPECT_EQ(&wait(reference_to(object)), &object);
  EXPECT_EQ(wait(address_through_await(object)), &object);
  EXPECT_EQ(object, 5);
}

task<> set_to(int& object, int value) {
  object = value;
  co_return;
}
task<> set_twice(int& object) {
  co_await set_to(object, 1);
  EXPECT_EQ(object, 1);
  co_await set_to(object, 2);
}

TEST_F(task_test, gives_nothing) {
  int object = 0;
  wait(set_twice(object));
  EXPECT_EQ(object, 2);
}

task<std::unique_ptr<int>> boxed_again(int n) {
  std::unique_ptr<int> box = co_await boxed(n);
  ++*box;
  co_return box;
}

TEST_F(task_test, gives_what_can_only_be_moved) { EXPECT_EQ(*wait(boxed_again(6)), 7); }

struct no_default {
  explicit no_default(int n) : value(n) {}
  no_default& operator=(const no_default&) = delete;
  no_default(const no_default&) = default;
  const int value;
};
task<no_default> without_default(int n) { co_return no_default(n); }

TEST_F(task_test, gives_what_has_no_default_and_no_assignment) { EXPECT_EQ(wait(without_default(9)).value, 9); }

task<std::string> converted() { co_return "from a literal"; }

TEST_F(task_test, converts_what_is_returned) { EXPECT_EQ(wait(converted()), "from a literal"); }

task<counted> made() { co_return counted(3); }
task<long> use_and_drop() {
  const counted first = co_await made();
  co_await made();
  EXPECT_EQ(counted::live(), 1) << "a result that nobody takes is destroyed at once";
  co_return first.value;
}

TEST_F(task_test, destroys_every_result_once) { EXPECT_EQ(wait(use_and_drop()), 3); }

// --- when it starts and where it goes on ---

task<> note(std::string& notes, char c) {
  notes += c;
  co_return;
}
task<> in_order(std::string& notes) {
  task<> later = note(notes, 'b');
  notes += 'a';
  co_await std::move(later);
  EXPECT_TRUE(later.is_empty());  // NOLINT: what is left of it is the question
  notes += 'c';
}

TEST_F(task_test, starts_when_it_is_awaited_and_not_before) {
  std::string notes;
  task<> t = in_order(notes);
  EXPECT_EQ(notes, "");

  wait(std::move(t));

  EXPECT_EQ(notes, "abc");
}

task<int> depth(int n) {
  if (n == 0) co_return 0;
  const int below = co_await depth(n - 1);
  co_return below + 1;
}
task<int> many_in_a_row(int n) {
  int sum = 0;
  for (int i = 0; i < n; ++i) sum += co_await number(1);
  co_return sum;
}

TEST_F(task_test, deep_chains_and_long_loops_do_not_use_the_stack) {
  EXPECT_EQ(wait(depth(20'000)), 20'000);
  EXPECT_EQ(wait(many_in_a_row(200'000)), 200'000);
}

struct widget {
  int size = 5;
  task<int> grown(int by) const { co_return size + by; }
};

TEST_F(task_test, can_be_a_member_function_or_a_lambda) {
  const widget w;
  const auto twice = [](int n) -> task<int> { co_return 2 * n; };

  EXPECT_EQ(wait(w.grown(1)), 6);
  EXPECT_EQ(wait(twice(4)), 8);
}

struct alignas(64) over_aligned {
  std::array<char, 64> bytes{};
};
task<bool> keeps_alignment() {
  over_aligned local;
  local.bytes[0] = static_cast<char>(co_await number(1));
  co_return reinterpret_cast<std::uintptr_t>(&local) % 64 == 0 && local.bytes[0] == 1;
}
task<long> with_large_frame() {
  std::array<long, 20'000> many{};
  for (std::size_t i = 0; i < many.size(); ++i) many[i] = co_await number(1);
  long sum = 0;
  for (const long one : many) sum += one;
  co_return sum;
}

TEST_F(task_test, locals_may_be_large_and_aligned_to_a_line) {
  EXPECT_TRUE(wait(keeps_alignment()));
  EXPECT_EQ(wait(with_large_frame()), 20'000);
}

// --- what it throws ---

task<int> failing(int levels) {
  const counted local;
  if (levels == 0) throw mishap("at the bottom");
  const int below = co_await failing(levels - 1);
  co_return below;
}

TEST_F(task_test, an_exception_crosses_every_level_and_keeps_its_type) {
  try {
    wait(failing(5));
    ADD_FAILURE() << "nothing was thrown";
  } catch (const mishap& e) {
    EXPECT_STREQ(e.what(), "at the bottom");
  }
}

task<int> recovers() {
  int caught = 0;
  for (int i = 0; i < 3; ++i) {
    try {
      caught += co_await failing(i);
    } catch (const mishap&) {
      ++caught;
    }
  }
  const int after = co_await number(10);
  co_return caught + after;
}

TEST_F(task_test, an_awaiter_that_catches_goes_on) { EXPECT_EQ(wait(recovers()), 13); }

task<> fails_without_value() {
  throw 42;
  co_return;
}
task<int&> fails_with_reference() {
  throw mishap("no object");
  co_return *static_cast<int*>(nullptr);
}

TEST_F(task_test, tasks_of_every_kind_can_fail) {
  EXPECT_THROW(wait(fails_without_value()), int);
  EXPECT_THROW(wait(fails_with_reference()), mishap);
}

struct fails_to_move {
  explicit fails_to_move(bool now) : fail(now) {}
  fails_to_move(fails_to_move&& other) : fail(other.fail) {
    if (fail) throw mishap("cannot be moved");
  }
  bool fail;
};
task<fails_to_move> moves(bool fail) {
  fails_to_move local(fail);
  co_return std::move(local);
}

TEST_F(task_test, a_result_whose_construction_throws_makes_the_task_fail) {
  EXPECT_FALSE(wait(moves(false)).fail);
  EXPECT_THROW(wait(moves(true)), mishap);
}

// --- what it destroys ---

struct witness {
  explicit witness(int& count) : destroyed(&count) {}
  witness(witness&& other) noexcept : destroyed(std::exchange(other.destroyed, nullptr)) {}
  ~witness() {
    if (destroyed != nullptr) ++*destroyed;
  }
  int* destroyed;
};
task<> takes(witness, bool fail) {
  if (fail) throw mishap("with a parameter");
  co_return;
}
task<> checks_parameters() {
  int destroyed = 0;
  co_await takes(witness(destroyed), false);
  EXPECT_EQ(destroyed, 1) << "parameters go before the awaiter resumes";
  try {
    co_await takes(witness(destroyed), true);
    ADD_FAILURE() << "nothing was thrown";
  } catch (const mishap&) {
    EXPECT_EQ(destroyed, 2);
  }
}

TEST_F(task_test, destroys_its_parameters_once_and_before_the_awaiter_resumes) { wait(checks_parameters()); }

TEST_F(task_test, one_that_never_started_destroys_its_parameters) {
  int destroyed = 0;
  {
    const task<> never = takes(witness(destroyed), false);
    EXPECT_EQ(destroyed, 0);
  }
  EXPECT_EQ(destroyed, 1);
}

task<> drops_an_awaitable_unawaited(int& destroyed) {
  task<> t = takes(witness(destroyed), false);
  {
    [[maybe_unused]] auto never_awaited = std::move(t).operator co_await();
  }
  EXPECT_EQ(destroyed, 1);
  co_return;
}

TEST_F(task_test, an_awaiter_that_is_never_awaited_destroys_the_task) {
  int destroyed = 0;
  wait(drops_an_awaitable_unawaited(destroyed));
}

// --- as an object ---

TEST_F(task_test, a_move_leaves_nothing_behind) {
  task<int> first = number(1);
  task<int> second = std::move(first);

  EXPECT_TRUE(first.is_empty());  // NOLINT: what is left of it is the question
  EXPECT_FALSE(second.is_empty());
  EXPECT_EQ(wait(std::move(second)), 1);
}

TEST_F(task_test, assignment_destroys_what_was_there) {
  int destroyed = 0;
  task<> t = takes(witness(destroyed), false);

  t = takes(witness(destroyed), false);
  EXPECT_EQ(destroyed, 1);

  wait(std::move(t));
  EXPECT_EQ(destroyed, 2);
}

TEST_F(task_test, assignment_to_itself_changes_nothing) {
  task<int> t = number(8);
  task<int>& same = t;

  t = std::move(same);

  ASSERT_FALSE(t.is_empty());
  EXPECT_EQ(wait(std::move(t)), 8);
}

TEST_F(task_test, two_can_be_swapped) {
  task<int> one = number(1);
  task<int> two = number(2);

  one.swap(two);

  EXPECT_EQ(wait(std::move(one)), 2);
  EXPECT_EQ(wait(std::move(two)), 1);
}

}  // namespace
}  // namespace weft
