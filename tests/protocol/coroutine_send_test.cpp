// SPDX-License-Identifier: Apache-2.0
// Rows C02, C03, C10, I07, S01, S03, S05, S06, S08, S12: making a coroutine, and what passes between it and who sends to it.
#include <weft/coroutine.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <tuple>
#include <type_traits>
#include <utility>

#include "protocol_bodies.hpp"

namespace {

using namespace weft::test;
using weft::coroutine;
using weft::coroutine_state;

/// An argument that cannot be moved to where the body keeps it.
struct stuck {
  stuck() = default;
  stuck(const stuck&) = delete;
  stuck(stuck&&) { throw failure{"argument"}; }
  stuck& operator=(const stuck&) = delete;
};

template <class C, class Name>
concept can_be_called = requires(C& c, Name name) { c.set_name(name); } || requires(C& c, Name name) { c.set_qualname(name); };
template <class C>
concept shows_values = requires(const C& c) {
  requires !std::is_reference_v<decltype(c.state())> && !std::is_reference_v<decltype(c.awaiting())> &&
               !std::is_reference_v<decltype(c.origin())> && !std::is_reference_v<decltype(c.qualname())>;
};

static_assert(!std::is_invocable_v<decltype(&counts)> && !std::is_invocable_v<decltype(&counts), int, int>, "C02");
static_assert(weft::is_coroutine_v<decltype(counts(1))> && !weft::is_coroutine_v<decltype(counts(1).view())>, "C03");
static_assert(can_be_called<numbers, std::string> && !can_be_called<numbers, int>, "C10");
static_assert(shows_values<numbers>, "I07: what is shown is a value, not a place to write to");

TEST(creating, C02_what_goes_wrong_with_an_argument_leaves_the_call_itself) {
  bool ran = false;
  const auto body = [&ran](stuck) -> numbers {
    ran = true;
    co_return 1;
  };
  EXPECT_EQ(outcome_of([&] { static_cast<void>(body(stuck())); }), "argument");
  EXPECT_FALSE(ran);
}

TEST(creating, C10_both_names_are_the_function_s_until_they_are_set) {
  auto c = counts(1);
  EXPECT_EQ(c.name(), "counts");
  EXPECT_EQ(c.qualname(), "weft::test::counts");
  c.set_name("n");
  EXPECT_EQ(c.qualname(), "weft::test::counts");
  c.set_qualname("q.n");
  EXPECT_EQ(c.name(), "n");
  EXPECT_EQ(c.repr().find("<coroutine object q.n at 0x"), 0U) << c.repr();
  c.close();
  EXPECT_EQ(c.qualname(), "q.n") << "also after its end";
}

struct compared {
  int n;
  numbers operator>(int with) const { co_return n > with ? 1 : 0; }
  numbers operator()(int with) const { co_return n + with; }
};
template <class F>
numbers given(F f, int n) {
  co_return f(n);
}
template <class F>
struct holds_a {
  static numbers member(F f) { co_return f(1); }
};
int twice(int n) { return 2 * n; }

TEST(creating, C10_the_name_is_the_function_s_also_of_templates_and_operators) {
  EXPECT_EQ(given([](int n) { return n; }, 1).name(), "given");
  EXPECT_EQ(given(twice, 1).name(), "given");
  EXPECT_EQ(holds_a<int (*)(int)>::member(twice).name(), "member");
  EXPECT_EQ((compared{1} > 2).name(), "operator>");
  EXPECT_EQ(compared{1}(2).name(), "operator()");
  EXPECT_EQ((compared{1} > 2).qualname().find("coroutine"), std::string::npos) << (compared{1} > 2).qualname();
}

TEST(sending, S01_references_are_yielded_as_themselves) {
  int first = 1, second = 2;
  const auto yields = [](int& a, int& b) -> coroutine<int&, maybe, int&> {
    co_yield a;
    co_return b;
  };
  auto c = yields(first, second);
  EXPECT_EQ(&c.send().yielded().get(), &first);
  EXPECT_EQ(&c.send().returned().get(), &second);
  const auto awaits_view = [&](auto inner) -> coroutine<int&, maybe, int&> { co_return co_await inner.view(); };
  auto outer = awaits_view(yields(second, first));
  EXPECT_EQ(&outer.send().yielded().get(), &second);
  EXPECT_EQ(&outer.send().returned().get(), &first);
}

TEST(sending, S01_S03_the_objects_themselves_pass_both_ways) {
  const auto passes = [](std::unique_ptr<int> given) -> coroutine<std::unique_ptr<int>, int*, int*> {
    int* const got = co_yield std::move(given);
    co_return got;
  };
  auto made = std::make_unique<int>(1);
  int* const place = made.get();
  auto c = passes(std::move(made));
  const std::unique_ptr<int> yielded = c.send().yielded();
  EXPECT_EQ(yielded.get(), place);
  EXPECT_EQ(c.send(place).returned(), place);
}

TEST(sending, S05_a_body_that_returns_nothing_or_falls_off_its_end_has_returned) {
  const auto body = [](bool returns) -> coroutine<int, maybe, void> {
    co_yield 1;
    if (returns) co_return;
  };
  for (const bool returns : {false, true}) {
    auto c = body(returns);
    EXPECT_EQ(outcome_of([&] { return c.send(); }), "yield 1");
    EXPECT_EQ(outcome_of([&] { return c.send(); }), "returned");
    EXPECT_EQ(c.state(), coroutine_state::closed);
  }
}

TEST(sending, S06_a_tuple_that_is_returned_is_one_value) {
  const auto body = []() -> coroutine<int, maybe, std::tuple<int>> { co_return std::tuple(10); };
  auto c = body();
  EXPECT_EQ(c.send().returned(), std::tuple(10));
}

TEST(sending, S08_an_exception_leaves_send_as_the_same_object_and_closes_the_coroutine) {
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
  auto c = fails();
  try {
    static_cast<void>(c.send());
    FAIL() << "nothing was thrown";
  } catch (const failure& caught) {
    EXPECT_EQ(&caught, thrown);
  }
  EXPECT_EQ(c.state(), coroutine_state::closed);
}

thread_local int of_this_thread = 0;
/// Not inlined: a body must not keep where a thread's variable is.
[[gnu::noinline]] int look_here() { return of_this_thread; }

TEST(sending, S12_the_body_sees_what_belongs_to_the_thread_that_sends) {
  const auto looks = []() -> numbers {
    co_yield look_here();
    co_return look_here();
  };
  of_this_thread = 1;
  auto c = looks();
  std::thread([&c] {
    of_this_thread = 2;
    EXPECT_EQ(outcome_of([&c] { return c.send(); }), "yield 2");
  }).join();
  EXPECT_EQ(outcome_of([&] { return c.send(); }), "return 1");
}

}  // namespace
