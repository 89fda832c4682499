// SPDX-License-Identifier: Apache-2.0
// What a deadline that is not needed asks of the system: nothing, while other workers sleep.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>

#include "wrapped_syscall.hpp"

namespace weft {

namespace test {

/// Calls that this thread has made.
thread_local std::uint64_t calls = 0;

long answer_to(const system_call& call) noexcept {
  ++calls;
  return call.pass_on();
}

}  // namespace test

namespace {

using namespace std::chrono_literals;

task<int> ready() { co_return 1; }

// The task does not suspend: it stays on its thread.
task<std::uint64_t> calls_for_what_is_ready() {
  const std::uint64_t before = test::calls;
  int sum = 0;
  for (int i = 0; i < 1000; ++i) sum += co_await timeout(1ms, timeout(1h, ready()));
  co_return sum == 1000 ? test::calls - before : 1;
}

TEST(timeout_fault, what_is_ready_costs_no_system_call) {
  scheduler pool{{.workers = 3}};
  EXPECT_EQ(sync_wait(pool, calls_for_what_is_ready()), 0U);
}

// A wait arms the deadline. The first tells the watcher; those after it are later, and are gone before they are due.
TEST(timeout_fault, one_wait_after_the_other_under_a_deadline_wakes_nobody) {
  scheduler pool{{.workers = 1}};
  const auto waits = []() -> task<std::uint64_t> {
    const auto joins = []() -> task<int> {
      auto handle = spawn(ready());
      co_return co_await std::move(handle);
    };
    int sum = co_await timeout(1h, joins());
    const std::uint64_t before = test::calls;
    for (int i = 0; i < 1000; ++i) sum += co_await timeout(1h, joins());
    co_return sum == 1001 ? test::calls - before : 1;
  };
  EXPECT_EQ(sync_wait(pool, waits()), 0U);
}

}  // namespace
}  // namespace weft
