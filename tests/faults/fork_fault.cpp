// SPDX-License-Identifier: Apache-2.0
// A program forks while its workers are busy and its frames are being trimmed: the child is told that the scheduler is not its own,
// and works with one that it makes.
#include <weft/frames.hpp>
#include <weft/weft.hpp>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <coroutine>
#include <cstddef>
#include <string_view>
#include <thread>
#include <utility>

#include "fault_point.hpp"
#include "small_tasks.hpp"

namespace weft {
namespace {

using test::number;
using test::sum_of;

task<> mills(std::atomic<bool>& over) {
  while (!over) static_cast<void>(co_await sum_of(20));
}

/// Whether `call` is refused for being made in a fork.
template <class Call>
bool is_refused(Call call) {
  try {
    call();
  } catch (const usage_error& e) {
    return std::string_view(e.what()).find("this process is a fork of the one that made the scheduler") != std::string_view::npos;
  }
  return false;
}

/// In the child: 7 if all is as it should be, else where it is not.
int use_in_child(scheduler& parents, task<int>& t) {
  if (!is_refused([&] { sync_wait(parents, std::move(t)); })) return 1;
  if (!is_refused([&] { sync_wait_for(parents, std::move(t), std::chrono::hours(1)); })) return 2;
  if (!is_refused([&] { static_cast<void>(spawn(parents, std::move(t))); })) return 3;
  if (!is_refused([&] { spawn_detached(parents, std::move(t)); })) return 4;
  if (!is_refused([&] { static_cast<void>(spawn_future(parents, std::move(t))); })) return 5;
  if (!is_refused([&] { parents.stop(); })) return 6;
  if (t.is_empty()) return 8;
  parents.~scheduler();  // leaves everything as it was
  scheduler own{{.workers = 2}};
  if (sync_wait(own, std::move(t)) != 3) return 9;
  return sync_wait(own, sum_of(30)) == 435 ? 7 : 10;
}

TEST(fork_fault, a_child_of_a_busy_program_works) {
  test::fault_point point("fork while workers work and frames are trimmed");
  std::atomic<bool> over{false};
  scheduler pool{{.workers = 2}};
  for (int i = 0; i < 4; ++i) spawn_detached(pool, mills(over));
  std::thread trimmer([&] {
    while (!over) trim_frames();
  });
  while (!point.is_covered() && !HasFailure()) {
    task<int> t = number(3);
    const pid_t child = ::fork();
    if (child == 0) {
      ::alarm(60);  // a child that waits for a thread it does not have hangs
      ::_exit(use_in_child(pool, t));
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status)) << "the child was ended by signal " << WTERMSIG(status);
    EXPECT_EQ(WEXITSTATUS(status), 7);
    point.hit();
  }
  over = true;
  trimmer.join();
  EXPECT_EQ(sync_wait(pool, sum_of(10)), 45) << "the parent goes on";
  EXPECT_EQ(pool.stop().abandoned, 0U);
}

}  // namespace
}  // namespace weft
