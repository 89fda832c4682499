// SPDX-License-Identifier: Apache-2.0
// Handles of a scope's tasks: results in any order, and what becomes of those that nobody takes.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "balanced.hpp"
#include "rejection.hpp"

namespace weft {
namespace {

using test::rejection_of;

task<int> gives(int value) { co_return value; }
task<int> fails(std::string text) {
  co_await yield();
  throw std::runtime_error(text);
}

struct scope_handle_test : test::balanced {
  std::optional<scheduler> pool{std::in_place, scheduler_options{.workers = 3}};

  void TearDown() override {
    pool.reset();
    balanced::TearDown();
  }
};

TEST_F(scope_handle_test, results_are_taken_in_any_order_by_their_handles) {
  const auto runs = [&]() -> task<int> {
    co_return co_await with_scope([&](scope& s) -> task<int> {
      auto a = s.spawn(gives(1));
      auto b = s.spawn([]() -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(20); }());
      auto c = s.spawn(gives(300));
      const int last = co_await std::move(c);
      const std::unique_ptr<int> middle = co_await std::move(b);
      co_return last + *middle + co_await std::move(a);
    });
  };
  EXPECT_EQ(sync_wait(*pool, runs()), 321);
}

TEST_F(scope_handle_test, a_handle_may_outlive_the_scope) {
  const auto runs = [&]() -> task<int> {
    std::optional<child_handle<int>> kept;
    co_await with_scope([&](scope& s) -> task<> {
      kept = s.spawn(gives(4));
      co_return;
    });
    const int value = kept->is_done() ? 0 : 100;
    co_return value + co_await std::move(*kept);
  };
  EXPECT_EQ(sync_wait(*pool, runs()), 4);
}

/// Whether it is destroyed before the scope ends.
struct lent {
  int* to;
  explicit lent(int& where) : to(&where) {}
  lent(lent&& other) noexcept : to(std::exchange(other.to, nullptr)) {}
  lent& operator=(lent&&) = delete;
  ~lent() {
    if (to != nullptr) ++*to;
  }
};

TEST_F(scope_handle_test, a_result_that_nobody_takes_is_destroyed_before_the_end) {
  const auto runs = [&]() -> task<int> {
    int gone = 0;
    for (int i = 0; i < 200; ++i) {
      co_await with_scope([&](scope& s) -> task<> {
        s.spawn([](int& where) -> task<lent> { co_return lent(where); }(gone));
        co_return;
      });
      if (gone != i + 1) co_return -1;
    }
    co_return gone;
  };
  EXPECT_EQ(sync_wait(*pool, runs()), 200);
}

TEST_F(scope_handle_test, the_handle_of_a_failed_task_says_so_and_with_scope_throws_it_once) {
  std::string of_handle;
  const auto runs = [&]() -> task<std::string> {
    try {
      co_await with_scope([&](scope& s) -> task<> {
        auto handle = s.spawn(fails("no"), {.name = "f"});
        try {
          co_await std::move(handle);
        } catch (const operation_cancelled& e) {
          of_handle = e.what();
          throw;
        }
      });
    } catch (const std::exception& e) {
      co_return e.what();
    }
    co_return "nothing";
  };
  EXPECT_EQ(sync_wait(*pool, runs()), "no");
  EXPECT_TRUE(of_handle == "weft: co_await child_handle: task \"f\" gave no result; with_scope throws why" ||
              of_handle == "weft: co_await child_handle: the wait for a task \"f\" was cancelled: a sibling failed: f")
      << of_handle;
}

TEST_F(scope_handle_test, an_empty_handle_says_what_became_of_it) {
  const auto runs = [&]() -> task<std::string> {
    std::string said;
    co_await with_scope([&](scope& s) -> task<> {
      auto handle = s.spawn(gives(1));
      static_cast<void>(co_await std::move(handle));
      said = rejection_of([&] { static_cast<void>(handle.is_done()); });  // NOLINT: that is the question
      try {
        static_cast<void>(co_await std::move(handle));  // NOLINT
      } catch (const usage_error& e) {
        said.append("|").append(e.what());
      }
    });
    co_return said;
  };
  EXPECT_EQ(sync_wait(*pool, runs()),
            "weft: child_handle::is_done: the handle is empty: it was awaited or moved from|"
            "weft: co_await child_handle: the handle is empty: it was awaited or moved from");
}

}  // namespace
}  // namespace weft
