// SPDX-License-Identifier: Apache-2.0
// Rows A01, A07 to A13, A17 to A21, D01, D08 to D11, I01 to I04, R01 to R06: awaiting, views, and what is refused.
#include <weft/coroutine.hpp>

#include <gtest/gtest.h>

#include <exception>
#include <string>
#include <utility>

#include "protocol_bodies.hpp"

namespace {

using namespace weft::test;
using weft::coroutine_state;

/// Awaits `what` and returns what that threw, as text.
weft::coroutine<int, maybe, std::string> seen_at_await(numbers& what) {
  std::string seen = "nothing";
  try {
    co_await what;
  } catch (...) {
    seen = told(std::current_exception());
  }
  co_return seen;
}

/// Awaits a view of `what` and returns its value and 100.
numbers awaits_view(numbers& what) { co_return co_await what.view() + 100; }

TEST(awaiting, A01_D01_runs_it_in_place_and_sends_go_to_the_innermost) {
  auto inner = counts(2);
  auto outer = awaits(inner);
  EXPECT_EQ(outcome_of([&] { return outer.send(); }), "yield 0");
  EXPECT_EQ(outcome_of([&] { return outer.send(3); }), "yield 1");
  EXPECT_EQ(outcome_of([&] { return outer.send(4); }), "return 107");
}

TEST(awaiting, A07_a_suspended_one_is_refused_inside_the_awaiter_and_unaffected) {
  auto c = counts(2);
  static_cast<void>(c.send());
  auto second = seen_at_await(c);
  EXPECT_EQ(std::move(second.send()).returned(), being_awaited);
  EXPECT_EQ(outcome_of([&] { return c.send(); }), "yield 1");
  c.close();
}

TEST(awaiting, A07_one_that_is_awaited_already_is_refused) {
  auto inner = counts(2);
  auto outer = awaits(inner);
  static_cast<void>(outer.send());
  auto second = seen_at_await(inner);
  EXPECT_EQ(std::move(second.send()).returned(), being_awaited);
  EXPECT_EQ(outcome_of([&] { return outer.send(); }), "yield 1");
  outer.close();
}

TEST(awaiting, A08_itself_says_that_it_is_executing) {
  numbers* self = nullptr;
  std::string seen;
  const auto body = [&]() -> numbers {
    try {
      co_await *self;
    } catch (...) {
      seen = told(std::current_exception());
    }
    co_return 1;
  };
  auto c = body();
  self = &c;
  EXPECT_EQ(outcome_of([&] { return c.send(); }), "return 1");
  EXPECT_EQ(seen, already_executing);
}

TEST(awaiting, A09_R06_an_ended_one_cannot_be_reused_inside_the_awaiter) {
  auto c = counts(0);
  static_cast<void>(c.send());
  auto outer = seen_at_await(c);
  EXPECT_EQ(std::move(outer.send()).returned(), cannot_reuse);
}

TEST(awaiting, A10_A11_views_share_the_state_and_closing_one_closes_all) {
  auto c = counts(3);
  auto one = c.view();
  {
    auto other = one;
    EXPECT_EQ(outcome_of([&] { return other.send(); }), "yield 0");
  }
  EXPECT_EQ(c.state(), coroutine_state::suspended);
  one.close();
  EXPECT_EQ(c.state(), coroutine_state::closed);
}

TEST(awaiting, A12_a_view_refuses_a_value_for_a_just_started_one) {
  auto c = counts(1);
  auto view = c.view();
  EXPECT_EQ(outcome_of([&] { return view.send(1); }), just_started);
  EXPECT_EQ(outcome_of([&] { return view.send(); }), "yield 0");
  c.close();
}

TEST(awaiting, A13_a_view_resumes_a_suspended_one) {
  auto c = counts(2);
  static_cast<void>(c.send());
  auto outer = awaits_view(c);
  EXPECT_EQ(outcome_of([&] { return outer.send(); }), "yield 1");
  ASSERT_TRUE(outer.awaiting());
  EXPECT_EQ(outer.awaiting()->kind(), weft::awaited_object::kind_of::view);
  EXPECT_EQ(outcome_of([&] { return outer.send(9); }), "return 109");
}

TEST(awaiting, A13_a_view_hands_on_what_is_thrown_and_closed) {
  auto c = counts(1);
  auto outer = awaits_view(c);
  static_cast<void>(outer.send());
  EXPECT_EQ(outcome_of([&] { return outer.throw_(failure{"f"}); }), "f");
  EXPECT_EQ(c.state(), coroutine_state::closed);
  auto d = counts(1);
  auto closed = awaits_view(d);
  static_cast<void>(closed.send());
  closed.close();
  EXPECT_EQ(d.state(), coroutine_state::closed);
}

TEST(awaiting, A17_an_exception_is_raised_at_the_await_as_the_same_object) {
  const failure* thrown = nullptr;
  const auto fails = [&thrown]() -> numbers {
    try {
      throw failure{"f"};
    } catch (const failure& f) {
      thrown = &f;
      throw;
    }
    co_return 0;
  };
  const auto looks = [&]() -> numbers {
    try {
      co_await fails();
    } catch (const failure& f) {
      EXPECT_EQ(&f, thrown);
    }
    co_return 1;
  };
  auto c = looks();
  EXPECT_EQ(outcome_of([&] { return c.send(); }), "return 1");
}

TEST(awaiting, S07_A18_a_returned_exception_is_a_value) {
  const auto gives = []() -> weft::coroutine<int, maybe, std::exception_ptr> { co_return std::make_exception_ptr(failure{"value"}); };
  const auto looks = [&gives]() -> weft::coroutine<int, maybe, std::string> { co_return told(co_await gives()); };
  auto c = looks();
  EXPECT_EQ(std::move(c.send()).returned(), "value");
}

TEST(awaiting, A19_a_coroutine_may_return_one_that_was_not_run) {
  const auto gives = []() -> weft::coroutine<int, maybe, numbers> { co_return counts(0); };
  const auto twice = [&gives]() -> numbers {
    numbers given = co_await gives();
    co_return co_await given;
  };
  auto c = twice();
  EXPECT_EQ(outcome_of([&] { return c.send(); }), "return 0");
}

TEST(awaiting, A20_a_view_of_an_ended_one_cannot_be_reused) {
  auto c = counts(0);
  auto view = c.view();
  static_cast<void>(c.send());
  EXPECT_EQ(outcome_of([&] { return view.send(); }), cannot_reuse);
  EXPECT_EQ(outcome_of([&] { return view.throw_(failure{"f"}); }), cannot_reuse);
}

TEST(delegating, D08_D09_every_coroutine_of_a_running_chain_is_executing) {
  numbers* outermost = nullptr;
  journal seen;
  const auto leaf = [&]() -> numbers {
    seen.push_back(outcome_of([&] { return outermost->send(); }));
    try {
      co_yield 1;
    } catch (...) {
      seen.push_back(outcome_of([&] { return outermost->send(); }));
      throw;
    }
    co_return 0;
  };
  auto inner = leaf();
  auto outer = awaits(inner);
  outermost = &outer;
  static_cast<void>(outer.send());
  EXPECT_EQ(outcome_of([&] { return outer.throw_(failure{"f"}); }), "f");
  EXPECT_EQ(seen, (journal{already_executing, already_executing}));
}

TEST(delegating, A21_D09_one_that_passes_a_throw_or_a_close_inwards_is_executing) {
  numbers* outermost = nullptr;
  journal seen;
  const auto looks = [&] {
    EXPECT_EQ(outermost->state(), coroutine_state::running);
    EXPECT_FALSE(outermost->awaiting());
    seen.push_back(outcome_of([&] { return outermost->send(); }));
    auto second = seen_at_await(*outermost);
    seen.push_back(std::move(second.send()).returned());
  };
  const auto leaf = [&]() -> numbers {
    try {
      co_yield 1;
    } catch (const failure&) {
      looks();
    }
    try {
      co_yield 2;
    } catch (const weft::generator_exit&) {
      looks();
      throw;
    }
    co_return 0;
  };
  auto inner = leaf();
  auto outer = awaits(inner);
  outermost = &outer;
  static_cast<void>(outer.send());
  EXPECT_EQ(outcome_of([&] { return outer.throw_(failure{"f"}); }), "yield 2");
  EXPECT_EQ(outcome_of([&] { outer.close(); }), "done");
  EXPECT_EQ(seen, journal(4, already_executing));
}

TEST(delegating, D10_an_inner_one_driven_to_its_end_cannot_be_reused_by_the_outer) {
  auto inner = counts(1);
  auto outer = awaits(inner);
  static_cast<void>(outer.send());
  EXPECT_EQ(outcome_of([&] { return inner.send(2); }), "return 2");
  EXPECT_EQ(outcome_of([&] { return outer.send(); }), cannot_reuse);
  EXPECT_EQ(outer.state(), coroutine_state::closed);
}

/// A chain in which the outer one is sent to while its inner one is driven directly.
TEST(delegating, an_outer_one_sent_to_while_its_inner_one_runs_sees_at_its_await_that_that_is_executing) {
  weft::coroutine<int, maybe, std::string>* outermost = nullptr;
  std::string seen;
  const auto leaf = [&]() -> numbers {
    co_yield 1;
    seen = std::move(outermost->send()).returned();
    co_yield 2;
    co_return 0;
  };
  auto inner = leaf();
  auto outer = seen_at_await(inner);
  outermost = &outer;
  static_cast<void>(outer.send());
  EXPECT_EQ(outcome_of([&] { return inner.send(); }), "yield 2");
  EXPECT_EQ(seen, already_executing);
  EXPECT_EQ(outer.state(), coroutine_state::closed);
  inner.close();
}

numbers descends(int depth) {
  if (depth == 0) co_return co_await counts(1);
  co_return co_await descends(depth - 1);
}

TEST(delegating, D11_has_no_recursion_limit) {
  auto c = descends(100'000);
  EXPECT_EQ(outcome_of([&] { return c.send(); }), "yield 0");
  EXPECT_EQ(outcome_of([&] { return c.send(4); }), "return 4");
}

TEST(introspection, I01_I02_the_state_says_where_it_is) {
  numbers* self = nullptr;
  coroutine_state inside{};
  const auto body = [&]() -> numbers {
    inside = self->state();
    co_yield 1;
    co_return 0;
  };
  auto c = body();
  self = &c;
  EXPECT_EQ(c.state(), coroutine_state::created);
  static_cast<void>(c.send());
  EXPECT_EQ(inside, coroutine_state::running);
  EXPECT_EQ(c.state(), coroutine_state::suspended);
  static_cast<void>(c.send());
  EXPECT_EQ(c.state(), coroutine_state::closed);
}

TEST(introspection, I03_I04_what_is_awaited_leads_to_the_leaf) {
  auto inner = counts(1);
  auto middle = awaits(inner);
  auto outer = awaits(middle);
  EXPECT_FALSE(outer.awaiting());
  static_cast<void>(outer.send());
  const auto first = outer.awaiting();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->kind(), weft::awaited_object::kind_of::coroutine);
  EXPECT_EQ(first->name(), "awaits");
  const auto second = first->awaiting();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->name(), "counts");
  EXPECT_FALSE(second->awaiting());
  static_cast<void>(outer.send());
  EXPECT_FALSE(outer.awaiting());
}

TEST(reuse, R01_to_R06_what_has_ended_cannot_be_sent_to_thrown_into_or_awaited) {
  const auto check = [](numbers& c) {
    EXPECT_EQ(outcome_of([&] { return c.send(); }), cannot_reuse);
    EXPECT_EQ(outcome_of([&] { return c.send(1); }), cannot_reuse);
    EXPECT_EQ(outcome_of([&] { return c.throw_(failure{"f"}); }), cannot_reuse);
    EXPECT_EQ(outcome_of([&] { return c.throw_(weft::generator_exit()); }), cannot_reuse);
    EXPECT_EQ(outcome_of([&] { c.close(); }), "done");
    auto outer = seen_at_await(c);
    EXPECT_EQ(std::move(outer.send()).returned(), cannot_reuse);
  };
  for (const bool is_started : {false, true}) {
    auto closed = counts(1);
    if (is_started) static_cast<void>(closed.send());
    closed.close();
    check(closed);
    auto thrown = counts(1);
    if (is_started) static_cast<void>(thrown.send());
    EXPECT_EQ(outcome_of([&] { return thrown.throw_(failure{"f"}); }), "f");
    check(thrown);
  }
  auto returned = counts(0);
  static_cast<void>(returned.send());
  check(returned);
  const auto fails = []() -> numbers {
    throw failure{"f"};
    co_return 0;
  };
  auto failed = fails();
  EXPECT_EQ(outcome_of([&] { return failed.send(); }), "f");
  check(failed);
}

}  // namespace
