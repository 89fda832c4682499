// SPDX-License-Identifier: Apache-2.0
// Rows G02 to G13, G17, A14, I10: what as_coroutine makes of which callable.
#include <weft/as_coroutine.hpp>
#include <weft/protocol_mixins.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "generator_bodies.hpp"

namespace {

using namespace weft::test;
using weft::as_coroutine;

numbers coroutine_of(int n) { return counts(n); }
int adds(int a, int b) { return a + b; }

struct holder {
  int n;
  [[nodiscard]] plain counts_up() const {
    for (int i = 0; i < n; ++i) co_yield i;
    co_return maybe();
  }
};

/// A generator by its calls, without a state or a name.
class duck : public weft::generator_mixin<duck, int, maybe, maybe> {
 public:
  result send(maybe value) { return {std::in_place_index<0>, value.value_or(1)}; }
  result throw_(std::exception_ptr thrown) { // NOLINT(performance-unnecessary-value-param): the protocol's
    return {std::in_place_index<0>, static_cast<int>(told(thrown).size())};
  }
  void close() { ++closed; }
  static inline int closed = 0;
};

/// A coroutine by its calls.
class duck_coroutine : public weft::coroutine_mixin<duck_coroutine, int, maybe, maybe> {
 public:
  result send(maybe) { return {std::in_place_index<0>, 1}; }
  result throw_(std::exception_ptr thrown) { std::rethrow_exception(std::move(thrown)); }
  [[nodiscard]] auto operator co_await() const { return flagged_counts(1); }
};

template <class T>
concept has_name = requires(const T& t) {
  t.name();
  t.state();
};

static_assert(!weft::awaitable<plain> && weft::awaitable<flagged>, "A14");
static_assert(!weft::is_coroutine_function_v<decltype(flagged_counts), int> && weft::is_coroutine_function_v<decltype(&coroutine_of), int>,
              "I10");

TEST(as_coroutine, G02_a_generator_function_makes_awaitable_generators_and_is_not_changed) {
  const auto made = as_coroutine(&plain_counts);
  static_assert(std::is_same_v<decltype(made(1)), flagged>);
  static_assert(std::is_same_v<decltype(plain_counts(1)), plain>);
  static_assert(std::is_same_v<decltype(as_coroutine(made)), std::remove_const_t<decltype(made)>>, "idempotent");
  auto g = made(1);
  auto c = awaits_it(g);
  EXPECT_EQ(outcome_of([&] { return c.send(); }), "yield 0");
  EXPECT_EQ(outcome_of([&] { return c.send(); }), "return 100");
}

TEST(as_coroutine, G02_a_closure_that_is_one_is_as_good) {
  const int offset = 40;
  const auto made = as_coroutine([offset]() -> plain { co_return co_yield offset; });
  static_assert(std::is_same_v<decltype(made()), flagged>);
  auto g = made();
  EXPECT_EQ(maybe_of([&] { return g.next(); }), "yield 40");
}

TEST(as_coroutine, a_closure_that_changes_can_be_called) {
  auto made = as_coroutine([n = 0]() mutable { return plain_counts(++n); });
  static_cast<void>(made());
  auto g = made();
  EXPECT_EQ(maybe_of([&] { return g.next(); }), "yield 0");
  EXPECT_EQ(maybe_of([&] { return g.next(); }), "yield 1") << "it was called a second time";
}

TEST(as_coroutine, G03_a_coroutine_function_is_returned_as_it_is) {
  static_assert(std::is_same_v<decltype(as_coroutine(&coroutine_of)), numbers (*)(int)>);
  EXPECT_EQ(as_coroutine(&coroutine_of), &coroutine_of);
}

TEST(as_coroutine, G04_G08_another_callable_is_wrapped_and_its_result_passes) {
  EXPECT_EQ(as_coroutine(&adds)(2, 3), 5);
  EXPECT_EQ(as_coroutine([](auto a) { return std::string(a); })("spam"), "spam");
  std::string kept = "by reference";
  std::string& same = as_coroutine([&](int) -> std::string& { return kept; })(1);
  EXPECT_EQ(&same, &kept);
  EXPECT_EQ(as_coroutine(std::bind_front(&adds, 2))(4), 6);
}

TEST(as_coroutine, G05_G06_coroutines_and_awaitable_generators_pass) {
  const auto generic = as_coroutine([](auto n) { return counts(n); });
  static_assert(std::is_same_v<decltype(generic(1)), numbers>);
  const auto again = as_coroutine([](auto n) { return flagged_counts(n); });
  static_assert(std::is_same_v<decltype(again(1)), flagged>);
  auto c = generic(1);
  EXPECT_EQ(outcome_of([&] { return c.send(); }), "yield 0");
  EXPECT_EQ(outcome_of([&] { c.close(); }), "done");
}

TEST(as_coroutine, G07_G09_G12_what_has_the_calls_of_a_generator_is_wrapped_once) {
  const auto made = as_coroutine([](auto) { return duck(); });
  using proxy = decltype(made(1));
  static_assert(std::is_same_v<proxy, weft::generator_proxy<duck>>);
  static_assert(weft::coroutine_like<proxy> && weft::generator_like<proxy> && weft::is_awaitable_v<proxy>);
  const auto twice = as_coroutine([&](auto n) { return made(n); });
  static_assert(std::is_same_v<decltype(twice(1)), proxy>);

  auto g = twice(1);
  auto c = awaits_it(g);
  EXPECT_EQ(outcome_of([&] { return c.send(); }), "yield 1");
  EXPECT_EQ(outcome_of([&] { return c.send(7); }), "yield 7") << "the await drives the wrapped one";
  c.close();
}

TEST(as_coroutine, G08_a_coroutine_by_its_calls_passes) {
  const auto made = as_coroutine([](auto) { return duck_coroutine(); });
  static_assert(weft::coroutine_like<duck_coroutine> && std::is_same_v<decltype(made(1)), duck_coroutine>);
  auto d = made(1);
  auto c = awaits_it(d);
  EXPECT_EQ(outcome_of([&] { return c.send(); }), "yield 0") << "its own operator co_await is used";
  c.close();
}

TEST(as_coroutine, G10_G11_a_proxy_forwards_its_calls_and_has_what_the_wrapped_one_has) {
  auto over_duck = as_coroutine([](auto) { return duck(); })(1);
  EXPECT_EQ(maybe_of([&] { return over_duck.next(); }), "yield 1");
  EXPECT_EQ(maybe_of([&] { return over_duck.send(4); }), "yield 4");
  EXPECT_EQ(maybe_of([&] { return over_duck.throw_(std::make_exception_ptr(failure{"ke"})); }), "yield 2");
  EXPECT_EQ(maybe_of([&] { return over_duck.template throw_<failure>("key"); }), "yield 3");
  const int closed_before = duck::closed;
  over_duck.close();
  EXPECT_EQ(duck::closed, closed_before + 1);
  static_assert(!has_name<decltype(over_duck)>);

  auto over_real = as_coroutine([](auto n) { return plain_counts(n); })(2);
  static_assert(std::is_same_v<decltype(over_real), weft::generator_proxy<plain>>);
  static_assert(has_name<decltype(over_real)>);
  EXPECT_EQ(over_real.name(), "plain_counts");
  EXPECT_EQ(over_real.state(), weft::coroutine_state::created);
  std::vector<int> seen;
  for (const int i : over_real) seen.push_back(i);
  EXPECT_EQ(seen, (std::vector{0, 1}));
}

TEST(as_coroutine, G13_awaiting_a_proxy_delegates_to_the_generator) {
  auto g = as_coroutine([](auto n) { return plain_counts(n); })(2);
  auto c = awaits_it(g);
  EXPECT_EQ(outcome_of([&] { return c.send(); }), "yield 0");
  EXPECT_EQ(outcome_of([&] { return c.send(40); }), "yield 1");
  EXPECT_EQ(outcome_of([&] { return c.send(); }), "return 140");
}

TEST(as_coroutine, G17_a_member_function_gives_proxies) {
  const auto member = as_coroutine(&holder::counts_up);
  const holder h{2};
  static_assert(std::is_same_v<decltype(member(h)), weft::generator_proxy<plain>>);
  auto g = member(h);
  EXPECT_EQ(maybe_of([&] { return g.next(); }), "yield 0");
  const auto bound = as_coroutine(std::bind_front(&holder::counts_up, &h));
  static_assert(std::is_same_v<decltype(bound()), weft::generator_proxy<plain>>);
}

}  // namespace
