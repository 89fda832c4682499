// SPDX-License-Identifier: Apache-2.0
// A worker is stopped in its tracks, wherever it happens to be, while the others work: they go on, and nothing is lost.
// SIGSTOP stops whole processes; a signal handler that does not return until it is told to stops one thread just as well.
#include <weft/weft.hpp>

#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <future>
#include <vector>

#include "balanced.hpp"
#include "fault_point.hpp"
#include "seed.hpp"
#include "watchdog.hpp"

namespace weft {
namespace {

constexpr int workers = 3;
constexpr int loops = 12;

std::atomic<bool> go{true};
std::atomic<int> stalled{0};

void stall(int) {
  const int saved = errno;
  ++stalled;
  while (!go) ::sched_yield();
  --stalled;
  errno = saved;
}

thread_local int worker_number = -1;
[[gnu::noinline]] int own_number() { return worker_number; }

class stall_fault : public test::balanced {
 protected:
  void SetUp() override {
    struct sigaction action{};
    action.sa_handler = stall;
    ASSERT_EQ(::sigaction(SIGUSR1, &action, nullptr), 0);
  }
};

/// Tasks that fork and join until they are told to end.
struct mill {
  std::array<std::atomic<long>, workers> leaves{};  // by worker
  std::atomic<long> rounds{0};                      // joins that were begun
  std::atomic<bool> over{false};
  std::array<pthread_t, workers> threads{};
  std::atomic<int> up{0};

  scheduler_options options() {
    scheduler_options all{.workers = workers};
    all.on_worker_start = [this](int w) {
      worker_number = w;
      threads[static_cast<std::size_t>(w)] = ::pthread_self();
      ++up;
      up.notify_all();
    };
    return all;
  }
  task<> leaf() {
    leaves[static_cast<std::size_t>(own_number())].fetch_add(1, std::memory_order_relaxed);
    co_return;
  }
  task<> turns() {
    for (int i = 0; !over; ++i) {
      rounds.fetch_add(1, std::memory_order_relaxed);
      auto join = fork_join<4>(4, [this](std::size_t) { return leaf(); });
      co_await join;
      if (i % 8 == 0) co_await yield();
    }
  }
  [[nodiscard]] long done_by_others(std::size_t than) const {
    long sum = 0;
    for (std::size_t w = 0; w < workers; ++w)
      if (w != than) sum += leaves[w];
    return sum;
  }
};

/// Stops worker `w` until the others have done something; false: they did not for a long while, for what wakes them lay with `w`.
bool stall_one(mill& m, std::size_t w) {
  go = false;
  ::pthread_kill(m.threads[w], SIGUSR1);
  while (stalled == 0) ::sched_yield();
  const long before = m.done_by_others(w);
  bool progress = false;
  for (int i = 0; i < 100'000 && !progress; ++i) {
    ::sched_yield();
    progress = m.done_by_others(w) >= before + 100;
  }
  return progress;
}

void let_go() {
  go = true;
  while (stalled != 0) ::sched_yield();
}

TEST_F(stall_fault, the_others_go_on_and_nothing_is_lost) {
  test::fault_point point("a worker is stopped, and the others go on");
  test::watchdog dog("stalled worker");
  test::random_source random(0);
  mill m;
  scheduler pool(m.options());
  for (int up = m.up; up != workers; up = m.up) m.up.wait(up);
  for (int i = 0; i < loops; ++i) spawn_detached(pool, m.turns());

  for (int tries = 0; !point.is_covered() && tries < 1000; ++tries) {
    const bool progress = stall_one(m, random.below(workers));
    std::future<void> beside = spawn_future(pool, m.leaf());
    let_go();
    beside.get();
    m.rounds.fetch_add(1);
    m.leaves[0].fetch_add(3);  // so that every round counts for four leaves
    if (progress) point.hit();
    dog.beat();
  }

  m.over = true;
  EXPECT_EQ(pool.stop().abandoned, 0U);
  long leaves = 0;
  for (const auto& w : m.leaves) leaves += w;
  EXPECT_EQ(leaves, 4 * m.rounds);
}

TEST_F(stall_fault, a_worker_that_is_stopped_asleep_or_about_to_loses_no_wake_up) {
  test::fault_point point("a worker is stopped around its sleep");
  test::watchdog dog("stalled sleeper");
  test::random_source random(1);
  mill m;
  scheduler pool(m.options());
  for (int up = m.up; up != workers; up = m.up) m.up.wait(up);

  while (!point.is_covered()) {
    go = false;
    ::pthread_kill(m.threads[random.below(workers)], SIGUSR1);
    while (stalled == 0) ::sched_yield();
    std::vector<std::future<void>> all;
    for (int i = 0; i < 8; ++i) all.push_back(spawn_future(pool, m.leaf()));
    let_go();
    for (std::future<void>& one : all) one.get();
    point.hit();
    dog.beat();
  }
  EXPECT_EQ(pool.stop().abandoned, 0U);
}

}  // namespace
}  // namespace weft
