// SPDX-License-Identifier: Apache-2.0
// Rows L01 to L14 and L16, D02 to D04, D12: closing, and what passes through a chain on its way out.
#include <weft/coroutine.hpp>

#include <gtest/gtest.h>

#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "protocol_bodies.hpp"

namespace {

using namespace weft::test;
using weft::coroutine_state;

/// What a level of a chain does with an exception that arrives at its await.
enum class on_exit { passes, swallows, fails, yields };

/// Awaits `inner`, or yields if there is none, and notes what arrives there.
numbers level(journal& seen, std::string name, on_exit what, numbers* inner) {
  bool arrived = false;
  try {
    if (inner != nullptr)
      co_await *inner;
    else
      co_yield 1;
  } catch (...) {
    seen.push_back(name + " " + told(std::current_exception()));
    if (what == on_exit::passes) throw;
    if (what == on_exit::fails) throw failure{name + " failed"};
    arrived = true;
  }
  if (arrived && what == on_exit::yields) co_yield 2;
  co_return 7;
}

TEST(closing, L01_a_created_one_runs_no_body) {
  journal seen;
  auto c = level(seen, "c", on_exit::passes, nullptr);
  EXPECT_EQ(outcome_of([&] { c.close(); }), "done");
  EXPECT_EQ(c.state(), coroutine_state::closed);
  EXPECT_TRUE(seen.empty());
}

/// Notes the state of a coroutine as it goes itself.
struct looks_at {
  journal& seen;
  numbers* at = nullptr;
  ~looks_at() {
    seen.push_back(at->state() == coroutine_state::closed ? "closed" : "not closed");
    seen.push_back(outcome_of([&] { at->close(); }));
  }
};

numbers holds(std::unique_ptr<looks_at> /*parameter*/) {
  co_yield 0;
  co_return 0;
}

TEST(closing, L01_L06_T02_one_is_closed_before_its_parameters_go) {
  journal seen;
  const auto end = [&](auto&& call) {
    auto parameter = std::make_unique<looks_at>(seen);
    looks_at& looks = *parameter;
    auto c = holds(std::move(parameter));
    looks.at = &c;
    return outcome_of([&] { return call(c); });
  };
  EXPECT_EQ(end([](numbers& c) { c.close(); }), "done");
  EXPECT_EQ(end([](numbers& c) { return c.throw_(failure{"thrown"}); }), "thrown");
  const auto start = [](numbers& c) { EXPECT_EQ(outcome_of([&] { return c.send(); }), "yield 0"); };
  EXPECT_EQ(end([&](numbers& c) { start(c), c.close(); }), "done");
  EXPECT_EQ(end([&](numbers& c) {
              start(c);
              return c.send();
            }),
            "return 0");
  EXPECT_EQ(end([&](numbers& c) {
              start(c);
              return c.throw_(failure{"late"});
            }),
            "late");
  EXPECT_EQ(seen, (journal{"closed", "done", "closed", "done", "closed", "done", "closed", "done", "closed", "done"}));
}

TEST(closing, L02_raises_a_generator_exit_at_the_suspension_point_and_absorbs_it) {
  journal seen;
  auto c = level(seen, "c", on_exit::passes, nullptr);
  static_cast<void>(c.send());
  EXPECT_EQ(outcome_of([&] { c.close(); }), "done");
  EXPECT_EQ(seen, (journal{"c GeneratorExit"}));
  EXPECT_EQ(c.state(), coroutine_state::closed);
}

TEST(closing, L03_L16_a_body_that_swallows_it_and_returns_is_closed) {
  journal seen;
  auto c = level(seen, "c", on_exit::swallows, nullptr);
  static_cast<void>(c.send());
  EXPECT_EQ(outcome_of([&] { c.close(); }), "done");
  EXPECT_EQ(c.state(), coroutine_state::closed);
}

TEST(closing, L04_a_body_that_yields_ignored_it_and_can_be_driven_on) {
  journal seen;
  auto c = level(seen, "c", on_exit::yields, nullptr);
  static_cast<void>(c.send());
  EXPECT_EQ(outcome_of([&] { c.close(); }), ignored_exit);
  EXPECT_EQ(c.state(), coroutine_state::suspended);
  EXPECT_EQ(outcome_of([&] { return c.send(); }), "return 7");
}

TEST(closing, L05_another_exception_leaves_close) {
  journal seen;
  auto c = level(seen, "c", on_exit::fails, nullptr);
  static_cast<void>(c.send());
  EXPECT_EQ(outcome_of([&] { c.close(); }), "c failed");
  EXPECT_EQ(c.state(), coroutine_state::closed);
}

TEST(closing, L06_what_has_ended_again_and_again_does_nothing) {
  auto c = counts(0);
  static_cast<void>(c.send());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(outcome_of([&] { c.close(); }), "done");
}

TEST(closing, L07_while_it_executes_is_a_value_error) {
  numbers* self = nullptr;
  const auto body = [&self]() -> numbers {
    EXPECT_EQ(outcome_of([&] { self->close(); }), already_executing);
    co_yield 1;
    co_return 2;
  };
  auto c = body();
  self = &c;
  EXPECT_EQ(outcome_of([&] { return c.send(); }), "yield 1");
  EXPECT_EQ(c.state(), coroutine_state::suspended);
  c.close();
}

/// A chain of three, the outermost last, suspended in the innermost.
struct chain_of_three {
  journal seen;
  numbers a, b, c;

  chain_of_three(on_exit inner, on_exit middle, on_exit outer)
      : a(level(seen, "a", inner, nullptr)), b(level(seen, "b", middle, &a)), c(level(seen, "c", outer, &b)) {
    EXPECT_EQ(c.send().yielded(), 1);
  }
};

TEST(closing, L08_closes_the_innermost_first) {
  chain_of_three chain(on_exit::passes, on_exit::passes, on_exit::passes);
  EXPECT_EQ(outcome_of([&] { chain.c.close(); }), "done");
  EXPECT_EQ(chain.seen, (journal{"a GeneratorExit", "b GeneratorExit", "c GeneratorExit"}));
}

TEST(closing, L09_gives_each_level_a_generator_exit_of_its_own_whatever_the_inner_one_does) {
  chain_of_three chain(on_exit::swallows, on_exit::swallows, on_exit::passes);
  EXPECT_EQ(outcome_of([&] { chain.c.close(); }), "done");
  EXPECT_EQ(chain.seen, (journal{"a GeneratorExit", "b GeneratorExit", "c GeneratorExit"}));
}

TEST(closing, L10_an_inner_one_that_ignores_it_is_a_runtime_error_inside_the_outer) {
  chain_of_three chain(on_exit::yields, on_exit::passes, on_exit::swallows);
  EXPECT_EQ(outcome_of([&] { chain.c.close(); }), "done");
  EXPECT_EQ(chain.seen, (journal{"a GeneratorExit", "b " + ignored_exit, "c " + ignored_exit}));
}

TEST(closing, L10_the_outer_may_catch_it_and_the_inner_stays_suspended) {
  journal seen;
  auto inner = level(seen, "inner", on_exit::yields, nullptr);
  auto outer = level(seen, "outer", on_exit::swallows, &inner);
  static_cast<void>(outer.send());
  EXPECT_EQ(outcome_of([&] { outer.close(); }), "done");
  EXPECT_EQ(seen, (journal{"inner GeneratorExit", "outer " + ignored_exit}));
  EXPECT_EQ(inner.state(), coroutine_state::suspended);
  EXPECT_EQ(outer.state(), coroutine_state::closed);
  EXPECT_EQ(outcome_of([&] { return inner.send(); }), "return 7");
}

TEST(closing, L11_an_exception_of_the_inner_one_is_raised_in_the_outer_which_may_handle_it) {
  journal seen;
  auto inner = level(seen, "inner", on_exit::fails, nullptr);
  auto outer = level(seen, "outer", on_exit::swallows, &inner);
  static_cast<void>(outer.send());
  EXPECT_EQ(outcome_of([&] { outer.close(); }), "done");
  EXPECT_EQ(seen, (journal{"inner GeneratorExit", "outer inner failed"}));
}

TEST(closing, L12_an_outer_that_handles_it_and_yields_ignored_the_exit) {
  journal seen;
  auto inner = level(seen, "inner", on_exit::fails, nullptr);
  auto outer = level(seen, "outer", on_exit::yields, &inner);
  static_cast<void>(outer.send());
  EXPECT_EQ(outcome_of([&] { outer.close(); }), ignored_exit);
  EXPECT_EQ(outer.state(), coroutine_state::suspended);
  outer.close();
}

/// A generator_exit of the user's.
struct own_exit : weft::generator_exit {};

TEST(closing, L13_L14_a_thrown_generator_exit_closes_the_inner_and_arrives_itself_at_the_outer) {
  journal seen;
  auto inner = level(seen, "inner", on_exit::swallows, nullptr);
  const auto looks = [&]() -> numbers {
    try {
      co_await inner;
    } catch (const own_exit&) {
      seen.emplace_back("outer own");
      throw;
    }
    co_return 0;
  };
  auto outer = looks();
  static_cast<void>(outer.send());
  EXPECT_THROW(static_cast<void>(outer.throw_(own_exit())), own_exit);
  EXPECT_EQ(seen, (journal{"inner GeneratorExit", "outer own"}));
}

TEST(delegating, D02_a_thrown_exception_reaches_the_innermost_first) {
  chain_of_three chain(on_exit::passes, on_exit::passes, on_exit::passes);
  EXPECT_EQ(outcome_of([&] { return chain.c.throw_(failure{"f"}); }), "f");
  EXPECT_EQ(chain.seen, (journal{"a f", "b f", "c f"}));
}

TEST(delegating, D03_one_call_runs_on_until_the_next_value_of_the_outermost) {
  journal seen;
  auto inner = level(seen, "inner", on_exit::swallows, nullptr);
  const auto goes_on = [&inner]() -> numbers {
    const int got = co_await inner;
    co_yield got + 1;
    co_return 0;
  };
  auto outer = goes_on();
  static_cast<void>(outer.send());
  EXPECT_EQ(outcome_of([&] { return outer.throw_(failure{"f"}); }), "yield 8");
  outer.close();
}

TEST(delegating, D04_an_exception_translated_midway_is_what_the_outer_sees) {
  chain_of_three chain(on_exit::passes, on_exit::fails, on_exit::passes);
  EXPECT_EQ(outcome_of([&] { return chain.c.throw_(failure{"f"}); }), "b failed");
  EXPECT_EQ(chain.seen, (journal{"a f", "b f", "c b failed"}));
}

TEST(delegating, D12_an_exception_goes_on_after_what_a_cleanup_yields) {
  auto inner = counts(1);
  const auto cleans = [&inner]() -> numbers {
    std::exception_ptr failed;
    try {
      co_await inner;
    } catch (...) {
      failed = std::current_exception();
    }
    co_yield 5;
    if (failed) std::rethrow_exception(failed);
    co_return 0;
  };
  auto outer = cleans();
  static_cast<void>(outer.send());
  EXPECT_EQ(outcome_of([&] { return outer.throw_(failure{"k"}); }), "yield 5");
  EXPECT_EQ(outcome_of([&] { return outer.send(); }), "k");
}

}  // namespace
