// SPDX-License-Identifier: Apache-2.0
// What comes into a scope: at most so many at once, from other threads, and not after its end.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "balanced.hpp"
#include "gate.hpp"
#include "rejection.hpp"

namespace weft {
namespace {

using test::counted;
using test::gate;
using test::rejection_of;

task<int> gives(int value) { co_return value; }
task<int> gives_later(gate& door, int value) {
  co_await door;
  co_return value;
}
task<int> fails_after(gate& door, std::string text) {
  co_await door;
  throw std::runtime_error(text);
}
task<int> emptied() {
  task<int> t = gives(1);
  static_cast<void>(task<int>(std::move(t)));
  return t;
}

/// How many run at once.
struct crowd {
  std::atomic<int> now{0}, most{0}, ran{0};

  task<> passes() {
    const int here = ++now;
    for (int seen = most; seen < here && !most.compare_exchange_weak(seen, here);) {
    }
    for (int i = 0; i < 3; ++i) co_await yield();
    ++ran;
    --now;
  }
};

struct scope_spawn_test : test::balanced {
  std::optional<gate> door{std::in_place};
  std::optional<scheduler> pool{std::in_place, scheduler_options{.workers = 3}};

  void TearDown() override {
    door->open();
    pool.reset();
    balanced::TearDown();
  }
};

// --- turns ---

TEST_F(scope_spawn_test, at_most_so_many_run_at_once_and_all_do_in_the_end) {
  for (const int limit : {1, 2, 5}) {
    crowd all;
    const auto runs = [&]() -> task<> {
      co_await with_scope(
          [&](scope& s) -> task<> {
            for (int i = 0; i < 200; ++i) s.spawn(all.passes());
            co_return;
          },
          {.max_concurrency = limit});
    };
    sync_wait(*pool, runs());
    EXPECT_LE(all.most, limit);
    EXPECT_EQ(all.ran, 200);
  }
}

TEST_F(scope_spawn_test, turns_come_in_the_order_of_the_spawns) {
  std::vector<int> order;
  const auto notes = [](std::vector<int>& to, int i) -> task<> {
    co_await yield();
    to.push_back(i);
  };
  const auto runs = [&]() -> task<> {
    co_await with_scope(
        [&](scope& s) -> task<> {
          for (int i = 0; i < 5; ++i) s.spawn(notes(order, i));
          co_return;
        },
        {.max_concurrency = 1});
  };
  sync_wait(*pool, runs());
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST_F(scope_spawn_test, try_spawn_declines_instead_of_waiting) {
  const auto runs = [&]() -> task<std::string> {
    std::string said;
    co_await with_scope(
        [&](scope& s) -> task<> {
          said += s.try_spawn(gives_later(*door, 1)) ? "in " : "out ";
          said += s.try_spawn(gives_later(*door, 2)) ? "in " : "out ";
          task<int> third = gives(3);
          said += s.try_spawn(std::move(third)) ? "in " : "out ";
          said += third.is_empty() ? "gone " : "kept ";  // NOLINT: that is the question
          door->open();
          co_await s.join();
          said += s.try_spawn(std::move(third)) ? "in" : "out";
        },
        {.max_concurrency = 2});
    co_return said;
  };
  EXPECT_EQ(sync_wait(*pool, runs()), "in in out kept in");
}

TEST_F(scope_spawn_test, what_waits_for_its_turn_when_the_scope_is_cancelled_does_not_start) {
  std::atomic<int> started = 0;
  std::string of_handle;
  const auto starts = [](std::atomic<int>& n, counted) -> task<> {
    ++n;
    co_return;
  };
  const auto runs = [&]() -> task<std::string> {
    try {
      co_await with_scope(
          [&](scope& s) -> task<> {
            s.spawn(fails_after(*door, "no"), {.name = "f"});
            auto handle = s.spawn(starts(started, counted(1)), {.name = "late"});
            s.spawn(starts(started, counted(2)));
            door->open();
            try {
              co_await shield(std::move(handle));
            } catch (const operation_cancelled& e) {
              of_handle = e.what();
            }
          },
          {.max_concurrency = 1});
    } catch (const std::exception& e) {
      co_return e.what();
    }
    co_return "nothing";
  };
  EXPECT_EQ(sync_wait(*pool, runs()), "no");
  EXPECT_EQ(started, 0);
  EXPECT_EQ(of_handle, "weft: co_await child_handle: task \"late\" gave no result; with_scope throws why");
}

TEST_F(scope_spawn_test, if_nothing_else_failed_what_did_not_start_is_told) {
  std::stop_source stop;
  const auto runs = [&]() -> task<std::string> {
    try {
      co_await with_stop_token(stop.get_token(), with_scope(
                                                     [&](scope& s) -> task<> {
                                                       s.spawn(gives_later(*door, 1));
                                                       s.spawn(gives(2), {.name = "second"});
                                                       stop.request_stop();
                                                       door->open();
                                                       co_return;
                                                     },
                                                     {.max_concurrency = 1}));
    } catch (const operation_cancelled& e) {
      co_return e.what();
    }
    co_return "nothing";
  };
  EXPECT_EQ(sync_wait(*pool, runs()), "weft: scope: task \"second\" was cancelled before it started: a stop was requested");
}

TEST_F(scope_spawn_test, a_limit_below_one_is_refused) {
  const auto with = [](int limit) {
    return [limit] { static_cast<void>(with_scope([](scope&) -> task<> { co_return; }, {.max_concurrency = limit})); };
  };
  const std::string said = "weft: with_scope: max_concurrency must be at least 1; leave it out to have no limit";
  EXPECT_EQ(rejection_of(with(0)), said);
  EXPECT_EQ(rejection_of(with(-7)), said);
}

// --- who may spawn, and when ---

TEST_F(scope_spawn_test, other_threads_may_spawn_as_long_as_anything_runs_in_it) {
  std::atomic<int> ran = 0;
  const auto counts = [](std::atomic<int>& n) -> task<> {
    ++n;
    co_return;
  };
  std::optional<scope> outside;
  const auto runs = [&]() -> task<> {
    co_await with_scope([&](scope& s) -> task<> {
      outside.emplace(s);
      s.spawn([](gate& g) -> task<> { co_await g; }(*door));
      co_return;
    });
  };
  auto ended = spawn_future(*pool, runs());
  door->wait_for_arrivals(1);
  for (int i = 0; i < 10; ++i) outside->spawn(counts(ran));
  EXPECT_TRUE(outside->try_spawn(counts(ran)));
  door->open();
  ended.get();
  EXPECT_EQ(ran, 11);
}

TEST_F(scope_spawn_test, after_its_end_a_spawn_is_refused_and_the_task_kept) {
  std::optional<scope> kept;
  const auto runs = [&]() -> task<> {
    co_await with_scope([&](scope& s) -> task<> {
      kept = s;
      co_return;
    });
  };
  sync_wait(*pool, runs());
  task<int> t = gives(7);
  EXPECT_EQ(rejection_of([&] { kept->spawn(std::move(t)); }), "weft: scope::spawn: the scope has ended; the task is still yours");
  EXPECT_FALSE(kept->try_spawn(std::move(t)));
  kept->cancel();
  const auto joins = [&]() -> task<std::string> {
    try {
      co_await kept->join();
    } catch (const usage_error& e) {
      co_return e.what();
    }
    co_return "allowed";
  };
  EXPECT_EQ(sync_wait(*pool, joins()), "weft: scope::join: the scope has ended");
  ASSERT_FALSE(t.is_empty());  // NOLINT: that it is still there is the question
  EXPECT_EQ(sync_wait(*pool, std::move(t)), 7);
}

TEST_F(scope_spawn_test, an_empty_task_is_refused) {
  const auto runs = [&]() -> task<std::string> {
    std::string said;
    co_await with_scope([&](scope& s) -> task<> {
      said = rejection_of([&] { s.spawn(emptied()); });
      said.append("|").append(rejection_of([&] { static_cast<void>(s.try_spawn(emptied())); }));
      co_return;
    });
    co_return said;
  };
  const std::string empty = ": the task is empty: it was moved from, awaited or spawned before";
  EXPECT_EQ(sync_wait(*pool, runs()), "weft: scope::spawn" + empty + "|weft: scope::try_spawn" + empty);
}

TEST_F(scope_spawn_test, only_the_body_joins_and_in_one_place) {
  std::string of_child, of_second;
  const auto joins = [](scope& s, std::string& said) -> task<> {
    try {
      co_await s.join();
    } catch (const usage_error& e) {
      said = e.what();
    }
  };
  const auto runs = [&]() -> task<> {
    co_await with_scope([&](scope& s) -> task<> {
      s.spawn([](scope& in, std::string& said, gate& g, auto make) -> task<> {
        co_await make(in, said);
        co_await g;
      }(s, of_child, *door, joins));
      const auto opens = [](scope& in, std::string& said, gate& g, auto make) -> task<> {
        co_await make(in, said);
        g.open();
      };
      co_await when_all(joins(s, of_second), opens(s, of_second, *door, joins));
    });
  };
  sync_wait(*pool, runs());
  EXPECT_EQ(of_child, "weft: scope::join: only the body of the scope can wait for its tasks; one of them would wait for itself");
  EXPECT_EQ(of_second, "weft: scope::join: another task of the body waits already");
}

TEST_F(scope_spawn_test, what_a_stopping_scheduler_refuses_is_kept) {
  std::optional<scope> outside;
  const auto runs = [&]() -> task<> {
    co_await with_scope([&](scope& s) -> task<> {
      outside.emplace(s);
      s.spawn([](gate& g) -> task<> { co_await g; }(*door));
      co_return;
    });
  };
  auto ended = spawn_future(*pool, runs());
  door->wait_for_arrivals(1);
  std::thread stops([&] { pool->stop(); });
  task<int> t = gives(1);
  std::string said;
  while (said.empty()) {
    try {
      outside->spawn(std::move(t));
      t = gives(1);
    } catch (const scheduler_stopped& e) {
      said = e.what();
    }
  }
  EXPECT_EQ(said, "weft: scope::spawn: the scheduler is stopping or has stopped; the task is still yours");
  EXPECT_FALSE(t.is_empty());  // NOLINT: that it is still there is the question
  door->open();
  stops.join();
  ended.get();
}

}  // namespace
}  // namespace weft
