// SPDX-License-Identifier: Apache-2.0
// A program forks while one of its workers registers for the barrier of all threads, which takes long and is done once a process: the
// child registers itself.
#include <weft/weft.hpp>

#include <gtest/gtest.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>

#include "fault_point.hpp"
#include "wrapped_syscall.hpp"

namespace weft {
namespace {

constinit std::atomic<bool> held{false};      // registrations wait in the kernel's door
constinit std::atomic<int> registering{0};    // how many have come to it, in this process and those it comes from

task<int> seven() {
  co_await yield();
  co_return 7;
}

/// In a process of one thread: forks as its worker registers. Answers with what its child does.
int fork_at_registration() {
  ::alarm(60);
  held = true;
  scheduler pool{{.workers = 1}};
  while (registering == 0) ::usleep(100);
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(30);  // a child that waits for a thread it does not have hangs
    held = false;
    scheduler own{{.workers = 2}};
    while (registering == 1) ::usleep(100);  // until a worker of its own lies down for long
    ::_exit(sync_wait(own, seven()));
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  held = false;
  const bool goes_on = sync_wait(pool, seven()) == 7;
  if (!WIFEXITED(status)) return 100 + WTERMSIG(status);
  return goes_on ? WEXITSTATUS(status) : 1;
}

TEST(registration_fault, a_child_forked_meanwhile_registers_itself) {
  test::fault_point point("fork while a worker registers for the barrier");
  while (!point.is_covered() && !HasFailure()) {
    const pid_t process = ::fork();
    if (process == 0) ::_exit(fork_at_registration());
    int status = 0;
    EXPECT_EQ(::waitpid(process, &status, 0), process);
    EXPECT_TRUE(WIFEXITED(status)) << "ended by signal " << WTERMSIG(status);
    EXPECT_EQ(WEXITSTATUS(status), 7) << "over 100: the signal that ended the child, and 14 is that of the alarm";
    point.hit();
  }
}

}  // namespace

long test::answer_to(const system_call& call) noexcept {
  if (call.number == SYS_membarrier && call.arguments[0] == MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) {
    ++registering;
    while (held) ::usleep(100);
  }
  return call.pass_on();
}

}  // namespace weft
