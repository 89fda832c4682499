// SPDX-License-Identifier: Apache-2.0
// Cleanups that wait: they run whatever comes, to their end, and no failure is lost.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "gate.hpp"

namespace weft {
namespace {

using journal = std::vector<std::string>;

/// What a task gave or threw, as text.
task<std::string> told(task<int> t) {
  try {
    co_return std::to_string(co_await std::move(t));
  } catch (const exception_group& group) {
    std::string all = "group";
    group.visit([&](const std::exception_ptr& one) {
      try {
        std::rethrow_exception(one);
      } catch (const std::exception& e) {
        all.append(" ").append(e.what());
      }
    });
    co_return all;
  } catch (const operation_cancelled&) {
    co_return "cancelled";
  } catch (const std::exception& e) {
    co_return e.what();
  }
}

task<int> gives(journal& log, std::string outcome) {
  log.push_back("body");
  co_await yield();
  if (outcome == "cancelled") throw operation_cancelled("c");
  if (!outcome.empty()) throw std::runtime_error(outcome);
  co_return 7;
}

/// A cleanup that waits, and throws what it is told to.
auto cleans(journal& log, std::string outcome = "") {
  return [&log, outcome = std::move(outcome)]() -> task<> {
    co_await yield();
    log.push_back("cleanup");
    if (outcome == "cancelled") throw operation_cancelled("c");
    if (!outcome.empty()) throw std::runtime_error(outcome);
  };
}

struct finally_test : testing::Test {
  journal log;
  scheduler pool{{.workers = 1}};

  std::string outcome(std::string of_body, std::string of_cleanup) {
    log.clear();
    return sync_wait(pool, told(finally(gives(log, std::move(of_body)), cleans(log, std::move(of_cleanup)))));
  }
};

TEST_F(finally_test, what_the_body_gives_or_throws_comes_after_the_cleanup) {
  for (const std::string came : {"", "body failed", "cancelled"}) {
    EXPECT_EQ(outcome(came, ""), came.empty() ? "7" : came);
    EXPECT_EQ(log, (journal{"body", "cleanup"})) << came;
  }
}

TEST_F(finally_test, a_cleanup_that_throws_loses_no_failure) {
  EXPECT_EQ(outcome("", "cleanup failed"), "cleanup failed");
  EXPECT_EQ(outcome("body failed", "cleanup failed"), "group body failed cleanup failed");
  EXPECT_EQ(outcome("cancelled", "cleanup failed"), "cleanup failed");
  EXPECT_EQ(outcome("body failed", "cancelled"), "body failed");
  EXPECT_EQ(outcome("cancelled", "cancelled"), "cancelled");
}

TEST_F(finally_test, a_cleanup_that_cannot_be_begun_has_failed) {
  const auto refuses = []() -> task<> { throw std::runtime_error("no cleanup"); };
  const auto throws_at_once = [&]() {
    if (log.empty()) throw std::runtime_error("not even called");
    return refuses();
  };
  EXPECT_EQ(sync_wait(pool, told(finally(gives(log, ""), throws_at_once))), "no cleanup");
  journal other;
  EXPECT_EQ(sync_wait(pool, told(finally(gives(other, "body failed"),
                                         [] {
                                           throw std::runtime_error("not even called");
                                           return yield();
                                         }))),
            "group body failed not even called");
}

TEST_F(finally_test, a_cleanup_is_not_cancelled_with_its_body) {
  test::gate body, cleanup;
  std::stop_source stop;
  const auto comes_through = [](test::gate& door) -> task<int> {
    co_await door;
    co_return 1;
  };
  const auto joins = [&](test::gate& door) -> task<int> {
    auto handle = spawn(comes_through(door));
    co_return co_await std::move(handle);
  };
  const auto joins_as_cleanup = [&]() -> task<> {
    co_await joins(cleanup);
    log.push_back("waited");
  };
  auto result = spawn_future(pool, told(with_stop_token(stop.get_token(), finally(joins(body), joins_as_cleanup))));
  body.wait_for_arrivals(1);
  stop.request_stop();
  cleanup.wait_for_arrivals(1);
  cleanup.open();
  EXPECT_EQ(result.get(), "cancelled");
  EXPECT_EQ(log, (journal{"waited"}));
  body.open();
  pool.stop();
}

TEST_F(finally_test, is_for_results_of_every_kind) {
  int there = 1;
  const auto refers = [&]() -> task<int&> { co_return there; };
  const auto owns = []() -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(2); };
  const auto all = [&]() -> task<bool> {
    int& got = co_await finally(refers(), cleans(log));
    const std::unique_ptr<int> owned = co_await finally(owns(), cleans(log));
    co_await finally(yield(), cleans(log));
    co_return &got == &there && *owned == 2;
  };
  EXPECT_TRUE(sync_wait(pool, all()));
  EXPECT_EQ(log, (journal{"cleanup", "cleanup", "cleanup"}));
}

TEST_F(finally_test, that_nobody_awaits_runs_neither) {
  {
    const auto never = finally(gives(log, ""), cleans(log));
  }
  EXPECT_TRUE(log.empty());
}

}  // namespace
}  // namespace weft
