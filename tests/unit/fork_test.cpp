// SPDX-License-Identifier: Apache-2.0
// A forked child of a program with a scheduler can make one of its own.
#include <weft/weft.hpp>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <utility>

namespace weft {
namespace {

task<int> number(int n) { co_return n; }
task<int> sum_of(int n) {
  int sum = 0;
  auto join = fork_join(static_cast<std::size_t>(n), [](std::size_t i) { return number(static_cast<int>(i)); });
  for (const int one : co_await join) sum += one;
  co_return sum;
}

// Answers with the status of the child.
[[noreturn]] void fork_and_work() {
  scheduler pool{{.workers = 2}};
  task<int> made_before = number(3);
  const pid_t child = ::fork();
  if (child == 0) {
    scheduler own{{.workers = 2}};
    const bool works = sync_wait(own, std::move(made_before)) == 3 && sync_wait(own, sum_of(10)) == 45;
    ::_exit(works ? 7 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 99);
}

TEST(fork_death, a_child_works_with_a_scheduler_and_tasks_of_its_own) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(fork_and_work(), testing::ExitedWithCode(7), "");
}

}  // namespace
}  // namespace weft
