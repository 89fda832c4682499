// SPDX-License-Identifier: Apache-2.0
// Stop tokens of the level that a task runs under.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

#include "balanced.hpp"
#include "gate.hpp"

namespace weft {
namespace {

using test::gate;

struct stop_token_test : test::balanced {
  std::optional<gate> door{std::in_place};
  std::optional<scheduler> pool{std::in_place, scheduler_options{.workers = 2}};
  std::stop_source stop;

  void TearDown() override {
    door->open();
    pool.reset();
    balanced::TearDown();
  }
};

TEST_F(stop_token_test, where_nothing_can_be_cancelled_it_is_one_that_never_stops) {
  const auto asks = []() -> task<bool> {
    const std::stop_token token = co_await current_stop_token();
    co_return token.stop_possible();
  };
  EXPECT_FALSE(sync_wait(*pool, asks()));
  EXPECT_FALSE(sync_wait(*pool, with_stop_token(stop.get_token(), shield(asks()))));
  EXPECT_TRUE(sync_wait(*pool, with_stop_token(stop.get_token(), asks())));
}

TEST_F(stop_token_test, stops_with_the_level_and_calls_back_in_the_call_that_cancels) {
  bool called = false;
  const auto asks = [&]() -> task<bool> {
    const std::stop_token token = co_await current_stop_token();
    const std::stop_token again = co_await current_stop_token();
    const auto notes = [&] { called = true; };
    const std::stop_callback<decltype(notes)> callback(token, notes);
    const bool before = token.stop_requested();
    stop.request_stop();
    co_return !before && called && token.stop_requested() && again == token;
  };
  EXPECT_TRUE(sync_wait(*pool, with_stop_token(stop.get_token(), asks())));
}

TEST_F(stop_token_test, asked_for_once_it_is_cancelled_it_is_stopped) {
  stop.request_stop();
  const auto asks = []() -> task<bool> {
    const std::stop_token token = co_await current_stop_token();
    co_return token.stop_requested();
  };
  EXPECT_TRUE(sync_wait(*pool, with_stop_token(stop.get_token(), asks())));
}

TEST_F(stop_token_test, of_an_inner_level_stops_with_an_outer_one_and_not_the_other_way_round) {
  std::stop_source inner_stop;
  const auto asks = [&]() -> task<std::string> {
    const std::stop_token outer = co_await current_stop_token();
    const auto inside = [&](bool cancels_inner) -> task<std::string> {
      const std::stop_token inner = co_await current_stop_token();
      (cancels_inner ? inner_stop : stop).request_stop();
      co_return std::string(inner.stop_requested() ? "i" : "-") + (outer.stop_requested() ? "o" : "-");
    };
    std::string seen = co_await with_stop_token(inner_stop.get_token(), inside(true));
    seen += co_await with_stop_token(std::stop_token(), inside(false));
    co_return seen;
  };
  EXPECT_EQ(sync_wait(*pool, with_stop_token(stop.get_token(), asks())), "i-io");
}

TEST_F(stop_token_test, a_loop_that_does_not_wait_ends_when_its_sibling_fails) {
  const auto loops = []() -> task<> {
    const std::stop_token token = co_await current_stop_token();
    while (!token.stop_requested()) co_await yield();
  };
  const auto runs = [&]() -> task<std::string> {
    try {
      co_await with_scope([&](scope& s) -> task<> {
        s.spawn(loops());
        s.spawn([]() -> task<> {
          co_await yield();
          throw std::runtime_error("no");
        }());
        co_return;
      });
    } catch (const std::runtime_error& e) {
      co_return e.what();
    }
    co_return "nothing";
  };
  EXPECT_EQ(sync_wait(*pool, runs()), "no");
}

TEST_F(stop_token_test, a_callback_may_cancel_more_and_let_the_task_end) {
  std::stop_source other;
  const auto waits = [&](gate& g) -> task<> { co_await g; };
  const auto runs = [&]() -> task<bool> {
    const std::stop_token token = co_await current_stop_token();
    const auto opens = [&] {
      other.request_stop();
      door->open();
    };
    const std::stop_callback<decltype(opens)> callback(token, opens);
    auto beside = spawn(with_stop_token(other.get_token(), waits(*door)));
    co_await shield(std::move(beside));
    co_return other.stop_requested();
  };
  auto ended = spawn_future(*pool, with_stop_token(stop.get_token(), runs()));
  door->wait_for_arrivals(1);
  stop.request_stop();
  EXPECT_TRUE(ended.get());
}

TEST_F(stop_token_test, a_deadline_stops_what_never_waits) {
  const auto loops = []() -> task<bool> {
    const std::stop_token token = co_await current_stop_token();
    while (!token.stop_requested()) std::this_thread::yield();
    co_return true;
  };
  EXPECT_TRUE(sync_wait(*pool, timeout(std::chrono::milliseconds(1), loops())));
}

TEST_F(stop_token_test, it_may_outlive_its_level) {
  std::optional<std::stop_token> kept;
  const auto asks = [&]() -> task<> { kept = co_await current_stop_token(); };
  sync_wait(*pool, with_stop_token(stop.get_token(), asks()));
  stop.request_stop();
  EXPECT_FALSE(kept->stop_requested());
  EXPECT_FALSE(kept->stop_possible()) << "nothing is left that could stop it";
}

}  // namespace
}  // namespace weft
