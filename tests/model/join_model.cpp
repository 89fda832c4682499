// SPDX-License-Identifier: Apache-2.0
// Joins under every schedule: children run here, stolen, suspended in between or failed; the parent goes on once, after the
// last of them, and sees what they wrote.
#include <gtest/gtest.h>

#include <stdexcept>

#include "explored_pool.hpp"

namespace weft {
namespace {

using explorer::explore;
using explorer::require;
using test::workers;

task<int> leaf(int n) { co_return n; }
task<int> suspending(int n) {
  co_await yield();
  co_return n;
}
task<int> failing(int) {
  co_await yield();
  throw std::runtime_error("meant");
}

TEST(join_model, children_are_stolen_or_not) {
  explore([] {
    scheduler pool(workers(2));
    const auto parent = []() -> task<int> {
      auto [a, b, c] = co_await when_all(leaf(1), leaf(2), leaf(4));
      co_return a + b + c;
    };
    require(sync_wait(pool, parent()) == 7, "every result is there");
  });
}

TEST(join_model, children_suspend_and_go_on_elsewhere) {
  explore([] {
    scheduler pool(workers(2));
    const auto parent = []() -> task<int> {
      auto [a, b, c] = co_await when_all(suspending(1), leaf(2), suspending(4));
      co_return a + b + c;
    };
    require(sync_wait(pool, parent()) == 7, "every result is there");
  });
}

TEST(join_model, three_workers) {
  explore(
      [] {
        scheduler pool(workers(3));
        const auto parent = []() -> task<int> {
          auto [a, b, c] = co_await when_all(suspending(1), suspending(2), leaf(4));
          co_return a + b + c;
        };
        require(sync_wait(pool, parent()) == 7, "every result is there");
      },
      {.share = 0.5});
}

TEST(join_model, joins_below_a_join) {
  explore([] {
    scheduler pool(workers(2));
    const auto pair = [](int n) -> task<int> {
      auto [a, b] = co_await when_all(leaf(n), suspending(2 * n));
      co_return a + b;
    };
    const auto parent = [&]() -> task<int> {
      auto [a, b] = co_await when_all(pair(1), pair(4));
      co_return a + b;
    };
    require(sync_wait(pool, parent()) == 15, "every result is there");
  });
}

TEST(join_model, failures_are_collected) {
  explore([] {
    scheduler pool(workers(2));
    const auto parent = []() -> task<int> {
      try {
        static_cast<void>(co_await when_all(failing(1), leaf(2), failing(3)));
      } catch (const exception_group& group) {
        co_return static_cast<int>(group.failures().size());
      }
      co_return 0;
    };
    require(sync_wait(pool, parent()) == 2, "both failures arrive");
  });
}

TEST(join_model, a_join_resumes_at_home) {
  explore(
      [] {
        scheduler here(workers(1));
        scheduler there(workers(1));
        const auto wanders = [&](int n) -> task<int> {
          co_await resume_on(there);
          co_return n;
        };
        const auto parent = [&]() -> task<int> {
          auto [a, b] = co_await when_all(wanders(1), leaf(2));
          co_await yield();
          co_return a + b;
        };
        require(sync_wait(here, parent()) == 3, "every result is there");
      },
      {.share = 0.5});
}

}  // namespace
}  // namespace weft
