// SPDX-License-Identifier: Apache-2.0
// Rows T01 to T15, E01 to E05, P01 to P06, P08 and P09: what is thrown into a coroutine, what it handles, and what leaves it.
#include <weft/coroutine.hpp>

#include <gtest/gtest.h>

#include <exception>
#include <stdexcept>
#include <string>
#include <utility>

#include "protocol_bodies.hpp"

namespace {

using namespace weft::test;
using weft::coroutine_state;

/// Catches a failure where it yields `first`; then yields `second`, or returns it if `ends`.
numbers catches(int first, int second, bool ends) {
  try {
    co_yield first;
  } catch (const failure&) {
  }
  if (!ends) co_yield second;
  co_return second;
}

TEST(throwing, T01_raises_at_the_suspension_point_and_gives_what_is_yielded_next) {
  auto c = catches(1, 2, false);
  EXPECT_EQ(c.send().yielded(), 1);
  EXPECT_EQ(c.throw_(failure{"f"}).yielded(), 2);
  c.close();
}

TEST(throwing, T02_into_a_created_one_runs_no_body_and_closes_it) {
  auto c = counts(1);
  EXPECT_EQ(outcome_of([&] { return c.throw_(failure{"x"}); }), "x");
  EXPECT_EQ(c.state(), coroutine_state::closed);
}

TEST(throwing, T03_uncaught_leaves_throw_as_the_same_object) {
  auto c = counts(1);
  static_cast<void>(c.send());
  const std::exception_ptr thrown = std::make_exception_ptr(failure{"same"});
  try {
    static_cast<void>(c.throw_(thrown));
    FAIL() << "nothing was thrown";
  } catch (const failure& caught) {
    try {
      std::rethrow_exception(thrown);
    } catch (const failure& original) {
      EXPECT_EQ(&caught, &original);
    }
  }
  EXPECT_EQ(c.state(), coroutine_state::closed);
}

TEST(throwing, T04_caught_and_returned_gives_the_value) {
  auto c = catches(1, 5, true);
  static_cast<void>(c.send());
  EXPECT_EQ(outcome_of([&] { return c.throw_(failure{"f"}); }), "return 5");
}

TEST(throwing, T05_makes_the_exception_of_a_type_and_its_arguments) {
  auto c = counts(1);
  static_cast<void>(c.send());
  EXPECT_EQ(outcome_of([&] { return c.throw_<std::out_of_range>("made here"); }), "made here");
}

TEST(throwing, T07_a_null_exception_is_a_type_error_and_changes_nothing) {
  auto c = counts(1);
  static_cast<void>(c.send());
  EXPECT_EQ(outcome_of([&] { return c.throw_(std::exception_ptr()); }),
            "TypeError: throw_: the exception_ptr is null; pass one that holds an exception");
  EXPECT_EQ(c.state(), coroutine_state::suspended);
  EXPECT_EQ(outcome_of([&] { return c.send(7); }), "return 7");
}

TEST(throwing, T10_while_it_executes_is_a_value_error_and_leaves_the_exception_to_its_owner) {
  numbers* self = nullptr;
  std::exception_ptr mine = std::make_exception_ptr(failure{"mine"});
  const auto body = [&]() -> numbers {
    EXPECT_EQ(outcome_of([&] { return self->throw_(mine); }), already_executing);
    co_return 1;
  };
  auto c = body();
  self = &c;
  EXPECT_EQ(outcome_of([&] { return c.send(); }), "return 1");
  EXPECT_EQ(told(mine), "mine");
}

TEST(throwing, T14_a_generator_exit_uncaught_leaves_throw_unlike_close) {
  auto c = counts(1);
  static_cast<void>(c.send());
  EXPECT_EQ(outcome_of([&] { return c.throw_(weft::generator_exit()); }), "GeneratorExit");
  EXPECT_EQ(c.state(), coroutine_state::closed);
}

TEST(throwing, T15_a_generator_exit_caught_and_a_value_yielded_gives_the_value) {
  const auto goes_on = []() -> numbers {
    try {
      co_yield 1;
    } catch (const weft::generator_exit&) {
    }
    co_yield 2;
    co_return 0;
  };
  auto c = goes_on();
  static_cast<void>(c.send());
  EXPECT_EQ(outcome_of([&] { return c.throw_(weft::generator_exit()); }), "yield 2");
  c.close();
}

/// What a call throws, and what is nested in it: "v <- k".
template <class Call>
std::string told_with_context(Call call) {
  try {
    call();
  } catch (const std::nested_exception& context) {
    return told(std::current_exception()) + " <- " + told(context.nested_ptr());
  } catch (...) {
    return told(std::current_exception());
  }
  return "nothing";
}

/// What a `raise` in an except block does: `raised` gets the exception that is handled there as its context.
[[noreturn]] void raise_while_handling(const std::exception_ptr& handled, failure raised) {
  try {
    std::rethrow_exception(handled);
  } catch (...) {
    std::throw_with_nested(std::move(raised));
  }
}

/// What an except block is in a body that yields there: the exception is kept, and its handler left.
std::exception_ptr handled(const std::string& name) { return std::make_exception_ptr(failure{name}); }

TEST(throwing, T11_an_exception_raised_as_the_thrown_one_is_handled_may_carry_it) {
  const auto fails = []() -> numbers {
    try {
      co_yield 1;
    } catch (...) {
      std::throw_with_nested(failure{"v"});
    }
    co_return 0;
  };
  auto c = fails();
  static_cast<void>(c.send());
  EXPECT_EQ(told_with_context([&] { static_cast<void>(c.throw_(failure{"k"})); }), "v <- k");
}

TEST(throwing, T12_one_thrown_in_where_another_is_handled_may_carry_that) {
  const auto fails = []() -> numbers {
    const std::exception_ptr before = handled("k");
    try {
      co_yield 1;
    } catch (const failure& thrown) {
      raise_while_handling(before, thrown);
    }
    co_return 0;
  };
  auto c = fails();
  static_cast<void>(c.send());
  EXPECT_EQ(told_with_context([&] { static_cast<void>(c.throw_(failure{"v"})); }), "v <- k");
}

TEST(throwing, T13_so_it_is_if_it_is_thrown_into_what_is_awaited_there) {
  const auto fails = [](numbers& inner) -> numbers {
    const std::exception_ptr before = handled("k");
    try {
      co_await inner;
    } catch (const failure& thrown) {
      raise_while_handling(before, thrown);
    }
    co_return 0;
  };
  auto inner = counts(1);
  auto c = fails(inner);
  static_cast<void>(c.send());
  EXPECT_EQ(told_with_context([&] { static_cast<void>(c.throw_(failure{"v"})); }), "v <- k");
}

TEST(handling, E01_what_a_suspended_one_handles_is_not_seen_by_its_caller) {
  const auto handles = []() -> weft::coroutine<int, maybe, std::string> {
    const std::exception_ptr kept = handled("own");
    co_yield 1;
    co_return told(kept);
  };
  auto c = handles();
  static_cast<void>(c.send());
  EXPECT_EQ(std::current_exception(), nullptr);
  EXPECT_EQ(std::move(c.send()).returned(), "own");
}

TEST(handling, E02_the_body_sees_what_is_handled_by_who_sends_on_its_thread) {
  const auto raises_again = [](bool& saw_none) -> numbers {
    saw_none = std::current_exception() == nullptr;
    co_yield 1;
    throw;
    co_return 0;
  };
  bool saw_none = false;
  auto c = raises_again(saw_none);
  static_cast<void>(c.send());
  EXPECT_TRUE(saw_none);
  try {
    throw failure{"k"};
  } catch (const failure&) {
    EXPECT_EQ(outcome_of([&] { return c.send(); }), "k");
  }
}

TEST(handling, E03_a_body_yields_where_python_has_an_except_and_a_finally_block) {
  const auto body = []() -> numbers {
    std::exception_ptr failed;
    try {
      throw failure{"k"};
    } catch (...) {
      failed = std::current_exception();
    }
    if (failed) co_yield 1;  // except
    co_yield 2;              // finally
    co_return 3;
  };
  auto c = body();
  EXPECT_EQ(outcome_of([&] { return c.send(); }), "yield 1");
  EXPECT_EQ(outcome_of([&] { return c.send(); }), "yield 2");
  EXPECT_EQ(outcome_of([&] { return c.send(); }), "return 3");
}

TEST(handling, E04_what_was_kept_is_raised_again_after_a_yield) {
  const auto body = []() -> numbers {
    const std::exception_ptr kept = handled("k");
    co_yield 1;
    std::rethrow_exception(kept);
  };
  auto c = body();
  static_cast<void>(c.send());
  EXPECT_EQ(outcome_of([&] { return c.send(); }), "k");
}

/// No std::exception.
struct keyboard_interrupt {};

TEST(handling, E05_exceptions_that_no_handler_of_errors_takes_travel_as_others) {
  const auto interrupts = []() -> numbers {
    try {
      throw keyboard_interrupt();
    } catch (const std::exception&) {
    }
    co_return 0;
  };
  const auto hands_on = [&]() -> numbers { co_return co_await interrupts(); };
  auto c = hands_on();
  EXPECT_THROW(static_cast<void>(c.send()), keyboard_interrupt);
  const auto exits = []() -> numbers {
    throw weft::generator_exit();
    co_return 0;
  };
  auto d = exits();
  EXPECT_EQ(outcome_of([&] { return d.send(); }), "GeneratorExit");
}

numbers raises_stop() {
  throw weft::stop_iteration();
  co_return 0;
}

struct derived_stop : weft::stop_iteration {};
numbers raises_derived_stop() {
  throw derived_stop();
  co_return 0;
}

TEST(escaping, P01_P02_a_stop_iteration_becomes_a_runtime_error_with_it_nested) {
  auto plain = raises_stop();
  try {
    static_cast<void>(plain.send());
    FAIL() << "nothing was thrown";
  } catch (const weft::runtime_error& e) {
    EXPECT_STREQ(e.what(), "coroutine raised StopIteration");
    EXPECT_THROW(std::rethrow_if_nested(e), weft::stop_iteration);
  }
  auto derived = raises_derived_stop();
  EXPECT_EQ(outcome_of([&] { return derived.send(); }), raised_stop);
}

TEST(escaping, P04_a_stop_iteration_that_nobody_catches_is_converted_when_it_is_thrown_in) {
  auto created = counts(1);
  EXPECT_EQ(outcome_of([&] { return created.throw_(weft::stop_iteration()); }), raised_stop);
  auto suspended = counts(1);
  static_cast<void>(suspended.send());
  EXPECT_EQ(outcome_of([&] { return suspended.throw_(weft::stop_iteration()); }), raised_stop);
}

TEST(escaping, P05_a_stop_iteration_raised_as_it_is_closed_leaves_close) {
  const auto spiteful = []() -> numbers {
    bool is_closing = false;
    try {
      co_yield 1;
    } catch (const weft::generator_exit&) {
      is_closing = true;
    }
    if (is_closing) throw weft::stop_iteration();
    co_return 0;
  };
  auto c = spiteful();
  static_cast<void>(c.send());
  EXPECT_EQ(outcome_of([&] { c.close(); }), raised_stop);
}

TEST(escaping, P06_the_one_that_awaits_sees_the_runtime_error) {
  const auto looks = []() -> weft::coroutine<int, maybe, std::string> {
    std::string seen;
    try {
      co_await raises_stop();
    } catch (...) {
      seen = told(std::current_exception());
    }
    co_return seen;
  };
  auto c = looks();
  EXPECT_EQ(std::move(c.send()).returned(), raised_stop);
}

/// Python's, of asynchronous generators.
struct stop_async_iteration {};

TEST(escaping, P08_a_stop_async_iteration_is_an_ordinary_exception) {
  const auto raises = []() -> numbers {
    throw stop_async_iteration();
    co_return 0;
  };
  auto c = raises();
  EXPECT_THROW(static_cast<void>(c.send()), stop_async_iteration);
}

TEST(escaping, P09_a_stop_iteration_caught_in_the_body_is_an_ordinary_exception) {
  const auto tame = []() -> numbers {
    try {
      throw weft::stop_iteration();
    } catch (const weft::stop_iteration&) {
    }
    co_return 5;
  };
  auto c = tame();
  EXPECT_EQ(outcome_of([&] { return c.send(); }), "return 5");
}

/// A value whose moves throw while `fails` says so.
struct fragile {
  inline static bool fails = false;

  fragile() = default;
  fragile(const fragile&) = default;
  fragile(fragile&&) {
    if (fails) throw failure{"move"};
  }
  fragile& operator=(const fragile&) = default;
};

TEST(moving, a_yielded_value_that_cannot_be_moved_out_is_lost_and_the_coroutine_goes_on) {
  const auto arms = [&]() -> weft::coroutine<fragile, maybe, int> {
    const fragile value;
    fragile::fails = true;
    co_yield value;
    fragile::fails = false;
    co_return 3;
  };
  auto armed = arms();
  EXPECT_THROW(static_cast<void>(armed.send()), failure);
  EXPECT_EQ(armed.state(), coroutine_state::suspended);
  EXPECT_EQ(armed.send().returned(), 3);
}

}  // namespace
