// SPDX-License-Identifier: Apache-2.0
// The life of a generator: a range, sent to, thrown into, yielded from, closed, and gone.
#include <weft/coroutine_hooks.hpp>
#include <weft/generator.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

#include "generator_bodies.hpp"
#include "rejection.hpp"

namespace {

using namespace weft::test;
using weft::coroutine_state;
using weft::generator;
using weft::yield_from;

generator<int> counts(int n) {
  for (int i = 0; i < n; ++i) co_yield i;
}

std::vector<int> all_of(generator<int> g) {
  std::vector<int> all;
  for (const int i : g) all.push_back(i);
  return all;
}

/// Down from `depth`, and up again.
generator<int> there_and_back(int depth) {
  if (depth == 0) co_return;
  co_yield depth;
  co_yield yield_from(there_and_back(depth - 1));
  co_yield -depth;
}

generator<int> throws_after(int n) {
  co_yield yield_from(counts(n));
  throw failure{"the end"};
}

static_assert(std::ranges::input_range<generator<int>> && !std::ranges::forward_range<generator<int>>);
static_assert(std::is_nothrow_move_constructible_v<generator<int>> && !std::is_copy_constructible_v<generator<int>>);
static_assert(std::is_same_v<std::ranges::range_reference_t<generator<const std::string&>>, const std::string&>);

TEST(generator, is_a_range_of_what_it_yields) {
  EXPECT_EQ(all_of(counts(4)), (std::vector{0, 1, 2, 3}));
  EXPECT_EQ(all_of(counts(0)), std::vector<int>());
  int sum = 0;
  for (const int i : counts(10) | std::views::filter([](int n) { return n % 2 == 0; }) | std::views::take(3)) sum += i;
  EXPECT_EQ(sum, 6);
}

TEST(generator, runs_none_of_its_body_before_its_first_step) {
  bool ran = false;
  const auto body = [](bool& has_run) -> generator<int> {
    has_run = true;
    co_yield 1;
  };
  auto g = body(ran);
  EXPECT_EQ(g.state(), coroutine_state::created);
  EXPECT_FALSE(ran);
  g.close();
  EXPECT_EQ(g.state(), coroutine_state::closed);
  EXPECT_FALSE(ran);
}

TEST(generator, gives_what_is_yielded_and_sent_and_returned) {
  auto g = plain_counts(2);
  EXPECT_EQ(maybe_of([&] { return g.next(); }), "yield 0");
  EXPECT_EQ(g.state(), coroutine_state::suspended);
  EXPECT_EQ(maybe_of([&] { return g.send(5); }), "yield 1");
  EXPECT_EQ(maybe_of([&] { return g.send(6); }), "return 11");
  EXPECT_EQ(g.state(), coroutine_state::closed);
}

TEST(generator, a_loop_goes_on_where_it_is) {
  auto g = counts(4);
  static_cast<void>(g.next());
  std::vector<int> rest;
  for (const int i : g) rest.push_back(i);
  EXPECT_EQ(rest, (std::vector{1, 2, 3}));
  for (const int i : g) rest.push_back(i);
  EXPECT_EQ(rest.size(), 3U) << "it has ended";
}

TEST(generator, yields_references_to_what_lives_in_its_body_or_elsewhere) {
  std::vector<std::string> texts{"a", "b"};
  const auto each = [](std::vector<std::string>& of) -> generator<std::string&> {
    for (std::string& text : of) co_yield text;
  };
  for (std::string& text : each(texts)) text += "!";
  EXPECT_EQ(texts, (std::vector<std::string>{"a!", "b!"}));
  auto g = each(texts);
  EXPECT_EQ(&g.next().yielded().get(), &texts[0]);
}

TEST(generator, yields_what_only_moves) {
  const auto body = []() -> generator<std::unique_ptr<int>> {
    for (int i = 0; i < 3; ++i) co_yield std::make_unique<int>(i);
  };
  int sum = 0;
  for (auto& p : body()) sum += *std::exchange(p, nullptr);
  auto g = body();
  sum += *std::move(g.next()).yielded();
  EXPECT_EQ(sum, 3);
}

TEST(generator, does_not_change_a_variable_that_it_yields) {
  const auto body = []() -> generator<std::string> {
    const std::string kept = "a text that is longer than what fits into the string itself";
    std::string own = kept;
    co_yield own;
    co_yield own == kept ? "same" : "gone";
  };
  auto g = body();
  EXPECT_EQ(g.next().yielded().size(), 59U);
  EXPECT_EQ(g.next().yielded(), "same");
}

TEST(generator, yields_from_generators_at_any_depth) {
  EXPECT_EQ(all_of(there_and_back(3)), (std::vector{3, 2, 1, -1, -2, -3}));
  const auto deep = all_of(there_and_back(20'000));
  ASSERT_EQ(deep.size(), 40'000U);
  EXPECT_EQ(deep.front(), 20'000);
  EXPECT_EQ(deep.back(), -20'000);
}

TEST(generator, yields_from_ranges_and_from_a_started_generator) {
  std::vector<int> own{1, 2};
  const auto body = [&]() -> generator<int> {
    co_yield yield_from(own);
    co_yield yield_from(std::views::iota(7, 9));
    auto g = counts(4);
    static_cast<void>(g.next());
    co_yield yield_from(g);
    auto moved = counts(3);
    static_cast<void>(moved.next());
    co_yield yield_from(std::move(moved));
  };
  EXPECT_EQ(all_of(body()), (std::vector{1, 2, 7, 8, 1, 2, 3, 1, 2}));
}

TEST(generator, gives_what_it_yields_from_what_is_sent_and_takes_its_return) {
  const auto body = []() -> plain {
    const maybe first = co_yield yield_from(plain_counts(2));
    auto kept = plain_counts(1);
    const maybe second = co_yield yield_from(kept);
    const maybe none = co_yield yield_from(kept);
    co_return *first * 100 + *second + (none.has_value() ? 1000 : 0);
  };
  auto g = body();
  EXPECT_EQ(maybe_of([&] { return g.next(); }), "yield 0");
  EXPECT_EQ(maybe_of([&] { return g.send(3); }), "yield 1");
  EXPECT_EQ(maybe_of([&] { return g.send(4); }), "yield 0");
  EXPECT_EQ(maybe_of([&] { return g.send(5); }), "return 705");
}

TEST(generator, ends_with_what_its_body_throws) {
  auto g = throws_after(2);
  std::vector<int> seen;
  EXPECT_EQ(outcome_of([&] {
              for (const int i : g) seen.push_back(i);
            }),
            "the end");
  EXPECT_EQ(seen, (std::vector{0, 1}));
  EXPECT_EQ(g.state(), coroutine_state::closed);
}

TEST(generator, what_an_inner_one_throws_is_caught_where_it_is_yielded_from) {
  const auto body = []() -> generator<int> {
    bool caught = false;
    try {
      co_yield yield_from(throws_after(1));
    } catch (const failure&) {
      caught = true;
    }
    co_yield caught ? 10 : 20;
  };
  EXPECT_EQ(all_of(body()), (std::vector{0, 10}));
}

TEST(generator, gives_up_a_result_when_a_local_throws_after_it) {
  auto counted = std::make_shared<int>(1);
  struct throws_at_its_end {
    ~throws_at_its_end() noexcept(false) { throw failure{"local"}; }
  };
  const auto body = [](std::shared_ptr<int> given) -> generator<int, std::monostate, std::shared_ptr<int>> {
    throws_at_its_end local;
    if (given == nullptr) co_yield 1;
    co_return given;
  };
  auto g = body(counted);
  std::string seen;
  try {
    static_cast<void>(g.next());
  } catch (const failure& f) {
    seen = f.name;
  }
  EXPECT_EQ(seen, "local");
  EXPECT_EQ(counted.use_count(), 1);
}

TEST(generator, destroys_its_parameters_when_it_ends_and_not_when_it_goes) {
  auto counted = std::make_shared<int>(1);
  const auto body = [](std::shared_ptr<int> given) -> generator<int> { co_yield *given; };
  auto g = body(counted);
  EXPECT_EQ(counted.use_count(), 2);
  g.close();
  EXPECT_EQ(counted.use_count(), 1);
}

TEST(generator, is_closed_before_its_parameters_go) {
  struct looks {
    std::optional<generator<int>>* at;
    std::vector<coroutine_state>* seen;
    looks(std::optional<generator<int>>* of, std::vector<coroutine_state>* to) : at(of), seen(to) {}
    looks(looks&& other) noexcept : at(std::exchange(other.at, nullptr)), seen(other.seen) {}
    looks& operator=(looks&&) = delete;
    ~looks() {
      if (at != nullptr) seen->push_back((*at)->state());
    }
  };
  const auto body = [](looks) -> generator<int> { co_yield 1; };
  std::vector<coroutine_state> seen;
  for (const bool is_started : {false, true}) {
    std::optional<generator<int>> g;
    g.emplace(body(looks(&g, &seen)));
    if (is_started) static_cast<void>(g->next());
    if (is_started) static_cast<void>(g->next());
    g->close();
  }
  EXPECT_EQ(seen, (std::vector{coroutine_state::closed, coroutine_state::closed}));
}

TEST(generator, closes_as_it_goes_the_innermost_first) {
  journal log;
  const auto inner = [](journal& to) -> generator<int> {
    try {
      co_yield 1;
    } catch (const weft::generator_exit&) {
      to.emplace_back("inner");
      throw;
    }
  };
  const auto outer = [&](journal& to) -> generator<int> {
    try {
      co_yield yield_from(inner(to));
    } catch (const weft::generator_exit&) {
      to.emplace_back("outer");
      throw;
    }
  };
  {
    auto g = outer(log);
    static_cast<void>(g.next());
  }
  EXPECT_EQ(log, (journal{"inner", "outer"}));
}

TEST(generator, drops_a_deep_suspended_chain_in_bounded_stack) {
  auto g = there_and_back(100'000);
  for (int i = 0; i < 99'999; ++i) static_cast<void>(g.next());
  g.close();
  EXPECT_EQ(g.state(), coroutine_state::closed);
}

TEST(generator, one_that_ignores_its_close_goes_all_the_same_and_says_so) {
  std::vector<std::string> told_of;
  auto before = weft::set_unraisable_hook(
      [&](const std::exception_ptr& thrown, const std::string& qualname) { told_of.push_back(qualname + ": " + told(thrown)); });
  const auto stubborn = [](int depth, auto& self) -> generator<int> {
    for (;;) {
      try {
        if (depth > 0)
          co_yield yield_from(self(depth - 1, self));
        else
          co_yield 1;
      } catch (const weft::generator_exit&) {
      } catch (const weft::runtime_error&) {
      }
    }
  };
  {
    auto g = stubborn(1, stubborn);
    static_cast<void>(g.next());
    g.set_qualname("outer");
  }
  weft::set_unraisable_hook(before);
  EXPECT_EQ(std::ranges::count(told_of, "outer: " + generator_ignored_exit), 1);
  EXPECT_GE(told_of.size(), 2U) << "so do the inner ones";
}

TEST(generator, cannot_be_used_once_moved_from) {
  auto g = counts(1);
  const auto other = std::move(g);
  EXPECT_EQ(rejection_of([&] { static_cast<void>(g.next()); }), "weft: next: the generator was moved from");
  EXPECT_EQ(rejection_of([&] { g.close(); }), "weft: close: the generator was moved from");
}

TEST(generator, throw_needs_an_exception) {
  auto g = counts(1);
  EXPECT_EQ(outcome_of([&] { static_cast<void>(g.throw_(std::exception_ptr())); }),
            "TypeError: throw_: the exception_ptr is null; pass one that holds an exception");
  EXPECT_EQ(g.next().yielded(), 0) << "and is as it was";
}

TEST(generator, says_so_if_its_types_have_no_none) {
  const auto body = []() -> generator<int, int, int> { co_return (co_yield 1) + 1; };
  auto g = body();
  EXPECT_EQ(g.next().yielded(), 1) << "it can be started";
  EXPECT_EQ(outcome_of([&] { static_cast<void>(g.next()); }),
            "TypeError: the generator waits for a value and its type has no None; send it one");
  EXPECT_EQ(g.send(4).returned(), 5);
  EXPECT_EQ(outcome_of([&] { static_cast<void>(g.next()); }), "StopIteration: the generator has ended, and what it returns has no None");
}

TEST(generator, has_the_names_of_its_function) {
  auto g = counts(1);
  EXPECT_EQ(g.name(), "counts");
  EXPECT_NE(g.qualname().find("counts"), std::string::npos);
  EXPECT_EQ(g.repr().rfind("<generator object ", 0), 0U);
  g.set_name("other");
  EXPECT_EQ(g.name(), "other");
}

TEST(generator_death, destroying_it_from_within_ends_the_process) {
  EXPECT_DEATH(
      {
        std::optional<generator<int>> g;
        const auto body = [](std::optional<generator<int>>& self) -> generator<int> {
          self.reset();
          co_yield 1;
        };
        g.emplace(body(g));
        static_cast<void>(g->next());
      },
      "~generator: the generator is running: whoever resumes it must keep it until that call returns");
}

}  // namespace
