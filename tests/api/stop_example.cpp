// SPDX-License-Identifier: Apache-2.0
// The end of a scheduler, and what its report says: who came to an end, who was cancelled, and who could not be ended.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <coroutine>
#include <string>

namespace {

using namespace std::chrono_literals;

weft::task<> ends() { co_return; }

weft::task<> waits_for_long(std::string& log) {
  co_await weft::finally(weft::sleep_for(24h), [&]() -> weft::task<> {
    log += "cleaned up";
    co_return;
  });
}

/// Something foreign that never comes, and that weft can neither cancel nor free.
struct never : std::suspend_always {};

weft::task<> waits_for_ever() { co_await never(); }

TEST(stop_example, drains_cancels_and_reports) {
  std::string log;
  weft::scheduler pool{{.workers = 2}};
  for (int i = 0; i < 10; ++i) weft::sync_wait(pool, ends());
  weft::spawn_detached(pool, waits_for_long(log), {.name = "patient"});
  weft::spawn_detached(pool, waits_for_ever(), {.name = "stuck"});

  testing::internal::CaptureStderr();  // the report is printed, too, if a task is left
  const weft::stop_report report = pool.stop({.drain_for = 1ms, .grace = 100ms});
  const std::string printed = testing::internal::GetCapturedStderr();

  EXPECT_EQ(report.cancelled, 1U);
  EXPECT_EQ(log, "cleaned up");
  ASSERT_EQ(report.left.size(), 1U);
  EXPECT_EQ(report.left[0].name, "stuck");
  EXPECT_EQ(report.left[0].what, "an awaitable that is not weft's");
  EXPECT_NE(report.left[0].where.find("stop_example.cpp:"), std::string::npos);
  EXPECT_NE(printed.find("stuck"), std::string::npos);
}

}  // namespace
