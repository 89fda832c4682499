// SPDX-License-Identifier: Apache-2.0
// The life of a coroutine object: created, sent to, thrown into, awaited, closed, and gone.
#include <weft/coroutine.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using weft::coroutine;
using weft::coroutine_state;
using sent = std::optional<int>;
using numbers = coroutine<int, sent, int>;

/// Yields 0 to n - 1 and returns the sum of what was sent.
numbers counts(int n) {
  int sum = 0;
  for (int i = 0; i < n; ++i) sum += (co_yield i).value_or(0);
  co_return sum;
}

numbers awaits_two(int n) {
  const int first = co_await counts(n);
  const int second = co_await counts(n);
  co_return first + second;
}

numbers nested(int depth, int n) {
  if (depth == 0) co_return co_await counts(n);
  co_return co_await nested(depth - 1, n);
}

/// What a call throws, as its text.
template <class Error, class Call>
std::string text_of(Call call) {
  try {
    call();
  } catch (const Error& e) {
    return e.what();
  }
  return "nothing was thrown";
}

TEST(coroutine, runs_none_of_its_body_before_it_is_sent_to) {
  bool ran = false;
  const auto body = [&ran]() -> coroutine<int, sent, void> {
    ran = true;
    co_yield 1;
  };
  auto c = body();
  EXPECT_EQ(c.state(), coroutine_state::created);
  EXPECT_FALSE(ran);
  c.close();
  EXPECT_EQ(c.state(), coroutine_state::closed);
  EXPECT_FALSE(ran);
}

TEST(coroutine, gives_what_is_yielded_and_then_what_is_returned) {
  auto c = counts(2);
  EXPECT_EQ(c.send().yielded(), 0);
  EXPECT_EQ(c.state(), coroutine_state::suspended);
  EXPECT_EQ(c.send(5).yielded(), 1);
  auto last = c.send(6);
  ASSERT_TRUE(last.is_returned());
  EXPECT_EQ(last.returned(), 11);
  EXPECT_EQ(c.state(), coroutine_state::closed);
}

TEST(coroutine, refuses_a_value_before_it_is_started_and_can_be_started_all_the_same) {
  auto c = counts(1);
  EXPECT_EQ(text_of<weft::type_error>([&] { static_cast<void>(c.send(1)); }), "can't send non-None value to a just-started coroutine");
  EXPECT_EQ(c.state(), coroutine_state::created);
  EXPECT_EQ(c.send().yielded(), 0);
}

TEST(coroutine, cannot_be_used_again_after_its_end) {
  auto c = counts(0);
  EXPECT_TRUE(c.send().is_returned());
  const std::string again = "cannot reuse already awaited coroutine";
  EXPECT_EQ(text_of<weft::runtime_error>([&] { static_cast<void>(c.send()); }), again);
  EXPECT_EQ(text_of<weft::runtime_error>([&] { static_cast<void>(c.send(1)); }), again);
  EXPECT_EQ(text_of<weft::runtime_error>([&] { static_cast<void>(c.throw_(1)); }), again);
  c.close();
}

TEST(coroutine, hands_on_what_the_innermost_yields_and_what_is_sent_to_it) {
  auto c = awaits_two(2);
  EXPECT_EQ(c.send().yielded(), 0);
  ASSERT_TRUE(c.awaiting());
  EXPECT_EQ(c.awaiting()->name(), "counts");
  EXPECT_EQ(c.send(1).yielded(), 1);
  EXPECT_EQ(c.send(2).yielded(), 0);
  EXPECT_EQ(c.send(3).yielded(), 1);
  EXPECT_EQ(c.send(4).returned(), 10);
}

TEST(coroutine, of_any_depth_is_closed_and_dropped_without_a_deep_stack) {
  {
    auto c = nested(100'000, 2);
    EXPECT_EQ(c.send().yielded(), 0);
    c.close();
    EXPECT_EQ(c.state(), coroutine_state::closed);
  }
  auto dropped = std::make_optional(nested(100'000, 2));
  EXPECT_EQ(dropped->send().yielded(), 0);
  dropped.reset();
  auto ended = nested(100'000, 0);
  EXPECT_EQ(ended.send().returned(), 0);
}

TEST(coroutine, that_is_awaited_can_be_driven_directly_and_then_goes_on_for_who_awaits_it) {
  auto inner = counts(3);
  const auto await_it = [](numbers& what) -> numbers { co_return co_await what; };
  auto outer = await_it(inner);
  EXPECT_EQ(outer.send().yielded(), 0);
  EXPECT_EQ(inner.state(), coroutine_state::suspended);
  EXPECT_EQ(inner.send(1).yielded(), 1);
  EXPECT_EQ(outer.send(2).yielded(), 2);
  EXPECT_EQ(inner.send(3).returned(), 6);
  EXPECT_EQ(text_of<weft::runtime_error>([&] { static_cast<void>(outer.send()); }), "cannot reuse already awaited coroutine");
  EXPECT_EQ(outer.state(), coroutine_state::closed);
}

TEST(coroutine, that_is_sent_to_by_its_own_body_says_that_it_is_executing) {
  numbers* self = nullptr;
  const auto body = [&self]() -> numbers {
    EXPECT_EQ(text_of<weft::value_error>([&] { static_cast<void>(self->send()); }), "coroutine already executing");
    EXPECT_EQ(self->state(), coroutine_state::running);
    co_yield 1;
    co_return 2;
  };
  auto c = body();
  self = &c;
  EXPECT_EQ(c.send().yielded(), 1);
  EXPECT_EQ(c.send().returned(), 2);
}

TEST(coroutine, that_yields_as_it_is_closed_ignored_it_and_can_be_driven_on) {
  const auto stubborn = []() -> numbers {
    bool is_closing = false;
    try {
      co_yield 1;
    } catch (const weft::generator_exit&) {
      is_closing = true;
    }
    if (is_closing) co_yield 2;
    co_return 3;
  };
  auto c = stubborn();
  EXPECT_EQ(c.send().yielded(), 1);
  EXPECT_EQ(text_of<weft::runtime_error>([&] { c.close(); }), "coroutine ignored GeneratorExit");
  EXPECT_EQ(c.state(), coroutine_state::suspended);
  EXPECT_EQ(c.send().returned(), 3);
}

TEST(coroutine, is_called_what_its_function_is_called) {
  auto c = counts(1);
  EXPECT_EQ(c.name(), "counts");
  EXPECT_NE(c.qualname().find("::counts"), std::string::npos) << c.qualname();
  EXPECT_EQ(c.repr().find("<coroutine object " + c.qualname() + " at 0x"), 0U) << c.repr();
  c.set_qualname("renamed");
  EXPECT_EQ(c.qualname(), "renamed");
  EXPECT_EQ(c.name(), "counts");
  c.close();
}

}  // namespace
