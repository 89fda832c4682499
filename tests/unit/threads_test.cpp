// SPDX-License-Identifier: Apache-2.0
// Threads of a scheduler: their names, and forks that are noticed.
#include "scheduler/threads.hpp"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <thread>

namespace weft::sched {
namespace {

std::string name_given(std::string_view prefix, unsigned index) {
  std::string given(16, '\0');
  std::thread([&] {
    name_this_thread(prefix, index);
    pthread_getname_np(pthread_self(), given.data(), given.size());
  }).join();
  return given.c_str();
}

TEST(threads, are_named_after_their_scheduler_and_numbered) {
  EXPECT_EQ(name_given("weft", 0), "weft-0");
  EXPECT_EQ(name_given("", 7), "-7");
  EXPECT_EQ(name_given("pool", 999), "pool-999");
}

TEST(threads, a_long_name_is_cut_off_and_keeps_its_number) {
  EXPECT_EQ(name_given("a-name-of-fifteen", 3), "a-name-of-fif-3");
  EXPECT_EQ(name_given("a-name-of-fifteen", 999), "a-name-of-f-999");
  EXPECT_EQ(name_given(std::string(100, 'x'), 4'294'967'295), "xxxx-4294967295");
}

TEST(threads, run_their_body_with_their_argument) {
  int written = 0;
  thread started(
      [](void* argument) -> void* {
        *static_cast<int*>(argument) = 5;
        return nullptr;
      },
      &written, "not needed");
  started.join();

  EXPECT_EQ(written, 5);
}

TEST(threads, a_fork_is_another_generation_in_the_child_and_none_in_the_parent) {
  const std::uint32_t before = process_generation();

  const pid_t child = ::fork();
  if (child == 0) ::_exit(process_generation() == before + 1 ? 7 : 1);
  int status = 0;
  ::waitpid(child, &status, 0);

  EXPECT_EQ(WEXITSTATUS(status), 7);
  EXPECT_EQ(process_generation(), before);
}

}  // namespace
}  // namespace weft::sched
