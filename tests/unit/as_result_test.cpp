// SPDX-License-Identifier: Apache-2.0
// as_result: how an await ended, as a value; and what a group of failures tells.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <coroutine>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "rejection.hpp"

namespace weft {
namespace {

template <class T>
task<T> gives(T value) {
  co_return value;
}
task<int> fails(std::string text) {
  co_await yield();
  throw std::runtime_error(text);
}
task<> fails_with_nothing(std::string text) {
  throw std::logic_error(text);
  co_return;
}

std::string text_of(const std::exception_ptr& failure) {
  const auto* const known = detail::exception_as<std::exception>(failure);
  return known != nullptr ? known->what() : "no std::exception";
}

struct throws_at_the_end {
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) const { handle.resume(); }
  int await_resume() const { throw std::runtime_error("foreign"); }
};

TEST(as_result, gives_the_value_of_a_task) {
  const auto main = []() -> task<std::string> {
    auto number = co_await as_result(gives(7));
    auto moved = co_await as_result(gives(std::make_unique<int>(8)));
    auto nothing = co_await as_result([]() -> task<> { co_return; }());
    co_return std::to_string(number.value()) + std::to_string(*std::move(moved).value()) + (nothing ? "ok" : "failed");
  };
  EXPECT_EQ(run(main()), "78ok");
}

TEST(as_result, gives_a_reference) {
  int there = 1;
  const auto refers = [](int& to) -> task<int&> { co_return to; };
  const auto main = [&]() -> task<bool> {
    auto found = co_await as_result(refers(there));
    co_return &found.value() == &there;
  };
  EXPECT_TRUE(run(main()));
}

TEST(as_result, gives_what_a_task_throws_and_throws_nothing) {
  const auto main = []() -> task<std::string> {
    auto late = co_await as_result(fails("late"));
    auto early = co_await as_result(fails_with_nothing("early"));
    co_return text_of(late.failure()) + " " + text_of(early.failure());
  };
  EXPECT_EQ(run(main()), "late early");
}

TEST(as_result, takes_handles_joins_and_what_is_not_ours) {
  const auto main = []() -> task<std::string> {
    auto handle = spawn(fails("spawned"));
    auto spawned = co_await as_result(std::move(handle));
    auto join = when_all(fails("a"), fails("b"));
    auto joined = co_await as_result(join);
    auto foreign = co_await as_result(throws_at_the_end());
    co_return text_of(spawned.failure()) + ", " + text_of(joined.failure()) + ", " + text_of(foreign.failure());
  };
  EXPECT_EQ(run(main()), "spawned, 2 tasks failed; see failures(), foreign");
}

TEST(as_result, refuses_an_empty_task) {
  auto t = gives(1);
  const auto taken = std::move(t);
  EXPECT_EQ(test::rejection_of([&] { static_cast<void>(as_result(std::move(t))); }),
            "weft: as_result: the task is empty: it was moved from, awaited or spawned before");
}

exception_group group_of_three() {
  std::vector<std::exception_ptr> inner{std::make_exception_ptr(std::out_of_range("inner")), std::make_exception_ptr(5)};
  std::vector<std::exception_ptr> outer{std::make_exception_ptr(std::runtime_error("outer")),
                                        std::make_exception_ptr(exception_group(std::move(inner)))};
  return exception_group(std::move(outer));
}

TEST(exception_group, visits_all_failures_in_order) {
  std::string seen;
  group_of_three().visit([&](const std::exception_ptr& failure) { seen += text_of(failure) + ";"; });
  EXPECT_EQ(seen, "outer;inner;no std::exception;");
}

TEST(exception_group, finds_the_first_of_a_type) {
  const exception_group group = group_of_three();
  ASSERT_NE(group.find<std::logic_error>(), nullptr);
  EXPECT_STREQ(group.find<std::logic_error>()->what(), "inner") << "a derived one, in a nested group";
  EXPECT_EQ(*group.find<int>(), 5);
  EXPECT_EQ(group.find<std::bad_alloc>(), nullptr);
}

TEST(exception_group, is_told_as_an_indented_list) {
  EXPECT_EQ(group_of_three().to_string(),
            "2 tasks failed\n"
            "  1: outer\n"
            "  2: 2 tasks failed\n"
            "    1: inner\n"
            "    2: an exception that is no std::exception");
}

}  // namespace
}  // namespace weft
