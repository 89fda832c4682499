// SPDX-License-Identifier: Apache-2.0
// Rows A05, A06, A16, D05 to D07, G13, G16, I03, I04, L15, P04: what coroutines await besides coroutines, and generators that await.
#include <weft/await_range.hpp>
#include <weft/protocol_concepts.hpp>
#include <weft/protocol_mixins.hpp>
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "generator_bodies.hpp"

namespace {

using namespace weft::test;
using weft::coroutine_state;
using kind_of = weft::awaited_object::kind_of;

/// Awaits a range, and returns what was seen at the await.
weft::coroutine<int, maybe, std::string> awaits_range(std::vector<int> items) {
  try {
    co_await weft::await_range(items, "list_iterator");
  } catch (...) {
    co_return told(std::current_exception());
  }
  co_return "None";
}

std::string seen_by(weft::coroutine<int, maybe, std::string>::result result) {
  return result.is_yielded() ? "yield " + std::to_string(result.yielded()) : result.returned();
}

/// An object whose operator co_await gives a generator, as __await__ may.
struct awaits_as_generator {
  int n;
  [[nodiscard]] auto operator co_await() const { return flagged_counts(n); }
};

/// A generator by its calls alone: yields 1, gives back what it is sent, or what was thrown.
class duck : public weft::generator_mixin<duck, int, maybe, maybe> {
 public:
  result send(maybe value) {
    if (!std::exchange(has_started_, true)) return {std::in_place_index<0>, 1};
    return result(std::in_place_index<1>, value.value_or(-1));
  }
  result throw_(std::exception_ptr thrown) { // NOLINT(performance-unnecessary-value-param): the protocol's
    if (told(thrown) == "k") return result(std::in_place_index<1>, 77);
    std::rethrow_exception(thrown);
  }

 private:
  bool has_started_ = false;
};

TEST(generator_await, A05_the_items_of_a_range_are_yielded_and_the_await_gives_none) {
  auto c = awaits_range({5, 6});
  EXPECT_EQ(seen_by(c.send()), "yield 5");
  EXPECT_EQ(seen_by(c.send()), "yield 6");
  EXPECT_EQ(seen_by(c.send()), "None");
  auto empty = awaits_range({});
  EXPECT_EQ(seen_by(empty.send()), "None");
}

TEST(generator_await, A05_a_range_of_its_own_is_kept) {
  const auto body = []() -> weft::coroutine<int, maybe, int> {
    co_await weft::await_range(std::vector<int>(2, 4));
    co_return 0;
  };
  auto c = body();
  EXPECT_EQ(outcome_of([&] { return c.send(); }), "yield 4");
  EXPECT_EQ(outcome_of([&] { return c.send(); }), "yield 4");
  EXPECT_EQ(outcome_of([&] { return c.send(); }), "return 0");
}

TEST(generator_await, D05_what_is_thrown_into_a_range_is_raised_at_the_await) {
  auto c = awaits_range({5, 6});
  static_cast<void>(c.send());
  EXPECT_EQ(seen_by(c.throw_(failure{"at the await"})), "at the await");
}

TEST(generator_await, D06_a_value_sent_to_a_range_is_an_attribute_error) {
  auto c = awaits_range({5, 6});
  static_cast<void>(c.send());
  EXPECT_EQ(seen_by(c.send(3)), "AttributeError: 'list_iterator' object has no attribute 'send'");
}

TEST(generator_await, L15_closing_skips_a_range) {
  bool has_exited = false;
  const auto body = [](bool& exited) -> numbers {
    try {
      co_await weft::await_range(std::vector<int>(2, 4));
    } catch (const weft::generator_exit&) {
      exited = true;
      throw;
    }
    co_return 0;
  };
  auto c = body(has_exited);
  static_cast<void>(c.send());
  EXPECT_EQ(outcome_of([&] { c.close(); }), "done");
  EXPECT_TRUE(has_exited);
}

TEST(generator_await, P04_a_stop_iteration_through_a_range_is_the_coroutine_s) {
  const auto body = []() -> numbers {
    co_await weft::await_range(std::vector<int>(2, 4));
    co_return 0;
  };
  auto c = body();
  static_cast<void>(c.send());
  EXPECT_EQ(outcome_of([&] { return c.throw_(weft::stop_iteration()); }), raised_stop);
}

TEST(generator_await, A06_G13_a_generator_yields_out_and_its_return_is_the_value) {
  auto g = flagged_counts(2);
  auto c = awaits_it(g);
  EXPECT_EQ(outcome_of([&] { return c.send(); }), "yield 0");
  EXPECT_EQ(outcome_of([&] { return c.send(20); }), "yield 1");
  EXPECT_EQ(outcome_of([&] { return c.send(3); }), "return 123");
}

TEST(generator_await, A06_one_that_operator_co_await_makes_is_taken_over) {
  const auto body = []() -> numbers {
    const maybe got = co_await awaits_as_generator{1};
    co_return got.value_or(-1);
  };
  auto c = body();
  EXPECT_EQ(outcome_of([&] { return c.send(); }), "yield 0");
  EXPECT_EQ(outcome_of([&] { return c.send(4); }), "return 4");
}

TEST(generator_await, D07_what_only_looks_like_a_generator_ends_the_await_with_a_value) {
  const auto make = weft::as_coroutine([](int) { return duck(); });
  const auto body = [&]() -> numbers {
    auto proxy = make(0);
    const maybe got = co_await proxy;
    co_return got.value_or(-5);
  };
  auto sent = body();
  EXPECT_EQ(outcome_of([&] { return sent.send(); }), "yield 1");
  EXPECT_EQ(outcome_of([&] { return sent.send(6); }), "return 6");
  auto thrown = body();
  static_cast<void>(thrown.send());
  EXPECT_EQ(outcome_of([&] { return thrown.throw_(failure{"k"}); }), "return 77");
  auto passed = body();
  static_cast<void>(passed.send());
  EXPECT_EQ(outcome_of([&] { return passed.throw_(failure{"other"}); }), "other");
}

TEST(generator_await, A16_a_generator_awaits_a_coroutine_and_asks_for_no_other_awaiter) {
  auto c = counts(3);
  static_cast<void>(c.send());
  const auto body = [](numbers& of) -> flagged {
    const int got = co_await of;
    co_return got;
  };
  auto g = body(c);
  EXPECT_EQ(maybe_of([&] { return g.next(); }), "yield 1") << "it was suspended, and is resumed";
  ASSERT_TRUE(g.awaiting().has_value());
  EXPECT_EQ(g.awaiting()->kind(), kind_of::coroutine);
  EXPECT_EQ(maybe_of([&] { return g.send(2); }), "yield 2");
  EXPECT_EQ(maybe_of([&] { return g.send(5); }), "return 7");
}

TEST(generator_await, generators_await_generators_coroutines_views_and_ranges) {
  const auto inner = []() -> flagged {
    auto c = counts(1);
    const int a = co_await counts(1);
    const int b = co_await c.view();
    co_await weft::await_range(std::vector<int>(1, 9));
    co_return a * 10 + b;
  };
  const auto outer = [&]() -> flagged {
    const maybe got = co_await inner();
    co_return *got + 1000;
  };
  auto g = outer();
  EXPECT_EQ(maybe_of([&] { return g.next(); }), "yield 0");
  EXPECT_EQ(maybe_of([&] { return g.send(1); }), "yield 0");
  EXPECT_EQ(maybe_of([&] { return g.send(2); }), "yield 9");
  EXPECT_EQ(maybe_of([&] { return g.next(); }), "return 1012");
}

TEST(generator_await, what_is_thrown_goes_through_generators_into_a_coroutine_and_out_again) {
  const auto leaf = []() -> numbers {
    try {
      co_yield 1;
    } catch (const failure& f) {
      throw failure{f.name + " seen"};
    }
    co_return 0;
  };
  const auto middle = [&]() -> flagged {
    const int got = co_await leaf();
    co_return got;
  };
  const auto outer = [&]() -> flagged {
    std::string seen;
    try {
      co_await middle();
    } catch (const failure& f) {
      seen = f.name;
    }
    co_yield seen == "k seen" ? 5 : 6;
    co_return 0;
  };
  auto g = outer();
  static_cast<void>(g.next());
  EXPECT_EQ(maybe_of([&] { return g.throw_(failure{"k"}); }), "yield 5");
}

TEST(generator_await, closing_goes_through_generators_into_a_coroutine) {
  journal log;
  const auto leaf = [](journal& to) -> numbers {
    try {
      co_yield 1;
    } catch (const weft::generator_exit&) {
      to.emplace_back("coroutine");
      throw;
    }
    co_return 0;
  };
  const auto middle = [&](journal& to) -> flagged {
    try {
      co_await leaf(to);
    } catch (const weft::generator_exit&) {
      to.emplace_back("generator");
      throw;
    }
    co_return 0;
  };
  const auto outer = [&](journal& to) -> numbers {
    co_await middle(to);
    co_return 0;
  };
  auto c = outer(log);
  static_cast<void>(c.send());
  c.close();
  EXPECT_EQ(log, (journal{"coroutine", "generator"}));
}

TEST(generator_await, G16_the_text_is_of_the_one_that_ignores_its_close) {
  const auto stubborn = []() -> flagged {
    for (int i = 0; i < 2; ++i) {
      try {
        co_yield i;
      } catch (const weft::generator_exit&) {
      }
    }
    co_return 0;
  };
  auto g = stubborn();
  auto c = awaits_it(g);
  static_cast<void>(c.send());
  EXPECT_EQ(outcome_of([&] { c.close(); }), generator_ignored_exit);
  EXPECT_EQ(c.state(), coroutine_state::closed);
  EXPECT_EQ(g.state(), coroutine_state::suspended);
}

TEST(generator_await, I03_I04_the_chain_of_awaits_is_told_to_its_leaf) {
  const auto middle = []() -> numbers {
    auto g = flagged_counts(1);
    const maybe got = co_await g;
    co_return *got;
  };
  const auto outer = [&]() -> numbers { co_return co_await middle(); };
  auto c = outer();
  static_cast<void>(c.send());
  ASSERT_TRUE(c.awaiting().has_value());
  EXPECT_EQ(c.awaiting()->kind(), kind_of::coroutine);
  ASSERT_TRUE(c.awaiting()->awaiting().has_value());
  EXPECT_EQ(c.awaiting()->awaiting()->kind(), kind_of::generator);
  EXPECT_EQ(c.awaiting()->awaiting()->name(), "plain_counts");
  c.close();

  auto r = awaits_range({1});
  static_cast<void>(r.send());
  EXPECT_EQ(r.awaiting()->kind(), kind_of::range);
  EXPECT_EQ(r.awaiting()->name(), "list_iterator");
}

TEST(generator_await, a_task_awaits_one_that_yields_nothing) {
  const auto body = []() -> weft::generator_coroutine<void, std::monostate, int> { co_return 6; };
  const auto main = [&]() -> weft::task<int> { co_return co_await body(); };
  EXPECT_EQ(weft::run(main()), 6);
}

}  // namespace
