// SPDX-License-Identifier: Apache-2.0
// Scopes: when they end, what a failure does, and how several arrive.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <atomic>
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

task<> sets(int& where, int value) {
  co_await yield();
  where = value;
}
task<> fails(std::string text) {
  co_await yield();
  throw std::runtime_error(text);
}
/// Waits for what only a cancellation ends.
task<> waits(gate& door) {
  auto handle = spawn([](gate& g) -> task<> { co_await g; }(door));
  co_await std::move(handle);
}
/// The same, and says so.
task<> notes_its_end(gate& door, std::atomic<int>& ended) {
  try {
    co_await waits(door);
  } catch (const operation_cancelled&) {
    ++ended;
    throw;
  }
}

/// What came of a task, told by another one.
template <class T>
task<std::string> told(task<T> t) {
  try {
    if constexpr (std::is_void_v<T>) {
      co_await std::move(t);
      co_return "done";
    } else {
      co_return std::to_string(co_await std::move(t));
    }
  } catch (const exception_group& group) {
    co_return group.to_string();
  } catch (const std::exception& e) {
    co_return e.what();
  }
}

struct scope_test : test::balanced {
  std::optional<gate> door{std::in_place};
  std::optional<scheduler> pool{std::in_place, scheduler_options{.workers = 2}};

  template <class T>
  std::string outcome(task<T> t) {
    return sync_wait(*pool, told(std::move(t)));
  }
  void TearDown() override {
    door->open();
    pool.reset();
    balanced::TearDown();
  }
};

TEST_F(scope_test, ends_after_its_last_child_and_gives_what_the_body_gives) {
  int a = 0, b = 0, c = 0;
  const auto runs = [&]() -> task<int> {
    const int got = co_await with_scope([&](scope& s) -> task<int> {
      s.spawn(sets(a, 1), {.name = "a"});
      s.spawn(sets(b, 2));
      s.spawn([](scope& inner, int& where) -> task<> {
        inner.spawn(sets(where, 4));
        co_return;
      }(s, c));
      co_return 10;
    });
    co_return got + a + b + c;
  };
  EXPECT_EQ(outcome(runs()), "17");
}

TEST_F(scope_test, gives_references_what_only_moves_and_nothing) {
  int there = 0;
  const auto runs = [&]() -> task<bool> {
    int& got = co_await with_scope([&](scope&) -> task<int&> { co_return there; });
    std::unique_ptr<int> owned = co_await with_scope([](scope&) -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(3); });
    co_await with_scope([](scope&) -> task<> { co_return; });
    co_return &got == &there && *owned == 3;
  };
  EXPECT_EQ(outcome(runs()), "1");
}

TEST_F(scope_test, a_body_may_be_named_and_used_again) {
  int sum = 0;
  auto body = [&](scope& s) -> task<> {
    s.spawn([](int& n) -> task<> {
      ++n;
      co_return;
    }(sum));
    co_return;
  };
  const auto runs = [&]() -> task<int> {
    co_await with_scope(body);
    co_await with_scope(body);
    co_return sum;
  };
  EXPECT_EQ(outcome(runs()), "2");
}

TEST_F(scope_test, what_the_lambda_of_the_body_captures_outlives_the_children) {
  const auto runs = [&]() -> task<int> {
    int seen = 0;
    auto body = [&seen, held = std::make_unique<int>(5)](scope& s) -> task<> {
      s.spawn([](const int& borrowed, int& to) -> task<> {
        for (int i = 0; i < 3; ++i) co_await yield();
        to = borrowed;
      }(*held, seen));
      co_return;
    };
    co_await with_scope(std::move(body));
    co_return seen;
  };
  EXPECT_EQ(outcome(runs()), "5");
}

TEST_F(scope_test, a_body_that_lends_its_own_locals_joins) {
  const auto runs = [&]() -> task<int> {
    co_return co_await with_scope([](scope& s) -> task<int> {
      int a = 0, b = 0;
      co_await s.join();
      s.spawn(sets(a, 1));
      s.spawn(sets(b, 2));
      co_await s.join();
      s.spawn(sets(b, 20));
      co_await s.join();
      co_return a + b;
    });
  };
  EXPECT_EQ(outcome(runs()), "21");
}

TEST_F(scope_test, a_join_of_what_failed_is_cancelled_once_all_have_ended) {
  std::atomic<int> ended = 0;
  std::string said;
  const auto runs = [&]() -> task<> {
    co_await with_scope([&](scope& s) -> task<> {
      s.spawn(notes_its_end(*door, ended));
      s.spawn(fails("no"), {.name = "f"});
      try {
        co_await s.join();
      } catch (const operation_cancelled& e) {
        said = e.what() + std::to_string(ended);
      }
    });
  };
  EXPECT_EQ(outcome(runs()), "no");
  EXPECT_EQ(said, "weft: scope::join: the wait for the tasks of a scope was cancelled: a sibling failed: f1");
}

TEST_F(scope_test, the_first_failure_cancels_the_siblings_and_the_body_and_arrives_itself) {
  std::atomic<int> ended = 0;
  const auto runs = [&]() -> task<> {
    co_await with_scope([&](scope& s) -> task<> {
      s.spawn(notes_its_end(*door, ended));
      s.spawn(notes_its_end(*door, ended));
      s.spawn(fails("out of luck"));
      co_await notes_its_end(*door, ended);
    });
  };
  EXPECT_EQ(outcome(runs()), "out of luck");
  EXPECT_EQ(ended, 3);
}

TEST_F(scope_test, a_failed_body_cancels_and_awaits_its_children) {
  std::atomic<int> ended = 0;
  const auto runs = [&]() -> task<> {
    co_await with_scope([&](scope& s) -> task<> {
      s.spawn(notes_its_end(*door, ended));
      throw std::runtime_error("the body");
      co_return;
    });
  };
  EXPECT_EQ(outcome(runs()), "the body");
  EXPECT_EQ(ended, 1);
}

TEST_F(scope_test, a_body_that_throws_before_it_is_a_task_is_one_that_failed) {
  std::atomic<int> ended = 0;
  const auto runs = [&]() -> task<> {
    co_await with_scope([&](scope& s) -> task<> {
      s.spawn(notes_its_end(*door, ended));
      throw std::runtime_error("no task");
    });
  };
  EXPECT_EQ(outcome(runs()), "no task");
  EXPECT_EQ(ended, 1);
}

/// Fails once it is cancelled.
task<> fails_at_its_end(gate& door, std::string text) {
  bool was_cancelled = false;
  try {
    co_await waits(door);
  } catch (const operation_cancelled&) {
    was_cancelled = true;
  }
  if (was_cancelled) throw std::runtime_error(text);
}

TEST_F(scope_test, several_failures_arrive_in_the_order_of_the_children_with_their_names) {
  const auto runs = [&]() -> task<> {
    co_await with_scope([&](scope& s) -> task<> {
      s.spawn(fails_at_its_end(*door, "one"), {.name = "first"});
      s.spawn(waits(*door), {.name = "cancelled"});
      s.spawn(fails_at_its_end(*door, "two"));
      s.spawn(fails("three"), {.name = "third"});
      co_await fails_at_its_end(*door, "four");
    });
  };
  EXPECT_EQ(outcome(runs()), "4 tasks failed\n  1 (first): one\n  2: two\n  3 (third): three\n  4 (the body of the scope): four");
}

TEST_F(scope_test, nested_groups_stay_groups) {
  const auto runs = [&]() -> task<> {
    co_await with_scope([&](scope& outer) -> task<> {
      outer.spawn(fails_at_its_end(*door, "outer"), {.name = "o"});
      outer.spawn(with_scope([&](scope& inner) -> task<> {
                    inner.spawn(fails_at_its_end(*door, "x"), {.name = "x"});
                    inner.spawn(fails("y"), {.name = "y"});
                    co_return;
                  }),
                  {.name = "i"});
      co_return;
    });
  };
  EXPECT_EQ(outcome(runs()), "2 tasks failed\n  1 (o): outer\n  2 (i): 2 tasks failed\n    1 (x): x\n    2 (y): y");
}

TEST_F(scope_test, a_cancellation_from_outside_reaches_all_and_arrives_if_nothing_failed) {
  std::stop_source stop;
  std::atomic<int> ended = 0;
  const auto runs = [&]() -> task<> {
    co_await with_scope([&](scope& s) -> task<> {
      s.spawn(notes_its_end(*door, ended));
      s.spawn(notes_its_end(*door, ended));
      co_await notes_its_end(*door, ended);
    });
  };
  auto result = spawn_future(*pool, told(with_stop_token(stop.get_token(), runs())));
  door->wait_for_arrivals(3);
  stop.request_stop();
  EXPECT_NE(result.get().find("was cancelled: a stop was requested"), std::string::npos);
  EXPECT_EQ(ended, 3);
}

TEST_F(scope_test, a_child_that_is_cancelled_by_itself_is_one_that_failed) {
  std::stop_source stop;
  stop.request_stop();
  std::atomic<int> ended = 0;
  const auto runs = [&]() -> task<> {
    co_await with_scope([&](scope& s) -> task<> {
      s.spawn(notes_its_end(*door, ended));
      s.spawn(with_stop_token(stop.get_token(), waits(*door)), {.name = "own"});
      co_return;
    });
  };
  EXPECT_EQ(outcome(runs()), "weft: co_await join_handle: the wait for a task was cancelled: a stop was requested");
  EXPECT_EQ(ended, 1);
}

TEST_F(scope_test, that_its_user_cancels_is_no_failure_of_the_children) {
  std::atomic<int> ended = 0;
  const auto runs = [&]() -> task<int> {
    co_return co_await with_scope([&](scope& s) -> task<int> {
      s.spawn(notes_its_end(*door, ended));
      s.spawn(notes_its_end(*door, ended));
      s.cancel();
      s.cancel();
      co_return 5;
    });
  };
  EXPECT_EQ(outcome(runs()), "5");
  EXPECT_EQ(ended, 2);
  const auto fails_so = [&]() -> task<> {
    co_await with_scope([&](scope& s) -> task<> {
      s.spawn(fails_at_its_end(*door, "a failure all the same"));
      s.cancel();
      co_return;
    });
  };
  EXPECT_EQ(outcome(fails_so()), "a failure all the same");
}

TEST_F(scope_test, children_run_at_its_home_and_it_ends_there_wherever_they_go) {
  scheduler other{{.workers = 1}};
  int there = 0;
  const auto goes = [](scheduler& to, scope& s, int& counted_here) -> task<> {
    co_await resume_on(to);
    s.spawn([](int& n) -> task<> {
      ++n;
      co_return;
    }(counted_here));
  };
  const auto runs = [&]() -> task<int> {
    for (int i = 0; i < 50; ++i) {
      const auto body = [&](scope& s) -> task<> {
        s.spawn(goes(other, s, there));
        co_return;
      };
      co_await with_scope(body);
    }
    co_return there;
  };
  EXPECT_EQ(outcome(runs()), "50");
  EXPECT_EQ(other.stop().abandoned, 0U);
}

TEST_F(scope_test, a_plain_spawn_in_a_child_is_not_of_the_scope) {
  const auto runs = [&]() -> task<std::string> {
    std::optional<join_handle<void>> beside;
    std::string said = "nothing";
    try {
      co_await with_scope([&](scope& s) -> task<> {
        beside = spawn([](gate& g) -> task<> { co_await g; }(*door));
        s.spawn(fails("no"));
        co_return;
      });
    } catch (const std::exception& e) {
      said = e.what();
    }
    said += beside->is_done() ? " ended" : " goes on";
    door->open();
    co_await std::move(*beside);
    co_return said;
  };
  EXPECT_EQ(sync_wait(*pool, runs()), "no goes on");
}

TEST(scope_death, a_body_that_ends_while_another_task_joins_ends_the_process) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto misuse = [] {
    gate door;
    std::optional<scope> shown;
    bool joins = false;
    scheduler pool{{.workers = 1}};
    const auto ends = [&](scope& s) -> task<> {
      s.spawn([](gate& g) -> task<> { co_await g; }(door));
      shown.emplace(s);
      while (!joins) co_await yield();
    };
    const auto joins_it = [&]() -> task<> {
      while (!shown) co_await yield();
      joins = true;
      co_await shown->join();
    };
    const auto both = [&]() -> task<> { co_await when_all(with_scope(ends), joins_it()); };
    sync_wait(pool, both());
  };
  EXPECT_DEATH(misuse(), "weft: with_scope: the body has ended while another task waits in scope::join");
}

// Not balanced: what is abandoned stays.
TEST(scope_report, its_children_are_named_and_their_waits_told) {
  gate door;
  scheduler pool{{.workers = 1}};
  const auto runs = [&]() -> task<> {
    co_await with_scope([&](scope& s) -> task<> {
      s.spawn([](gate& g) -> task<> { co_await g; }(door), {.name = "child"});
      co_return;
    });
  };
  testing::internal::CaptureStderr();
  spawn_detached(pool, runs(), {.name = "owner"});
  door.wait_for_arrivals(1);
  const stop_report report = pool.stop({.drain_for = std::chrono::nanoseconds(0)});
  testing::internal::GetCapturedStderr();
  std::string all;
  for (const left_task& left : report.left) all += left.name + ":" + left.what + ";";
  EXPECT_TRUE(all.find("child:") != std::string::npos && all.find("owner:the tasks of a scope;") != std::string::npos) << all;
}

}  // namespace
}  // namespace weft
