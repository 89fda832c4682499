// SPDX-License-Identifier: Apache-2.0
// A stop in a forked child, of a scheduler whose task waits at another one: schedulers of the parent, which look for ever as they did
// at the fork, were taken for hosts where the task might run, and the stop never ended.
#include <weft/weft.hpp>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>

#include "gate.hpp"

namespace weft {
namespace {

task<> works_at(scheduler& host, std::atomic<int>& stage) {
  co_await resume_on(host);
  stage = 1;
  while (stage != 2) co_await yield();
}
task<> waits_at(scheduler& host, test::gate& never) {
  co_await resume_on(host);
  co_await never;
}

/// 7 if the stop ends and names the task.
int stop_in_child() {
  ::alarm(30);  // ends a child that hangs
  test::gate never;
  scheduler host{{.workers = 1}};
  scheduler home{{.workers = 1}};
  spawn_detached(home, waits_at(host, never));
  never.wait_for_arrivals(1);
  if (home.stop().abandoned != 1) return 1;
  return host.stop({.drain_for = std::chrono::nanoseconds(0)}).abandoned == 1 ? 7 : 2;
}

[[noreturn]] void fork_while_a_host_works() {
  std::atomic<int> stage{0};
  int status = 0;
  {
    scheduler host{{.workers = 1}};
    scheduler home{{.workers = 1}};
    spawn_detached(home, works_at(host, stage));
    while (stage == 0) ::usleep(100);
    const pid_t child = ::fork();
    if (child == 0) ::_exit(stop_in_child());
    ::waitpid(child, &status, 0);
    stage = 2;
  }
  ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status));
}

TEST(host_of_the_parent_death, a_child_does_not_wait_for_it) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(fork_while_a_host_works(), testing::ExitedWithCode(7), "");
}

}  // namespace
}  // namespace weft
