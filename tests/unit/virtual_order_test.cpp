// SPDX-License-Identifier: Apache-2.0
// In which order a virtual scheduler does things: by its seed alone, and by every worker in turn; what others can come between.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace weft {
namespace {

using namespace std::chrono_literals;

/// What happened: who did it, on which worker, and when.
using trace = std::vector<std::string>;

unsigned current_index() { return detail::current_worker().index; }

struct recorder {
  trace seen;

  void note(int who, const char* what) {
    seen.push_back(std::to_string(who) + ' ' + what + " on " + std::to_string(current_index()) + " at " +
                   std::to_string(task_clock::now().time_since_epoch().count()));
  }
  task<int> leaf(int who) {
    note(who, "a leaf");
    co_return who;
  }
  task<> one(int who) {
    note(who, "begins");
    co_await sleep_for(std::chrono::microseconds(who % 7));
    note(who, "slept");
    for (int i = 0; i < who % 3; ++i) {
      co_await yield();
      note(who, "yielded");
    }
    auto join = fork_join(static_cast<std::size_t>(1 + who % 4), [&](std::size_t) { return leaf(who); });
    for (const int got : co_await join) {
      if (got != who) note(who, "lost something");
    }
    note(who, "ends");
  }
  task<> all(int count) {
    std::vector<join_handle<void>> handles;
    for (int i = 0; i < count; ++i) handles.push_back(spawn(one(i)));
    for (auto& handle : handles) co_await std::move(handle);
  }
};

trace run_with(std::uint64_t seed, int workers) {
  virtual_scheduler pool{{.workers = workers}, {.seed = seed}};
  recorder r;
  pool.run(r.all(200));
  return r.seen;
}

TEST(virtual_order, one_seed_gives_one_order) {
  for (const int workers : {1, 3}) {
    const trace first = run_with(7, workers);
    EXPECT_EQ(first, run_with(7, workers));
    EXPECT_NE(first, run_with(8, workers));
  }
}

TEST(virtual_order, every_worker_has_its_turn) {
  std::set<unsigned> seen;
  const auto notes = [&]() -> task<> {
    seen.insert(current_index());
    co_await yield();
    seen.insert(current_index());
  };
  virtual_scheduler pool{{.workers = 5}};
  for (int i = 0; i < 200; ++i) spawn_detached(pool, notes());
  EXPECT_TRUE(pool.run_until_idle().empty());
  EXPECT_EQ(seen, (std::set<unsigned>{0, 1, 2, 3, 4}));
  const scheduler_metrics counted = pool.metrics();
  for (const worker_metrics& worker : counted.workers) EXPECT_GT(worker.tasks_run, 0U);
  EXPECT_GT(counted.total().tasks_stolen, 0U);
}

/// In which order so many siblings of a join ran.
std::string order_of_siblings(std::uint64_t seed, int workers) {
  virtual_scheduler pool{{.workers = workers}, {.seed = seed}};
  std::string order;
  const auto child = [&](std::size_t i) -> task<int> {
    order += static_cast<char>('a' + i);
    co_return 0;
  };
  const auto joins = [&]() -> task<> { co_await fork_join(4, child); };
  pool.run(joins());
  return order;
}

TEST(virtual_order, siblings_run_in_every_order_that_thieves_can_make) {
  std::set<std::string> alone;
  std::set<std::string> with_thieves;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    alone.insert(order_of_siblings(seed, 1));
    with_thieves.insert(order_of_siblings(seed, 4));
  }
  EXPECT_EQ(alone, (std::set<std::string>{"abcd"}));
  // A thief takes the last first.
  EXPECT_TRUE(with_thieves.contains("abcd") && with_thieves.contains("abdc") && with_thieves.contains("adbc") &&
              with_thieves.contains("adcb"));
}

TEST(virtual_order, those_that_are_due_at_once_go_on_in_any_order) {
  std::set<std::string> orders;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    virtual_scheduler pool{{.workers = 2}, {.seed = seed}};
    std::string order;
    const auto when = pool.now() + 1s;
    const auto sleeps = [&](char name) -> task<> {
      co_await sleep_until(when);
      order += name;
    };
    for (const char name : {'a', 'b', 'c'}) spawn_detached(pool, sleeps(name));
    EXPECT_TRUE(pool.run_until_idle().empty());
    orders.insert(order);
  }
  EXPECT_EQ(orders.size(), 6U);
}

/// A counter that loses what is counted while somebody is between reading and writing.
std::uint64_t lost_counts(std::uint64_t seed) {
  virtual_scheduler pool{{.workers = 2}, {.seed = seed}};
  std::uint64_t counter = 0;
  const auto counts = [&]() -> task<> {
    const std::uint64_t read = counter;
    co_await yield();
    counter = read + 1;
  };
  const auto both = [&]() -> task<> { co_await when_all(counts(), counts()); };
  pool.run(both());
  return 2 - counter;
}

TEST(virtual_order, a_race_between_tasks_is_found_by_some_seeds_and_repeated_by_each) {
  std::vector<std::uint64_t> lost;
  for (std::uint64_t seed = 0; seed < 100; ++seed) lost.push_back(lost_counts(seed));
  EXPECT_NE(std::set<std::uint64_t>(lost.begin(), lost.end()).size(), 1U);
  for (std::uint64_t seed = 0; seed < 100; ++seed) EXPECT_EQ(lost_counts(seed), lost[seed]);
}

// --- where the seed comes from ---

struct virtual_seed : testing::Test {
  virtual_seed() {
    if (const char* const given = std::getenv("WEFT_SEED")) before = given;
  }
  ~virtual_seed() override {
    if (before)
      setenv("WEFT_SEED", before->c_str(), 1);
    else
      unsetenv("WEFT_SEED");
  }
  std::optional<std::string> before;
};

TEST_F(virtual_seed, the_option_goes_before_the_environment_and_that_before_1) {
  setenv("WEFT_SEED", "0x10", 1);
  EXPECT_EQ(virtual_scheduler{}.seed(), 16U);
  EXPECT_EQ((virtual_scheduler{{}, {.seed = 3}}.seed()), 3U);
  setenv("WEFT_SEED", "18446744073709551615", 1);
  EXPECT_EQ(virtual_scheduler{}.seed(), 18446744073709551615U);
  setenv("WEFT_SEED", "", 1);
  EXPECT_EQ(virtual_scheduler{}.seed(), 1U);
  unsetenv("WEFT_SEED");
  EXPECT_EQ(virtual_scheduler{}.seed(), 1U);
}

TEST_F(virtual_seed, one_that_is_no_number_is_ignored_with_a_warning) {
  for (const char* const garbage : {"x", "1x", "-1", "18446744073709551616", " "}) {
    setenv("WEFT_SEED", garbage, 1);
    testing::internal::CaptureStderr();
    EXPECT_EQ(virtual_scheduler{}.seed(), 1U);
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "weft: WEFT_SEED is ignored: it must be a number from 0 to 18446744073709551615\n");
  }
}

}  // namespace
}  // namespace weft
