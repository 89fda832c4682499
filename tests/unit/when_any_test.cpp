// SPDX-License-Identifier: Apache-2.0
// The first result wins; what becomes of the others.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <type_traits>
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
task<int> gives_late(int value) {
  for (int i = 0; i < 5; ++i) co_await yield();
  co_return value;
}
task<int> fails(std::string text) {
  co_await yield();
  throw std::runtime_error(text);
}
/// Once it is let.
task<int> gives_after(gate& go, int value) {
  co_await go;
  co_return value;
}
/// Waits for what only a cancellation ends.
task<int> waits(gate& door) {
  auto handle = spawn([](gate& g) -> task<> { co_await g; }(door));
  co_await std::move(handle);
  co_return 0;
}
/// The same, and says why it has ended.
task<int> notes_why(gate& door, std::atomic<int>& ended, cancel_reason& why) {
  try {
    co_return co_await waits(door);
  } catch (const operation_cancelled& e) {
    why = e.reason();
    ++ended;
    throw;
  }
}
task<int> emptied() {
  task<int> t = gives(1);
  static_cast<void>(task<int>(std::move(t)));
  return t;
}

template <class T>
task<std::string> told(task<T> t) {
  try {
    co_return std::to_string(co_await std::move(t));
  } catch (const exception_group& group) {
    co_return group.to_string();
  } catch (const std::exception& e) {
    co_return e.what();
  }
}

struct when_any_test : test::balanced {
  std::optional<gate> door{std::in_place};
  gate go;
  std::optional<scheduler> pool{std::in_place, scheduler_options{.workers = 2}};

  template <class T>
  std::string outcome(task<T> t) {
    return sync_wait(*pool, told(std::move(t)));
  }
  /// The same, where one that gives after `go` may win once so many others wait at the door.
  template <class T>
  std::string outcome_after(std::size_t losers, task<T> t) {
    auto result = spawn_future(*pool, told(std::move(t)));
    door->wait_for_arrivals(losers);
    go.open();
    return result.get();
  }
  void TearDown() override {
    door->open();
    pool.reset();
    balanced::TearDown();
  }
};

TEST_F(when_any_test, the_first_wins_and_the_others_are_cancelled_and_awaited) {
  std::atomic<int> ended = 0;
  cancel_reason why{}, also_why{};
  const auto runs = [&]() -> task<int> {
    auto r = co_await when_any(notes_why(*door, ended, why), gives_after(go, 7), notes_why(*door, ended, also_why));
    co_return r.index() == 1 ? r.get<1>() : -1;
  };
  EXPECT_EQ(outcome_after(2, runs()), "7");
  EXPECT_EQ(ended, 2);
  EXPECT_EQ(why, cancel_reason::lost_race);
  EXPECT_EQ(also_why, cancel_reason::lost_race);
}

TEST_F(when_any_test, what_has_not_begun_when_one_wins_is_not_started) {
  bool was_started = false;
  const auto starts = [](bool& was, counted) -> task<int> {
    was = true;
    co_return 1;
  };
  const auto runs = [&]() -> task<int> {
    auto r = co_await when_any(gives(5), starts(was_started, counted(1)));
    co_return r.get<0>();
  };
  scheduler single{{.workers = 1}};
  EXPECT_EQ(sync_wait(single, runs()), 5);
  EXPECT_FALSE(was_started);
}

TEST_F(when_any_test, of_one_it_is_that) {
  const auto runs = [&]() -> task<int> {
    auto r = co_await when_any(gives_late(3));
    co_return r.get<0>();
  };
  EXPECT_EQ(outcome(runs()), "3");
}

TEST_F(when_any_test, takes_what_only_moves_refers_or_gives_nothing) {
  int there = 4;
  const auto runs = [&]() -> task<int> {
    auto first = co_await when_any([]() -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(2); }(), waits(*door));
    const std::unique_ptr<int> owned = std::move(first).get<0>();
    auto second = co_await when_any(waits(*door), [](int& i) -> task<int&> { co_return i; }(there));
    int& referred = second.get<1>();
    auto third = co_await when_any([]() -> task<> { co_await yield(); }(), waits(*door));
    third.get<0>();
    co_return *owned + (&referred == &there ? 10 : 0) + static_cast<int>(third.index()) * 100;
  };
  EXPECT_EQ(outcome(runs()), "12");
}

TEST_F(when_any_test, takes_handles_and_what_is_awaited_otherwise) {
  std::atomic<int> ended = 0;
  cancel_reason why{};
  gate foreign;
  const auto runs = [&]() -> task<int> {
    auto handle = spawn(gives_after(go, 5));
    auto r = co_await when_any(notes_why(*door, ended, why), std::move(handle), gate::awaiter{foreign});
    co_return r.index() == 1 ? r.get<1>() : -1;
  };
  auto result = spawn_future(*pool, told(runs()));
  door->wait_for_arrivals(1);
  foreign.wait_for_arrivals(1);
  go.open();
  while (ended == 0) std::this_thread::yield();  // the handle has won
  EXPECT_NE(result.wait_for(std::chrono::seconds(0)), std::future_status::ready) << "a foreign wait is not cancelled, but waited for";
  foreign.open();
  EXPECT_EQ(result.get(), "5");
}

TEST_F(when_any_test, a_losers_error_is_nobodys_if_one_has_won) {
  const auto runs = [&]() -> task<int> {
    auto r = co_await when_any(fails("x"), gives_late(6), fails("y"));
    co_return r.get<1>();
  };
  EXPECT_EQ(outcome(runs()), "6");
}

TEST_F(when_any_test, if_all_fail_all_is_told_and_one_alone_as_it_is) {
  const auto runs = [&]() -> task<int> {
    auto r = co_await when_any(fails("x"), fails("y"));
    co_return static_cast<int>(r.index());
  };
  EXPECT_EQ(outcome(runs()), "2 tasks failed\n  1: x\n  2: y");
  const auto alone = [&]() -> task<int> {
    auto r = co_await when_any(fails("x"));
    co_return static_cast<int>(r.index());
  };
  EXPECT_EQ(outcome(alone()), "x");
}

TEST_F(when_any_test, a_cancellation_around_it_cancels_all) {
  std::stop_source stop;
  std::atomic<int> ended = 0;
  cancel_reason why = cancel_reason::deadline, also_why = cancel_reason::deadline;
  const auto runs = [&]() -> task<int> {
    auto r = co_await when_any(notes_why(*door, ended, why), notes_why(*door, ended, also_why));
    co_return static_cast<int>(r.index());
  };
  auto result = spawn_future(*pool, told(with_stop_token(stop.get_token(), runs())));
  door->wait_for_arrivals(2);
  stop.request_stop();
  EXPECT_NE(result.get().find("was cancelled: a stop was requested"), std::string::npos);
  EXPECT_EQ(ended, 2);
  EXPECT_EQ(why, cancel_reason::requested);
}

TEST_F(when_any_test, what_a_loser_gives_late_is_destroyed) {
  const auto object = [](int yields) -> task<counted> {
    for (int i = 0; i < yields; ++i) co_await yield();
    co_return counted(1);
  };
  const auto runs = [&]() -> task<int> {
    for (int i = 0; i < 200; ++i) {
      auto r = co_await when_any(object(i % 3), object(1), object(2));
      if (counted::live() != 1) co_return -1;
    }
    co_return 0;
  };
  EXPECT_EQ(outcome(runs()), "0");
}

TEST_F(when_any_test, asking_for_one_that_has_not_won_is_refused) {
  const auto runs = [&]() -> task<std::string> {
    auto r = co_await when_any(gives(1), waits(*door));
    co_return rejection_of([&] { static_cast<void>(r.get<1>()); });
  };
  EXPECT_EQ(sync_wait(*pool, runs()), "weft: any_result::get: another one has won; index() says which");
}

TEST_F(when_any_test, of_a_vector_gives_the_number_and_the_value) {
  std::atomic<int> ended = 0;
  std::vector<cancel_reason> why(4);
  const auto runs = [&]() -> task<int> {
    std::vector<task<int>> all;
    for (int i = 0; i < 4; ++i) all.push_back(i == 2 ? gives_after(go, 20) : notes_why(*door, ended, why[static_cast<std::size_t>(i)]));
    auto r = co_await when_any(std::move(all));
    co_return static_cast<int>(r.index()) * 100 + r.value();
  };
  EXPECT_EQ(outcome_after(3, runs()), "220");
  EXPECT_EQ(ended, 3);
  const auto owned = [&]() -> task<int> {
    std::vector<task<std::unique_ptr<int>>> all;
    all.push_back([]() -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(8); }());
    auto r = co_await when_any(std::move(all));
    const std::unique_ptr<int> moved = std::move(r).value();
    co_return *moved;
  };
  EXPECT_EQ(outcome(owned()), "8");
}

TEST_F(when_any_test, of_a_vector_all_failures_are_told) {
  const auto runs = [&]() -> task<int> {
    std::vector<task<int>> all;
    for (const char* text : {"a", "b"}) all.push_back(fails(text));
    auto r = co_await when_any(std::move(all));
    co_return r.value();
  };
  EXPECT_EQ(outcome(runs()), "2 tasks failed\n  1: a\n  2: b");
}

TEST_F(when_any_test, nothing_and_empty_tasks_are_refused) {
  const std::string empty = ": a task is empty: it was moved from, awaited or spawned before";
  EXPECT_EQ(rejection_of([] { static_cast<void>(when_any(std::vector<task<int>>())); }), "weft: when_any: there is nothing to wait for");
  EXPECT_EQ(rejection_of([] { static_cast<void>(race(std::vector<task<int>>())); }), "weft: race: there is nothing to wait for");
  EXPECT_EQ(rejection_of([] { static_cast<void>(when_any(gives(1), emptied())); }), "weft: when_any" + empty);
  EXPECT_EQ(rejection_of([] { static_cast<void>(race(emptied(), gives(1))); }), "weft: race" + empty);
  EXPECT_EQ(rejection_of([] {
              std::vector<task<int>> all;
              all.push_back(emptied());
              static_cast<void>(race(std::move(all)));
            }),
            "weft: race" + empty);
}

TEST_F(when_any_test, a_race_gives_the_value_itself) {
  int there = 1;
  const auto refers = [](int& i) -> task<int&> { co_return i; };
  const auto runs = [&]() -> task<int> {
    const long wide = co_await race(waits(*door), []() -> task<long> { co_return 6; }());
    static_assert(std::is_same_v<await_result<decltype(race(gives(1), std::declval<task<long>>()))>, long>);
    int& same = co_await race(refers(there), refers(there));
    co_await race([]() -> task<> { co_await yield(); }(), []() -> task<> { co_return; }());
    std::vector<task<int>> all;
    all.push_back(waits(*door));
    all.push_back(gives(100));
    co_return static_cast<int>(wide) + (&same == &there ? 10 : 0) + co_await race(std::move(all));
  };
  EXPECT_EQ(outcome(runs()), "116");
}

}  // namespace
}  // namespace weft
