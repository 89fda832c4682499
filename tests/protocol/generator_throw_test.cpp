// SPDX-License-Identifier: Apache-2.0
// Rows T01, T02, T14, D02, L01, L06, L09, L11, L13, P03, P04, P06, P07 as they are of generators: what is thrown into them, closing,
// and what escapes.
#include <gtest/gtest.h>

#include <exception>
#include <string>
#include <utility>

#include "generator_bodies.hpp"

namespace {

using namespace weft::test;
using weft::coroutine_state;
using weft::yield_from;

/// Yields 1, and 100 for every failure that it catches; stops at "stop".
plain catches() {
  int next = 1;
  for (;;) {
    try {
      co_yield next;
      next = 2;
    } catch (const failure& f) {
      if (f.name == "stop") co_return 3;
      next = 100;
    }
  }
}

plain through(plain inner) {
  const maybe got = co_yield yield_from(std::move(inner));
  co_return *got + 1000;
}

plain raises(bool is_late) {
  if (is_late) co_yield 1;
  throw weft::stop_iteration("by hand");
}

/// Adds to `log` what passes, and throws `with` if that has a name.
plain closes(journal& log, std::string name, std::string with) {
  try {
    co_yield 1;
  } catch (const weft::generator_exit&) {
    log.push_back(name);
    if (with.empty()) throw;
  }
  if (with == "return") co_return 5;
  throw failure{with};
}

plain closes_around(journal& log, plain inner) {
  try {
    co_yield yield_from(std::move(inner));
  } catch (const weft::generator_exit&) {
    log.emplace_back("exit");
    throw;
  } catch (const failure& f) {
    log.push_back(f.name);
  }
  co_return maybe();
}

TEST(generator_throw, T01_it_is_raised_at_the_yield_and_what_is_yielded_next_is_given) {
  auto g = catches();
  static_cast<void>(g.next());
  EXPECT_EQ(maybe_of([&] { return g.throw_(failure{"a"}); }), "yield 100");
  EXPECT_EQ(maybe_of([&] { return g.next(); }), "yield 2");
  EXPECT_EQ(maybe_of([&] { return g.throw_(failure{"stop"}); }), "return 3");
}

TEST(generator_throw, T02_into_a_fresh_one_it_ends_it) {
  auto g = catches();
  EXPECT_EQ(maybe_of([&] { return g.throw_(failure{"a"}); }), "a");
  EXPECT_EQ(g.state(), coroutine_state::closed);
}

TEST(generator_throw, D02_it_reaches_the_innermost_at_any_depth) {
  auto g = through(through(catches()));
  static_cast<void>(g.next());
  EXPECT_EQ(maybe_of([&] { return g.throw_(failure{"a"}); }), "yield 100");
  EXPECT_EQ(maybe_of([&] { return g.throw_(failure{"stop"}); }), "return 2003");
}

TEST(generator_throw, T14_L13_an_exit_that_is_thrown_closes_the_inner_ones_first) {
  journal log;
  auto g = closes_around(log, closes(log, "inner", ""));
  static_cast<void>(g.next());
  EXPECT_EQ(maybe_of([&] { return g.throw_(weft::generator_exit()); }), "GeneratorExit");
  EXPECT_EQ(log, (journal{"inner", "exit"}));
}

TEST(generator_throw, L09_each_level_gets_an_exit_of_its_own) {
  journal log;
  auto g = closes_around(log, closes(log, "inner", "return"));
  static_cast<void>(g.next());
  EXPECT_EQ(outcome_of([&] { g.close(); }), "done");
  EXPECT_EQ(log, (journal{"inner", "exit"}));
}

TEST(generator_throw, L11_what_the_inner_one_throws_instead_is_raised_in_the_outer) {
  journal log;
  auto g = closes_around(log, closes(log, "inner", "E"));
  static_cast<void>(g.next());
  EXPECT_EQ(outcome_of([&] { g.close(); }), "done") << "the outer handled it";
  EXPECT_EQ(log, (journal{"inner", "E"}));
  auto alone = closes(log, "alone", "F");
  static_cast<void>(alone.next());
  EXPECT_EQ(outcome_of([&] { alone.close(); }), "F");
}

TEST(generator_throw, L01_L06_closing_a_fresh_or_an_ended_one_does_nothing) {
  auto g = plain_counts(0);
  EXPECT_EQ(outcome_of([&] { g.close(); }), "done");
  EXPECT_EQ(outcome_of([&] { g.close(); }), "done");
  EXPECT_EQ(maybe_of([&] { return g.next(); }), "return None");
}

TEST(generator_throw, P07_a_stop_iteration_that_escapes_says_generator) {
  for (const bool is_late : {false, true}) {
    auto g = raises(is_late);
    if (is_late) static_cast<void>(g.next());
    EXPECT_EQ(maybe_of([&] { return g.next(); }), generator_raised_stop);
  }
}

TEST(generator_throw, P03_one_that_leaks_from_next_in_a_body_is_converted) {
  const auto body = []() -> numbers {
    const auto ends = []() -> weft::generator<int, maybe, int> { co_return 1; };
    auto g = ends();
    static_cast<void>(g.next());
    co_return g.next().returned();
  };
  auto c = body();
  EXPECT_EQ(outcome_of([&] { return c.send(); }), raised_stop);
}

TEST(generator_throw, P04_the_innermost_that_lets_it_pass_names_itself) {
  auto fresh = flagged_counts(1);
  EXPECT_EQ(maybe_of([&] { return fresh.throw_(weft::stop_iteration()); }), generator_raised_stop) << "a fresh one";
  auto leaf = flagged_counts(1);
  auto outer = awaits_it(leaf);
  static_cast<void>(outer.send());
  EXPECT_EQ(outcome_of([&] { return outer.throw_(weft::stop_iteration()); }), generator_raised_stop) << "a generator is the leaf";
}

TEST(generator_throw, P06_it_is_a_runtime_error_already_where_it_is_yielded_from) {
  std::string seen;
  const auto body = [](std::string& to) -> plain {
    try {
      co_yield yield_from(raises(false));
    } catch (...) {
      to = told(std::current_exception());
    }
    co_return maybe();
  };
  auto g = body(seen);
  EXPECT_EQ(maybe_of([&] { return g.next(); }), "return None");
  EXPECT_EQ(seen, generator_raised_stop);
}

TEST(generator_throw, the_escaped_one_is_nested) {
  auto g = raises(false);
  std::string inner;
  try {
    static_cast<void>(g.next());
  } catch (const std::exception& e) {
    try {
      std::rethrow_if_nested(e);
    } catch (const weft::stop_iteration& stop) {
      inner = stop.what();
    }
  }
  EXPECT_EQ(inner, "by hand");
}

}  // namespace
