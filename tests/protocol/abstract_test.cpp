// SPDX-License-Identifier: Apache-2.0
// Rows B01 to B11, I01, I09, I10 and the table of kinds in README.md: concepts, traits, and the mixins of one's own objects.
#include <weft/protocol_concepts.hpp>
#include <weft/protocol_mixins.hpp>
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <exception>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "generator_bodies.hpp"

namespace {

using namespace weft::test;
using proxy = weft::generator_proxy<plain>;
using view = weft::coroutine_view<int, maybe, int>;

/// Has an operator co_await, and no more.
struct object_with_await {
  [[nodiscard]] std::suspend_never operator co_await() const { return {}; }
};
struct opted_out : object_with_await {};
/// All that a coroutine has.
struct whole : object_with_await {
  using yield_type = int;
  using send_type = maybe;
  using return_type = int;
  void send(maybe);
  void throw_(std::exception_ptr);
  void close();
};
struct without_close : object_with_await {
  using yield_type = int;
  using send_type = maybe;
  using return_type = int;
  void send(maybe);
  void throw_(std::exception_ptr);
};
struct with_other_signature : whole {
  void send(int, int);
};
struct registered {};
struct derived_of_registered : registered {};
struct whole_but_opted_out : whole {};

}  // namespace

template <>
inline constexpr bool weft::disable_awaitable<opted_out> = true;
template <>
inline constexpr bool weft::enable_coroutine_like<registered> = true;
template <>
inline constexpr bool weft::enable_coroutine_like<whole_but_opted_out> = false;

namespace {

// The table of kinds: awaitable, coroutine_like, generator_like, is_awaitable_v, is_coroutine_v.
template <class T>
constexpr std::array row{weft::awaitable<T>, weft::coroutine_like<T>, weft::generator_like<T>, weft::is_awaitable_v<T>,
                         weft::is_coroutine_v<T>};
static_assert(row<numbers> == std::array{true, true, false, true, true}, "I09");
static_assert(row<flagged> == std::array{true, false, true, true, false}, "G14");
static_assert(row<plain> == std::array{false, false, true, false, false});
static_assert(row<proxy> == std::array{true, true, true, true, false}, "G12");
static_assert(row<object_with_await> == std::array{true, false, false, true, false});
static_assert(row<view> == std::array{false, false, false, false, false});
static_assert(row<int> == std::array{false, false, false, false, false});
static_assert(row<weft::task<int>> == std::array{true, false, false, true, false});

// The last column: whether the function that makes it is a coroutine function.
static_assert(weft::is_coroutine_function_v<decltype(&counts), int>);
static_assert(!weft::is_coroutine_function_v<decltype(flagged_counts), int> &&
              !weft::is_coroutine_function_v<decltype(&plain_counts), int>);
static_assert(weft::coroutine_function<decltype(std::bind_front(&counts, 1))>, "I10: through a partial application, too");
static_assert(!weft::is_coroutine_function_v<decltype(&counts), std::string> && !weft::is_coroutine_function_v<int>);

static_assert(weft::is_coroutine<numbers>() && weft::is_awaitable<flagged>() && !weft::is_coroutine<flagged>() &&
              weft::is_coroutine_function<decltype(&counts), int>());

static_assert(weft::awaitable<object_with_await> && !weft::awaitable<registered> && !weft::awaitable<opted_out>, "B01");
static_assert(weft::coroutine_like<whole> && !weft::coroutine_like<without_close> && !weft::coroutine_like<object_with_await>, "B02");
static_assert(!weft::coroutine_like<with_other_signature>, "B03: expressions are checked, not names");
static_assert(weft::coroutine_like<numbers> && weft::awaitable<numbers> && !weft::generator_like<numbers> &&
                  !std::input_iterator<numbers> && !std::ranges::range<numbers>,
              "B04");
static_assert(weft::coroutine_like<registered> && weft::is_awaitable_v<registered> && !weft::coroutine_like<derived_of_registered>, "B06");
static_assert(!weft::coroutine_like<whole_but_opted_out>, "B06");

/// Uses the mixins for what it does not do itself. `answer`: what a throw into it does.
class mixed : public weft::coroutine_mixin<mixed, int, maybe, maybe> {
 public:
  explicit mixed(std::string answer) : answer_(std::move(answer)) {}
  result send(maybe value) { return coroutine_mixin::send(value); }
  result throw_(std::exception_ptr thrown) {
    if (answer_ == "yield") return {std::in_place_index<0>, 1};
    if (answer_ == "return") return result(std::in_place_index<1>, 2);
    if (answer_ == "throw") throw failure{"v"};
    if (answer_ == "stop") throw weft::stop_iteration("s");
    return coroutine_mixin::throw_(std::move(thrown));
  }

 private:
  std::string answer_;
};

class stubborn : public weft::generator_mixin<stubborn, int, maybe, maybe> {
 public:
  result send(maybe value) {
    last_ = value;
    if (++step_ > 2) return result(std::in_place_index<1>, 5);
    return {std::in_place_index<0>, step_};
  }
  result throw_(std::exception_ptr) { return {std::in_place_index<0>, 1}; }
  [[nodiscard]] maybe last() const { return last_; }

 private:
  int step_ = 0;
  maybe last_ = 9;
};

TEST(abstract, B07_the_mixin_s_send_returns_none) {
  mixed m("");
  EXPECT_EQ(maybe_of([&] { return m.send(3); }), "return None");
}

TEST(abstract, B08_the_mixin_s_throw_throws_what_it_is_given) {
  mixed m("");
  EXPECT_EQ(maybe_of([&] { return m.throw_(std::make_exception_ptr(failure{"f"})); }), "f");
  EXPECT_EQ(maybe_of([&] { return m.throw_(std::exception_ptr()); }),
            "TypeError: throw_: the exception_ptr is null; pass one that holds an exception");
}

TEST(abstract, B09_the_mixin_s_close_takes_an_exit_and_a_return_as_the_end) {
  for (const char* const answer : {"", "return"}) {
    mixed m(answer);
    EXPECT_EQ(outcome_of([&] { m.close(); }), "done") << answer;
  }
  mixed throws("throw");
  EXPECT_EQ(outcome_of([&] { throws.close(); }), "v");
  mixed stops("stop");
  EXPECT_EQ(outcome_of([&] { stops.close(); }), "done") << "a StopIteration, too";
}

TEST(abstract, B10_the_mixin_s_close_refuses_what_yields) {
  mixed m("yield");
  EXPECT_EQ(outcome_of([&] { m.close(); }), ignored_exit);
  stubborn g;
  EXPECT_EQ(outcome_of([&] { g.close(); }), generator_ignored_exit);
}

TEST(abstract, B11_a_generator_s_mixins_make_it_a_range_of_itself) {
  stubborn g;
  EXPECT_EQ(maybe_of([&] { return g.next(); }), "yield 1");
  EXPECT_EQ(g.last(), maybe()) << "next sends None";
  std::vector<int> rest;
  for (const int i : g) rest.push_back(i);
  EXPECT_EQ(rest, std::vector{2});
}

TEST(abstract, I01_the_state_of_each_kind) {
  auto c = counts(1);
  EXPECT_EQ(weft::get_coroutine_state(c), weft::coroutine_state::created);
  static_cast<void>(c.send());
  EXPECT_EQ(weft::get_coroutine_state(c), weft::coroutine_state::suspended);
  c.close();
  EXPECT_EQ(weft::get_coroutine_state(c), weft::coroutine_state::closed);
  EXPECT_EQ(weft::get_coroutine_state(plain_counts(1)), weft::coroutine_state::created);
}

}  // namespace
