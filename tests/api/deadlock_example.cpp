// SPDX-License-Identifier: Apache-2.0
// Tasks that can never go on are told, instead of a program that just stands still.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <optional>
#include <set>
#include <string>

namespace {

using namespace std::chrono_literals;

/// Each of the two wants the end of the other.
struct books {
  std::optional<weft::join_handle<void>> ledger;
  std::optional<weft::join_handle<void>> account;
};

weft::task<> closes_after(std::optional<weft::join_handle<void>>& other) { co_await std::move(*other); }

weft::task<> close(books& all) {  // on one worker: both begin once this has ended
  all.ledger = weft::spawn(closes_after(all.account), {.name = "ledger"});
  all.account = weft::spawn(closes_after(all.ledger), {.name = "account"});
  co_return;
}

TEST(deadlock_example, who_waits_for_whom_is_told) {
  books all;
  std::promise<std::set<std::string>> told;
  const auto tell = [&](const weft::deadlock_report& report) {  // weft::print_deadlock prints it, with the line of each wait
    std::set<std::string> lines;
    for (const weft::left_task& task : report.tasks) lines.insert(task.name + " waits for " + task.what);
    told.set_value(lines);
  };
  weft::scheduler pool{{.workers = 1, .on_deadlock = tell}};
  weft::sync_wait(pool, close(all));
  EXPECT_EQ(told.get_future().get(), (std::set<std::string>{"account waits for a task (ledger)", "ledger waits for a task (account)"}));
  EXPECT_EQ(pool.stop({.drain_for = 0s}).cancelled, 2U);  // both waits are ended
}

}  // namespace
