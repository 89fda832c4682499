// SPDX-License-Identifier: Apache-2.0
// A forked child of a program with a scheduler can make one of its own.
#include <weft/detail/frame_pool.hpp>
#include <weft/frames.hpp>
#include <weft/weft.hpp>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "rejection.hpp"
#include "scheduler/places.hpp"
#include "small_tasks.hpp"

namespace weft {
namespace {

using test::number;
using test::rejection_of;
using test::sum_of;

// The status of a child: what it answered, or 100 and the signal that ended it.
int status_of(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
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
  ::_exit(status_of(child) == 7 ? 7 : 99);
}

TEST(fork_death, a_child_works_with_a_scheduler_and_tasks_of_its_own) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(fork_and_work(), testing::ExitedWithCode(7), "");
}

// --- moving to the parent's scheduler ---

task<> moves_to(scheduler& other) { co_await resume_on(other); }
task<> borrows(scheduler& other) { co_await on(other, number(1)); }

[[noreturn]] void fork_and_move() {
  scheduler pool{{.workers = 1}};
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string why = ": this process is a fork of the one that made the scheduler; make a new scheduler here";
    scheduler own{{.workers = 1}};
    if (rejection_of([&] { sync_wait(own, moves_to(pool)); }) != "weft: resume_on" + why) ::_exit(1);
    if (rejection_of([&] { sync_wait(own, borrows(pool)); }) != "weft: on" + why) ::_exit(2);
    ::_exit(sync_wait(own, sum_of(10)) == 45 ? 7 : 3);
  }
  ::_exit(status_of(child) == 7 ? 7 : 99);
}

TEST(fork_death, a_task_of_a_child_is_told_not_to_move_to_the_parents_scheduler) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(fork_and_move(), testing::ExitedWithCode(7), "");
}

// --- what a thread of the parent holds as it forks ---

/// Free frames all over many slabs, none of which can go because one frame of each is in use: trim is long about them.
class frames_to_trim {
 public:
  frames_to_trim() {
    std::vector<void*> all;
    for (int i = 0; i < 60'000; ++i) all.push_back(detail::allocate_frame(64));
    for (std::size_t i = 0; i < all.size(); ++i)
      if (i % 500 == 0)
        kept_.push_back(all[i]);
      else
        detail::release_frame(all[i], 64);
  }
  frames_to_trim(const frames_to_trim&) = delete;
  frames_to_trim& operator=(const frames_to_trim&) = delete;
  ~frames_to_trim() {
    for (void* frame : kept_) detail::release_frame(frame, 64);
  }

 private:
  std::vector<void*> kept_;
};

task<int> large(int n) {
  std::array<char, 3000> local{};
  local[static_cast<std::size_t>(n)] = 1;
  co_await yield();
  co_return local[static_cast<std::size_t>(n)] + n;
}

[[noreturn]] void fork_while_trimming() {
  const frames_to_trim frames;
  std::atomic<std::size_t> trims{0};
  std::atomic<bool> over{false};
  std::thread trimmer([&] {
    while (!over) {
      trim_frames();
      ++trims;
    }
  });
  while (trims == 0) std::this_thread::yield();

  int answer = 7;
  for (int i = 0; i < 20 && answer == 7; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::alarm(30);  // ends a child that hangs
      scheduler own{{.workers = 1}};
      ::_exit(sync_wait(own, large(6)) == 7 ? 7 : 1);  // its frame needs a fresh slab
    }
    answer = status_of(child);
  }
  over = true;
  trimmer.join();
  ::_exit(answer);
}

[[noreturn]] void fork_while_somebody_looks() {
  int stand_in = 0;
  const std::uint16_t place = sched::places::take(reinterpret_cast<detail::arena*>(&stand_in));
  std::atomic<bool> pinned{false}, over{false};
  std::thread looker([&] {
    const sched::pinned_place pin(place);
    pinned = true;
    while (!over) std::this_thread::yield();
  });
  while (!pinned) std::this_thread::yield();
  std::thread leaver([&] { sched::places::give_back(place); });  // waits for the looker
  while (sched::places::at(place) != nullptr) std::this_thread::yield();

  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(30);  // ends a child that hangs
    bool is_there = false;
    {
      scheduler own{{.workers = 1}};
      is_there = sched::places::at(place) != nullptr && sync_wait(own, number(3)) == 3;
    }
    ::_exit(is_there ? 7 : 1);
  }
  const int answer = status_of(child);
  over = true;
  looker.join();
  leaver.join();
  ::_exit(answer);
}

TEST(fork_death, a_child_does_not_wait_for_who_looked_at_a_place_in_its_parent) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(fork_while_somebody_looks(), testing::ExitedWithCode(7), "");
}

TEST(fork_death, a_child_of_a_program_that_is_trimming_works) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(fork_while_trimming(), testing::ExitedWithCode(7), "");
}

}  // namespace
}  // namespace weft
