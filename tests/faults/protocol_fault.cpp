// SPDX-License-Identifier: Apache-2.0
// Coroutines and generators that are closed and dropped while memory is out: a chain is closed to its end all the same.
#include <weft/coroutine.hpp>
#include <weft/coroutine_hooks.hpp>
#include <weft/generator.hpp>

#include <gtest/gtest.h>

#include <exception>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include "balanced.hpp"
#include "failing_new.hpp"
#include "fault_point.hpp"
#include "protocol_bodies.hpp"

namespace weft::test {
namespace {

class protocol_fault : public balanced {};

/// Yields again when it is closed.
numbers yields_on(numbers* inner) {
  for (bool again = true; again; again = false) {
    try {
      if (inner != nullptr)
        co_await *inner;
      else
        co_yield 1;
    } catch (const generator_exit&) {
      again = true;
    }
    if (again) co_yield 2;
  }
  co_return 3;
}
generator<int> yields_on_again(bool is_inner) {
  bool again = false;
  try {
    if (is_inner)
      co_yield 1;
    else
      co_yield yield_from(yields_on_again(true));
  } catch (const generator_exit&) {
    again = true;
  }
  if (again) co_yield 2;
}

numbers a_function_with_a_name_that_takes_memory_to_tell(int n) {
  try {
    co_yield n;
  } catch (...) {
    throw failure{"not closed"};
  }
  co_return n;
}

/// Runs `attempt` with 0, 1, 2 .. allocations until it needs no more; it makes, and then spends what it has.
template <class Attempt>
void without_memory(const std::string& what, Attempt attempt) {
  fault_point point(what);
  while (!point.is_covered()) {
    bool failed = true;
    for (long left = 0; failed; ++left) {
      ASSERT_LT(left, 100);
      failed = attempt(left);
      if (failed) point.hit();
    }
  }
}

/// What a call that fails for want of memory leaves behind.
template <class Driven>
void expect_still_its_own(Driven& driven) {
  ASSERT_NE(driven.state(), coroutine_state::running);
  while (driven.state() != coroutine_state::closed) static_cast<void>(outcome_of([&] { driven.close(); }));
}

/// Closes it with so many allocations. Whether one failed; if none did, what came has to be `due`.
template <class Driven>
bool closes_without_memory(Driven& driven, long left, const std::string& due) {
  std::exception_ptr came;
  const failing_new memory(left);
  try {
    driven.close();
  } catch (...) {
    came = std::current_exception();
  }
  const bool failed = failing_new::stop();
  if (!failed) {
    EXPECT_EQ(told(came), due);
  }
  return failed;
}

TEST_F(protocol_fault, closing_a_chain_that_ignores_it) {
  without_memory("closing coroutines", [](long left) {
    auto inner = yields_on(nullptr);
    auto outer = yields_on(&inner);
    EXPECT_EQ(outcome_of([&] { return outer.send(); }), "yield 1");
    const bool failed = closes_without_memory(outer, left, ignored_exit);
    expect_still_its_own(outer);
    expect_still_its_own(inner);
    return failed;
  });
  without_memory("closing generators", [](long left) {
    auto g = yields_on_again(false);
    EXPECT_TRUE(g.next().is_yielded());
    const bool failed = closes_without_memory(g, left, "RuntimeError: generator ignored GeneratorExit");
    expect_still_its_own(g);
    return failed;
  });
}

TEST_F(protocol_fault, dropping_what_there_is_something_to_tell_of) {
  int told_of = 0;
  auto before = set_never_awaited_hook([&told_of](const std::string&, const auto&) { ++told_of; });
  auto unraisable = set_unraisable_hook([&told_of](const std::exception_ptr&, const std::string&) { ++told_of; });
  const auto drop = [](bool is_started) {
    return [is_started](long left) {
      std::optional c(a_function_with_a_name_that_takes_memory_to_tell(1));
      if (is_started) {
        EXPECT_TRUE(c->send().is_yielded());
      }
      const failing_new memory(left);
      c.reset();
      return failing_new::stop();
    };
  };
  without_memory("dropping one that was never started", drop(false));
  without_memory("dropping one that does not let itself be closed", drop(true));
  EXPECT_GE(told_of, 200) << "its name may be unknown, but it is told of";
  set_never_awaited_hook(std::move(before));
  set_unraisable_hook(std::move(unraisable));
}

}  // namespace
}  // namespace weft::test
