// SPDX-License-Identifier: Apache-2.0
// What a stop destroys once the grace time is over: tasks that wait in a shield, from the leaves up.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "balanced.hpp"

namespace weft {
namespace {

using namespace std::chrono_literals;

constexpr stop_options soon{.drain_for = 0s, .grace = 2s};  // the whole grace time is waited for: each test stops once

/// Counts up as it goes.
struct local {
  std::atomic<int>& gone;
  ~local() { ++gone; }
};

struct stop_destroy_test : test::balanced {
  std::atomic<int> begun{0};
  std::atomic<int> gone{0};
  std::atomic<int> told{0};
  std::optional<scheduler> pool{std::in_place, scheduler_options{.workers = 2, .on_unhandled = [this](auto, auto) { ++told; }}};

  task<> sleeps() {
    ++begun;
    begun.notify_all();
    co_await sleep_for(1h);
  }
  void wait_for_begun(int tasks) {
    for (int seen = begun.load(); seen < tasks; seen = begun.load()) begun.wait(seen);
  }
  void TearDown() override {
    pool.reset();
    EXPECT_EQ(told, 0) << "what the stop ends is no failure that somebody has to be told of";
    balanced::TearDown();
  }
};

TEST_F(stop_destroy_test, every_kind_of_wait_in_a_shield_ends) {
  scheduler other{{.workers = 1}};
  const auto joins = [&]() -> task<> { co_await spawn(shield(sleeps())); };
  const auto opens = [&]() -> task<> {
    const auto body = [&](scope& s) -> task<> {
      s.spawn(shield(sleeps()));
      co_return;
    };
    co_await with_scope(body);
  };
  const auto cleans_for_ever = [&]() -> task<> { co_await sleeps(); };
  const auto visits = [&]() -> task<> { co_await on(other, shield(sleeps())); };
  const auto holds = [&](task<> what) -> task<> {
    const local mine{gone};
    co_await std::move(what);
  };

  spawn_detached(*pool, holds(shield(sleeps())));
  spawn_detached(*pool, holds(shield(joins())));  // and the one it spawns
  spawn_detached(*pool, holds(shield(opens())));  // as above
  spawn_detached(*pool, holds(finally(sleeps(), cleans_for_ever)));
  spawn_detached(*pool, holds(visits()));
  wait_for_begun(5);
  const stop_report report = pool->stop(soon);

  EXPECT_EQ(report.cancelled, 0U);
  EXPECT_EQ(report.destroyed, 7U);
  EXPECT_EQ(report.abandoned, 0U);
  EXPECT_EQ(gone, 5) << "their locals are destroyed";
}

TEST_F(stop_destroy_test, a_long_chain_goes_from_its_leaf_up) {
  constexpr int depth = 1000;
  std::vector<int> order;
  struct noted {
    std::vector<int>& order;
    int n;
    ~noted() { order.push_back(n); }
  };
  const auto chain = [&](auto self, int n) -> task<> {
    const noted mine{order, n};
    if (n > 0) {
      co_await self(self, n - 1);
    } else {
      co_await sleeps();
    }
  };

  spawn_detached(*pool, shield(chain(chain, depth)));
  wait_for_begun(1);
  const stop_report report = pool->stop(soon);

  EXPECT_EQ(report.destroyed, 1U);
  ASSERT_EQ(order.size(), std::size_t{depth} + 1);
  for (int n = 0; n <= depth; ++n) EXPECT_EQ(order[static_cast<std::size_t>(n)], n);
}

TEST_F(stop_destroy_test, the_reason_is_told) {
  std::string text;
  const auto tells = [&]() -> task<> {
    try {
      co_await shield(sleeps());
    } catch (const operation_cancelled& e) {
      EXPECT_EQ(e.reason(), cancel_reason::stopping);
      text = e.what();
    }
  };

  spawn_detached(*pool, tells());
  wait_for_begun(1);
  EXPECT_EQ(pool->stop(soon).destroyed, 1U);

  EXPECT_EQ(text, "weft: sleep_for: the wait for a timer was cancelled: its scheduler is stopping");
}

}  // namespace
}  // namespace weft
