// SPDX-License-Identifier: Apache-2.0
// Work that makes workers sleep and wake all the time: a lost wake-up ends it with a hang.
#pragma once

#include <weft/weft.hpp>

#include <atomic>
#include <cstddef>
#include <future>
#include <vector>

namespace weft::test {

struct bursts {
  std::atomic<long> ran{0};
  long wanted = 0;

  task<> one() {
    ran.fetch_add(1, std::memory_order_relaxed);
    co_return;
  }
  task<> hops(scheduler& other) {
    co_await resume_on(other);
    co_await yield();
    ran.fetch_add(1, std::memory_order_relaxed);
  }
  task<> forks() {
    auto join = fork_join<8>(8, [this](std::size_t) { return one(); });
    co_await join;
  }
};

/// Every way to wake a worker or a waiting thread, `rounds` times, one after the other so that all sleep in between.
/// Answers whether everything ran once.
inline bool park_and_wake(int rounds) {
  bursts all;
  {
    scheduler first{{.workers = 2}};
    scheduler second{{.workers = 1}};
    for (int i = 0; i < rounds; ++i) {
      sync_wait(first, all.one());
      sync_wait_for(first, all.hops(second), std::chrono::hours(1));
      spawn_future(second, all.forks()).get();
      spawn_detached(first, all.one());
      all.wanted += 11;
    }
    if (first.stop().abandoned != 0 || second.stop().abandoned != 0) return false;
  }
  run(all.one(), {.workers = 2});
  return all.ran == all.wanted + 1;
}

}  // namespace weft::test
