// SPDX-License-Identifier: Apache-2.0
// A scheduler that is destroyed as soon as a task from elsewhere has ended there: the thread that sent the task was still about to
// wake one of its workers, in memory that was gone.
#include <weft/frames.hpp>
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "gate.hpp"

namespace weft {
namespace {

constexpr int rounds = 300;

task<> moves_to(scheduler& target) { co_await resume_on(target); }

TEST(destroyed_after_visit, by_a_task_that_moved_there) {
  scheduler home{{.workers = 2}};
  for (int i = 0; i < rounds; ++i) {
    scheduler visited{{.workers = 2}};
    sync_wait(home, moves_to(visited));
  }
  EXPECT_EQ(home.metrics().total().injected, static_cast<std::uint64_t>(rounds));
}

task<> waits(test::gate& gate) { co_await gate; }

TEST(destroyed_after_visit, by_a_thread_that_resumed_a_waiting_task) {
  for (int i = 0; i < rounds; ++i) {
    test::gate gate;
    std::jthread opener;
    scheduler visited{{.workers = 2}};
    std::future<void> ended = spawn_future(visited, waits(gate));
    gate.wait_for_arrivals(1);
    opener = std::jthread([&gate] { gate.open(); });
    ended.get();
  }
  EXPECT_EQ(live_frames(), 0U);
}

}  // namespace
}  // namespace weft
