// SPDX-License-Identifier: Apache-2.0
// A coroutine that is driven on the scheduler, whatever it yields and whoever answers.
#include <weft/drive.hpp>
#include <weft/scheduler.hpp>
#include <weft/spawn.hpp>
#include <weft/sync_wait.hpp>
#include <weft/when_all_range.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace {

using weft::coroutine;
using weft::task;

/// Asks for the double of 1 to n and returns the sum of the answers.
coroutine<int, int, int> asks(int n) {
  int sum = 0;
  for (int i = 1; i <= n; ++i) sum += co_yield i;
  co_return sum;
}

task<int> twice(int value) {
  co_await weft::yield();
  co_return 2 * value;
}

TEST(drive, sends_back_what_the_handler_gives) {
  weft::scheduler pool{{.workers = 2}};
  EXPECT_EQ(weft::sync_wait(pool, weft::drive(asks(10), twice)), 110);
}

TEST(drive, of_many_coroutines_keeps_each_to_itself_on_whatever_worker) {
  weft::scheduler pool{{.workers = 4}};
  const auto all = []() -> task<int> {
    std::vector<task<int>> driven;
    for (int i = 0; i < 200; ++i) driven.push_back(weft::drive(asks(50), twice));
    int sum = 0;
    for (const int one : co_await weft::when_all(std::move(driven))) sum += one;
    co_return sum;
  };
  EXPECT_EQ(weft::sync_wait(pool, all()), 200 * 2550);
}

TEST(drive, throws_what_the_handler_throws_into_the_coroutine) {
  weft::scheduler pool{{.workers = 1}};
  const auto careful = []() -> coroutine<int, int, std::string> {
    std::string caught = "nothing";
    try {
      co_yield 1;
    } catch (const std::runtime_error& e) {
      caught = e.what();
    }
    co_return caught;
  };
  const auto fails = [](int) -> task<int> {
    throw std::runtime_error("no answer");
    co_return 0;
  };
  EXPECT_EQ(weft::sync_wait(pool, weft::drive(careful(), fails)), "no answer");
  EXPECT_THROW(weft::sync_wait(pool, weft::drive(asks(1), fails)), std::runtime_error);
}

TEST(drive, after_a_stop_request_throws_into_the_coroutine_and_closes_it_if_it_goes_on) {
  weft::scheduler pool{{.workers = 1}};
  std::stop_source source;
  std::vector<std::string> seen;
  const auto stubborn = [&seen]() -> coroutine<int, int, int> {
    try {
      co_yield 1;
    } catch (const weft::operation_cancelled& e) {
      seen.emplace_back(e.what());
    }
    try {
      co_yield 2;
    } catch (const weft::generator_exit&) {
      seen.emplace_back("closed");
      throw;
    }
    co_return 3;
  };
  const auto stops = [&source](int) -> task<int> {
    source.request_stop();
    co_return 0;
  };
  EXPECT_THROW(weft::sync_wait(pool, weft::drive(stubborn(), stops, source.get_token())), weft::operation_cancelled);
  EXPECT_EQ(seen, (std::vector<std::string>{"drive: a stop was requested", "closed"}));
}

TEST(drive, lets_a_task_await_a_coroutine_that_yields_nothing) {
  weft::scheduler pool{{.workers = 1}};
  const auto quiet = []() -> coroutine<void, std::monostate, int> { co_return 42; };
  const auto awaits = [&quiet]() -> task<int> { co_return co_await quiet() + co_await quiet(); };
  EXPECT_EQ(weft::sync_wait(pool, awaits()), 84);
}

}  // namespace
