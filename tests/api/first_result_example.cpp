// SPDX-License-Identifier: Apache-2.0
// The first result of several: the others are cancelled and waited for.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;

weft::task<std::string> look_up(std::string server, std::chrono::nanoseconds takes) {
  co_await weft::sleep_for(takes);
  co_return "from " + server;
}

weft::task<std::string> is_down() {
  throw std::runtime_error("is down");
  co_return "";
}

/// Of different kinds: which has won, and with what.
weft::task<std::string> look_up_or_give_up(std::chrono::nanoseconds takes, std::chrono::nanoseconds patience) {
  auto first = co_await weft::when_any(look_up("afar", takes), weft::sleep_for(patience));
  if (first.index() == 1) co_return "nobody";
  co_return first.get<0>();
}

/// Of one kind: the value itself. Who fails does not win.
weft::task<std::string> ask_everybody() { co_return co_await weft::race(look_up("a", 24h), is_down(), look_up("c", 1ms)); }

/// So many as there are.
weft::task<std::size_t> who_is_the_fastest(const std::vector<std::chrono::nanoseconds>& times) {
  std::vector<weft::task<std::string>> all;
  for (const auto takes : times) all.push_back(look_up("one of many", takes));
  const auto first = co_await weft::when_any(std::move(all));
  co_return first.index();
}

struct first_result_example : testing::Test {
  weft::scheduler pool{{.workers = 2}};
};

TEST_F(first_result_example, tells_which_has_won) {
  EXPECT_EQ(weft::sync_wait(pool, look_up_or_give_up(1ms, 24h)), "from afar");
  EXPECT_EQ(weft::sync_wait(pool, look_up_or_give_up(24h, 1ms)), "nobody");
}

TEST_F(first_result_example, a_failure_does_not_win) { EXPECT_EQ(weft::sync_wait(pool, ask_everybody()), "from c"); }

TEST_F(first_result_example, takes_a_vector_of_tasks) { EXPECT_EQ(weft::sync_wait(pool, who_is_the_fastest({24h, 24h, 1ms, 24h})), 2U); }

}  // namespace
