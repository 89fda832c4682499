// SPDX-License-Identifier: Apache-2.0
// A process whose seccomp filter denies membarrier, or one of its commands, with whatever error: workers sleep and wake as ever.
// The library asks once in a process, so every case is a child of its own.
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/membarrier.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstddef>
#include <string>

#include "early_futex.hpp"
#include "fault_point.hpp"
#include "park_and_wake.hpp"

namespace weft {
namespace {

/// From now on the kernel answers membarrier(command) with `error` in this process.
bool deny(std::uint32_t command, std::uint32_t error) {
  sock_filter program[] = {
      {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
      {BPF_JMP | BPF_JEQ | BPF_K, 0, 3, SYS_membarrier},
      {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, args)},
      {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, command},
      {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | error},
      {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
  };
  const sock_fprog filter{static_cast<unsigned short>(sizeof program / sizeof *program), program};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

enum answer : int { good = 7, not_denied = 1, lost = 2, not_refused = 3 };

/// Runs in a child. Workers look again after half a millisecond of sleep: `rounds` are repeated until one has, however soon they are
/// woken; the child's alarm is the limit.
int work_denied(std::uint32_t command, std::uint32_t error, int rounds) {
  if (!deny(command, error)) return not_denied;
  while (test::barriers_denied == 0)
    if (!test::park_and_wake(rounds)) return lost;
  return detail::barrier_all_threads() ? not_refused : good;
}

/// Waits for a child that runs `work`, which must be good.
template <class Work>
void expect_good_child(Work work) {
  const pid_t child = ::fork();  // of a process with one thread
  if (child == 0) {
    ::alarm(120);  // a lost wake-up shows as a hang
    ::_exit(work());
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
  ASSERT_EQ(WEXITSTATUS(status), good);
}

void deny_in_a_hundred_processes(std::uint32_t command, const std::string& name) {
  for (const int error : {ENOSYS, EPERM, EINVAL}) {
    test::fault_point point("membarrier " + name + " answers with error " + std::to_string(error));
    while (!point.is_covered()) {
      ASSERT_NO_FATAL_FAILURE(expect_good_child([&] { return work_denied(command, static_cast<std::uint32_t>(error), 2); }));
      point.hit();
    }
  }
}

TEST(membarrier_fault, the_query_is_denied) { deny_in_a_hundred_processes(MEMBARRIER_CMD_QUERY, "query"); }
TEST(membarrier_fault, the_registration_is_denied) {
  deny_in_a_hundred_processes(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, "registration");
}
TEST(membarrier_fault, the_barrier_is_denied) { deny_in_a_hundred_processes(MEMBARRIER_CMD_PRIVATE_EXPEDITED, "barrier"); }

TEST(membarrier_fault, a_long_run_without_it_loses_nothing) {
  for (const std::uint32_t command : {MEMBARRIER_CMD_QUERY, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, MEMBARRIER_CMD_PRIVATE_EXPEDITED})
    ASSERT_NO_FATAL_FAILURE(expect_good_child([&] { return work_denied(command, EPERM, 500); }));
}

TEST(membarrier_fault, where_nothing_is_denied_there_is_a_barrier) {
  expect_good_child([] { return test::park_and_wake(2) && detail::barrier_all_threads() ? good : lost; });
}

}  // namespace
}  // namespace weft
