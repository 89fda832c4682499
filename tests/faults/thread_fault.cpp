// SPDX-License-Identifier: Apache-2.0
// Threads that cannot be started: whichever it is, the others are joined, the error names it, and the next scheduler works.
#include <weft/weft.hpp>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <system_error>
#include <utility>

#include "balanced.hpp"
#include "failing_threads.hpp"
#include "fault_point.hpp"

namespace weft {
namespace {

using test::fault_point;
using test::threads_left;
using test::unjoined;

class thread_fault : public test::balanced {
 protected:
  void TearDown() override {
    threads_left = -1;
    test::balanced::TearDown();
  }
};

constexpr int workers = 8;
task<int> number(int n) { co_return n; }

TEST_F(thread_fault, each_of_eight_workers_a_hundred_times) {
  for (int k = 1; k <= workers; ++k) {
    fault_point point("worker " + std::to_string(k) + " of 8 does not start");
    while (!point.is_covered()) {
      threads_left = k - 1;
      try {
        const scheduler pool{{.workers = workers}};
        FAIL() << "worker " << k << " could be started";
      } catch (const std::system_error& e) {
        const std::string text = "weft: scheduler: could not start worker " + std::to_string(k) + " of 8";
        ASSERT_EQ(std::string(e.what()).substr(0, text.size()), text);
      }
      ASSERT_EQ(unjoined, 0);
      point.hit();
    }
    threads_left = -1;
    scheduler pool{{.workers = workers}};
    EXPECT_EQ(sync_wait(pool, number(k)), k) << "with threads it works";
  }
}

TEST_F(thread_fault, each_thread_of_run_a_hundred_times) {
  for (int k = 0; k < workers; ++k) {  // seven workers beside the calling thread, and the thread that ends the scheduler
    fault_point point("thread " + std::to_string(k + 1) + " of run does not start");
    task<int> t = number(k);
    while (!point.is_covered()) {
      threads_left = k;
      ASSERT_THROW(run(std::move(t), {.workers = workers}), std::system_error);
      ASSERT_FALSE(t.is_empty());  // NOLINT: that it is still there is the question
      ASSERT_EQ(unjoined, 0);
      point.hit();
    }
    threads_left = -1;
    EXPECT_EQ(run(std::move(t), {.workers = 2}), k);
  }
}

// In a child without the rights that lift the limit: answers how many schedulers the system refused a thread, up to 100.
int refused_by_the_system() {
  constexpr uid_t nobody = 65534;
  if (::getuid() == 0 && ::setuid(nobody) != 0) return -1;
  const rlimit one{1, 1};
  if (::setrlimit(RLIMIT_NPROC, &one) != 0) return -2;
  int refused = 0;
  for (int i = 0; i < 100; ++i) {
    try {
      const scheduler pool{{.workers = workers}};
    } catch (const std::system_error& e) {
      if (e.code() == std::errc::resource_unavailable_try_again && unjoined == 0) ++refused;
    }
  }
  return refused;
}

TEST_F(thread_fault, the_system_allows_no_more_threads) {
  fault_point point("RLIMIT_NPROC");
  const pid_t child = ::fork();  // of a process with one thread
  if (child == 0) ::_exit(refused_by_the_system() & 0xff);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  ASSERT_EQ(WEXITSTATUS(status), 100);
  point.hit(100);
}

}  // namespace
}  // namespace weft
