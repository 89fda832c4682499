// SPDX-License-Identifier: Apache-2.0
// What must not throw, seen to end the process a hundred times.
#pragma once

#include <gtest/gtest.h>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include "fault_point.hpp"

namespace weft::test {

/// Whether a child that calls `work` ends by std::terminate.
template <class Work>
bool ends_the_process(Work work) {
  const pid_t child_process = ::fork();  // of a process with one thread
  if (child_process == 0) {
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    ::alarm(60);
    ::close(STDERR_FILENO);
    work();
    ::_exit(0);
  }
  int status = 0;
  return ::waitpid(child_process, &status, 0) == child_process && WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

template <class Work>
void expect_end(const std::string& name, Work work) {
  fault_point point(name);
  for (; !point.is_covered(); point.hit()) ASSERT_TRUE(ends_the_process(work)) << name;
}

}  // namespace weft::test
