// SPDX-License-Identifier: Apache-2.0
// Rows G14, G15, K08, R07 to R09, S02, L04, I01 and I03 of generators, plain and awaitable: their own calls.
#include <weft/coroutine_hooks.hpp>

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "generator_bodies.hpp"

namespace {

using namespace weft::test;
using weft::coroutine_state;

template <class G>
G stubborn() {
  for (int i = 0;; ++i) {
    try {
      co_yield i;
    } catch (const weft::generator_exit&) {
    }
  }
}

TEST(generator_calls, G14_a_flagged_one_is_still_a_range) {
  std::vector<int> seen;
  for (const int i : flagged_counts(3)) seen.push_back(i);
  EXPECT_EQ(seen, (std::vector{0, 1, 2}));
}

TEST(generator_calls, G15_S02_a_value_before_the_first_step_is_refused_in_its_own_words) {
  auto g = flagged_counts(1);
  EXPECT_EQ(maybe_of([&] { return g.send(1); }), generator_just_started);
  EXPECT_EQ(g.state(), coroutine_state::created);
  EXPECT_EQ(maybe_of([&] { return g.send(maybe()); }), "yield 0") << "None is no value";
}

TEST(generator_calls, G15_every_call_from_within_says_that_it_is_executing) {
  flagged* self = nullptr;
  journal seen;
  const auto body = [&]() -> flagged {
    seen.push_back(maybe_of([&] { return self->next(); }));
    seen.push_back(maybe_of([&] { return self->send(1); }));
    seen.push_back(maybe_of([&] { return self->throw_(failure{"f"}); }));
    seen.push_back(outcome_of([&] { self->close(); }));
    seen.push_back(self->state() == coroutine_state::running ? "running" : "not running");
    const maybe sent = co_yield 7;
    co_return sent;
  };
  auto g = body();
  self = &g;
  EXPECT_EQ(maybe_of([&] { return g.next(); }), "yield 7");
  EXPECT_EQ(seen, (journal{generator_executing, generator_executing, generator_executing, generator_executing, "running"}));
  EXPECT_EQ(maybe_of([&] { return g.send(3); }), "return 3") << "and it is unharmed";
}

TEST(generator_calls, G15_L04_one_that_ignores_its_close_stays_suspended) {
  auto g = stubborn<flagged>();
  static_cast<void>(g.next());
  EXPECT_EQ(outcome_of([&] { g.close(); }), generator_ignored_exit);
  EXPECT_EQ(g.state(), coroutine_state::suspended);
  EXPECT_EQ(maybe_of([&] { return g.next(); }), "yield 2");
  auto before = weft::set_unraisable_hook([](const std::exception_ptr&, const std::string&) {});
  {
    const auto gone = std::move(g);
  }
  weft::set_unraisable_hook(before);
}

TEST(generator_calls, K08_a_fresh_one_goes_without_a_warning) {
  int warnings = 0;
  auto before = weft::set_never_awaited_hook([&](const std::string&, const auto&) { ++warnings; });
  {
    const auto a = plain_counts(1);
    const auto b = flagged_counts(1);
  }
  weft::set_never_awaited_hook(before);
  EXPECT_EQ(warnings, 0);
}

TEST(generator_calls, R07_reuse_after_the_end_is_silent) {
  auto g = flagged_counts(0);
  EXPECT_EQ(maybe_of([&] { return g.next(); }), "return 0");
  EXPECT_EQ(maybe_of([&] { return g.next(); }), "return None");
  EXPECT_EQ(maybe_of([&] { return g.send(4); }), "return None");
  EXPECT_EQ(outcome_of([&] { g.close(); }), "done");
  auto outer = awaits_it(g);
  EXPECT_EQ(outcome_of([&] { return outer.send(); }), "return 1") << "an await gives None";
}

TEST(generator_calls, R08_what_is_thrown_into_an_ended_one_is_thrown) {
  auto g = flagged_counts(0);
  static_cast<void>(g.next());
  EXPECT_EQ(maybe_of([&] { return g.throw_(failure{"k"}); }), "k");
  EXPECT_EQ(maybe_of([&] { return g.throw_(weft::stop_iteration("as it is")); }), "StopIteration: as it is");
}

TEST(generator_calls, R09_a_suspended_one_is_awaited_and_goes_on) {
  auto g = flagged_counts(3);
  static_cast<void>(g.next());
  auto first = awaits_it(g);
  EXPECT_EQ(outcome_of([&] { return first.send(); }), "yield 1");
  auto second = awaits_it(g);
  EXPECT_EQ(outcome_of([&] { return second.send(); }), "yield 2");
  EXPECT_EQ(outcome_of([&] { return second.send(9); }), "return 109");
  EXPECT_EQ(outcome_of([&] { return first.send(); }), "return 1") << "the first awaiter finds it ended";
}

TEST(generator_calls, I01_I03_states_and_what_it_yields_from) {
  const auto body = []() -> plain {
    const maybe got = co_yield weft::yield_from(plain_counts(1));
    co_yield 8;
    co_return got;
  };
  auto g = body();
  EXPECT_EQ(g.state(), coroutine_state::created);
  EXPECT_FALSE(g.awaiting().has_value());
  static_cast<void>(g.next());
  EXPECT_EQ(g.state(), coroutine_state::suspended);
  ASSERT_TRUE(g.awaiting().has_value());
  EXPECT_EQ(g.awaiting()->kind(), weft::awaited_object::kind_of::generator);
  EXPECT_EQ(g.awaiting()->name(), "plain_counts");
  EXPECT_FALSE(g.awaiting()->awaiting().has_value()) << "the leaf awaits nothing";
  static_cast<void>(g.next());
  EXPECT_FALSE(g.awaiting().has_value()) << "it has ended";
  static_cast<void>(g.next());
  EXPECT_EQ(g.state(), coroutine_state::closed);
}

}  // namespace
