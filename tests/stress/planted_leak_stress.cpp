// SPDX-License-Identifier: Apache-2.0
// LeakSanitizer looks when a program with a scheduler ends: memory that a task has lost is reported, and without it nothing is.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <utility>

namespace weft {
namespace {

// Volatile: the compiler must not leave out memory that nobody uses.
int* volatile last = nullptr;

task<> lose_memory(int blocks) {
  for (int i = 0; i < blocks; ++i) {
    last = new int(i);
    co_await yield();
  }
  last = nullptr;
}

task<> keep_nothing() {
  last = new int(1);
  co_await yield();
  delete last;
  last = nullptr;
}

// Ends the process as every program ends, which is when leaks are looked for.
[[noreturn]] void run_and_exit(task<> t) {
  {
    scheduler pool{{.workers = 2}};
    sync_wait(pool, std::move(t));
  }
  std::exit(0);
}

TEST(planted_leak, is_found) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(run_and_exit(lose_memory(100)), "LeakSanitizer: detected memory leaks");
}

TEST(planted_leak, is_not_seen_where_nothing_is_lost) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(run_and_exit(keep_nothing()), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace weft
