// SPDX-License-Identifier: Apache-2.0
// Results of a scope's tasks as they come.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "balanced.hpp"
#include "gate.hpp"
#include "rejection.hpp"

namespace weft {
namespace {

using test::counted;
using test::gate;

task<int> gives(int value) { co_return value; }
task<int> gives_later(gate& door, int value) {
  co_await door;
  co_return value;
}
task<int> fails(std::string text) {
  co_await yield();
  throw std::runtime_error(text);
}

struct scope_results_test : test::balanced {
  std::optional<gate> door{std::in_place}, second{std::in_place};
  std::optional<scheduler> pool{std::in_place, scheduler_options{.workers = 2}};

  void TearDown() override {
    door->open();
    second->open();
    pool.reset();
    balanced::TearDown();
  }
};

TEST_F(scope_results_test, come_in_the_order_in_which_tasks_end_and_then_no_more) {
  const auto runs = [&]() -> task<std::string> {
    std::string order;
    co_await with_scope<int>([&](scope_of<int>& s) -> task<> {
      s.spawn(gives_later(*door, 1));
      s.spawn(gives_later(*second, 2));
      s.spawn(gives(3));
      while (std::optional<int> r = co_await s.next()) {
        order += std::to_string(*r);
        if (*r == 3) second->open();
        if (*r == 2) door->open();
      }
      order += "-";
      s.spawn(gives(4));
      const std::optional<int> more = co_await s.next();
      order += std::to_string(more.value());
      const std::optional<int> none = co_await s.next();
      order += none ? "?" : ".";
    });
    co_return order;
  };
  EXPECT_EQ(sync_wait(*pool, runs()), "321-4.");
}

TEST_F(scope_results_test, a_window_of_tasks_over_a_long_list) {
  const auto runs = [&]() -> task<long> {
    co_return co_await with_scope<int>(
        [&](scope_of<int>& s) -> task<long> {
          long sum = 0;
          for (int i = 0; i < 100; ++i) s.spawn(gives(i));
          while (std::optional<int> r = co_await s.next()) sum += *r;
          co_return sum;
        },
        {.max_concurrency = 3});
  };
  EXPECT_EQ(sync_wait(*pool, runs()), 4950);
}

TEST_F(scope_results_test, may_move_only_be_references_or_nothing) {
  int there = 5;
  const auto runs = [&]() -> task<int> {
    int sum = 0;
    co_await with_scope<std::unique_ptr<int>>([&](scope_of<std::unique_ptr<int>>& s) -> task<> {
      s.spawn([]() -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(1); }());
      auto r = co_await s.next();
      sum += **r;
    });
    co_await with_scope<int&>([&](scope_of<int&>& s) -> task<> {
      s.spawn([](int& i) -> task<int&> { co_return i; }(there));
      auto r = co_await s.next();
      sum += &r->get() == &there ? 10 : 0;
    });
    co_await with_scope<void>([&](scope_of<void>& s) -> task<> {
      for (int i = 0; i < 3; ++i) s.spawn([]() -> task<> { co_await yield(); }());
      for (bool more = co_await s.next(); more; more = co_await s.next()) sum += 100;
    });
    co_return sum;
  };
  EXPECT_EQ(sync_wait(*pool, runs()), 311);
}

TEST_F(scope_results_test, a_scope_of_some_type_takes_others_as_a_plain_scope) {
  const auto runs = [&]() -> task<int> {
    int beside = 0;
    co_return co_await with_scope<int>([&](scope_of<int>& s) -> task<int> {
      scope& plain = s;
      auto handle = plain.spawn([](int& to) -> task<> {
        to = 1;
        co_return;
      }(beside));
      s.spawn(gives(10));
      const std::optional<int> only = co_await s.next();
      const std::optional<int> none = co_await s.next();
      co_await std::move(handle);
      co_return beside + only.value() + (none ? 100 : 0);
    });
  };
  EXPECT_EQ(sync_wait(*pool, runs()), 11);
}

TEST_F(scope_results_test, what_has_come_is_given_before_a_failure_is_told) {
  std::string order;
  const auto runs = [&]() -> task<> {
    co_await with_scope<int>([&](scope_of<int>& s) -> task<> {
      s.spawn(gives(1));
      co_await s.join();
      auto failing = static_cast<scope&>(s).spawn(fails("no"), {.name = "f"});
      while (!failing.is_done()) co_await yield();
      for (;;) {
        try {
          const std::optional<int> r = co_await s.next();
          order += std::to_string(r.value());
        } catch (const operation_cancelled& e) {
          order += e.what();
          throw;
        }
      }
    });
  };
  try {
    sync_wait(*pool, runs());
    ADD_FAILURE() << "nothing was thrown";
  } catch (const std::runtime_error& e) {
    EXPECT_STREQ(e.what(), "no");
  }
  EXPECT_EQ(order, "1weft: scope_of::next: the wait for a result of a scope was cancelled: a sibling failed: f");
}

TEST_F(scope_results_test, that_nobody_takes_are_destroyed_at_the_end_though_the_scope_is_still_held) {
  std::optional<scope> kept;
  const auto runs = [&]() -> task<long> {
    co_await with_scope<counted>([&](scope_of<counted>& s) -> task<> {
      kept = s;
      for (int i = 0; i < 5; ++i) s.spawn([](int n) -> task<counted> { co_return counted(n); }(i));
      const std::optional<counted> one = co_await s.next();
      if (one.has_value()) co_return;
    });
    co_return counted::live();
  };
  EXPECT_EQ(sync_wait(*pool, runs()), 0);
  kept.reset();
}

TEST_F(scope_results_test, after_the_end_none_come_any_more) {
  std::optional<scope_of<int>> kept;
  const auto runs = [&]() -> task<bool> {
    co_await with_scope<int>([&](scope_of<int>& s) -> task<> {
      kept.emplace(s);
      s.spawn(gives(1));
      co_return;
    });
    const std::optional<int> none = co_await kept->next();
    co_return none.has_value();
  };
  EXPECT_FALSE(sync_wait(*pool, runs()));
}

TEST_F(scope_results_test, one_task_at_a_time_waits_for_the_next) {
  std::string said;
  const auto runs = [&]() -> task<> {
    co_await with_scope<int>([&](scope_of<int>& s) -> task<> {
      s.spawn(gives_later(*door, 1));
      const auto waits = [](scope_of<int>& in) -> task<> {
        const std::optional<int> r = co_await in.next();
        if (r != 1) throw std::logic_error("another result");
      };
      const auto second_waits = [](scope_of<int>& in, std::string& to, gate& g) -> task<> {
        try {
          static_cast<void>(co_await in.next());
        } catch (const usage_error& e) {
          to = e.what();
        }
        g.open();
      };
      s.scope::spawn([](gate& g) -> task<> { co_await g; }(*door));
      co_await when_all(waits(s), second_waits(s, said, *door));
    });
  };
  scheduler single{{.workers = 1}};
  sync_wait(single, runs());
  EXPECT_EQ(said, "weft: scope_of::next: another task waits for the next result; one at a time can");
}

TEST_F(scope_results_test, a_cancelled_wait_takes_none_away) {
  std::stop_source stop;
  const auto runs = [&]() -> task<int> {
    co_return co_await with_scope<int>([&](scope_of<int>& s) -> task<int> {
      s.spawn(gives_later(*door, 7));
      const auto next = [](scope_of<int>& in) -> task<int> {
        const std::optional<int> r = co_await in.next();
        co_return r.value();
      };
      int value = 0;
      try {
        static_cast<void>(co_await with_stop_token(stop.get_token(), next(s)));
      } catch (const operation_cancelled&) {
        value = 1000;
      }
      door->open();
      co_return value + co_await next(s);
    });
  };
  auto result = spawn_future(*pool, runs());
  door->wait_for_arrivals(1);
  stop.request_stop();
  EXPECT_EQ(result.get(), 1007);
}

}  // namespace
}  // namespace weft
