// SPDX-License-Identifier: Apache-2.0
// The explorer itself: every defect that it looks for is planted once and found, and the failing schedule repeats.
#include "explorer/explore.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <set>
#include <stdexcept>
#include <utility>

#include "explorer/choices.hpp"
#include "weft/detail/sync.hpp"

namespace weft::explorer {
namespace {

using detail::atomic;
using std::memory_order;

/// What ordinary schedules find, without the first one.
std::string failure_of(const std::function<void()>& body, settings how = {}) {
  how.warms_up = false;
  return try_explore(body, how).failure;
}

TEST(explorer, finds_a_data_race) {
  const std::string failure = failure_of([] {
    int shared = 0;
    const thread other([&] { ++shared; });
    ++shared;
  });
  EXPECT_TRUE(failure.starts_with("data race")) << failure;
}

TEST(explorer, finds_a_plain_access_that_races_with_an_atomic_one) {
  const std::string failure = failure_of([] {
    atomic<atomic<int>*> place{nullptr};
    std::unique_ptr<atomic<int>> made;
    const thread other([&] {
      if (atomic<int>* const found = place.load(memory_order::relaxed)) found->store(1, memory_order::relaxed);
    });
    made = std::make_unique<atomic<int>>(0);
    place.store(made.get(), memory_order::relaxed);
  });
  EXPECT_TRUE(failure.starts_with("data race")) << failure;
}

TEST(explorer, finds_a_use_after_free) {
  const std::string failure = failure_of([] {
    atomic<int> freed{0};
    int* const block = new int(1);
    const thread other([&] {
      if (freed.load(memory_order::acquire) == 1) *block = 2;
    });
    delete block;
    freed.store(1, memory_order::release);
  });
  EXPECT_TRUE(failure.starts_with("use after free")) << failure;
  EXPECT_NE(failure.find("freed at"), std::string::npos) << failure;
}

TEST(explorer, finds_a_double_free) {
  const std::string failure = failure_of([] {
    atomic<int> gone{0};
    int* const block = new int(1);
    const auto free_it = [&] {
      if (gone.load(memory_order::acquire) == 0) {  // two steps where one is needed
        gone.store(1, memory_order::release);
        delete block;
      }
    };
    const thread other(free_it);
    free_it();
  });
  EXPECT_TRUE(failure.starts_with("double free") || failure.starts_with("data race")) << failure;
}

TEST(explorer, finds_a_leak) {
  const std::string failure = failure_of([] {
    atomic<int> taken{0};
    int* const block = new int(1);
    asm volatile("" : : "r"(block) : "memory");  // else the compiler does without it
    const thread other([&] { taken.store(1, memory_order::relaxed); });
    if (taken.load(memory_order::relaxed) == 0) delete block;
  });
  EXPECT_TRUE(failure.starts_with("leak: 4 bytes")) << failure;
}

TEST(explorer, finds_a_lost_wakeup) {
  const std::string failure = failure_of([] {
    atomic<std::uint32_t> word{0};
    const thread waker([&] {
      detail::futex_wake(&word);  // before the change: whoever goes to sleep in between sleeps for good
      word.store(1, memory_order::release);
    });
    while (word.load(memory_order::acquire) == 0) detail::futex_wait(word, 0);
  });
  EXPECT_TRUE(failure.starts_with("deadlock")) << failure;
}

TEST(explorer, finds_a_loop_without_an_end) {
  const std::string failure = failure_of(
      [] {
        atomic<int> word{0};
        while (word.load(memory_order::relaxed) == 0) pause();
      },
      {.longest = 500});
  EXPECT_TRUE(failure.starts_with("no end")) << failure;
}

TEST(explorer, finds_an_exception_that_leaves_a_thread) {
  EXPECT_TRUE(failure_of([] { throw std::runtime_error("planted"); }).starts_with("an exception left a thread: planted"));
}

TEST(explorer, finds_what_a_weak_exchange_without_a_loop_does) {
  const std::string failure = failure_of([] {
    atomic<int> word{0};
    int expected = 0;
    require(word.compare_exchange_weak(expected, 1, memory_order::relaxed, memory_order::relaxed), "it is 0");
  });
  EXPECT_TRUE(failure.starts_with("does not hold: it is 0")) << failure;
}

TEST(explorer, finds_a_futex_that_returns_early) {
  const std::string failure = failure_of([] {
    atomic<std::uint32_t> word{0};
    const auto start = detail::now();
    detail::futex_wait(word, 0, 1000);
    require(detail::now() != start, "nobody wakes it before its time");
  });
  EXPECT_TRUE(failure.starts_with("does not hold: nobody wakes it")) << failure;
}

TEST(explorer, finds_a_deadline_that_passes_while_others_can_run) {
  const std::string failure = failure_of([] {
    atomic<std::uint32_t> word{0};
    const thread waker([&] {
      word.store(1, memory_order::release);
      detail::futex_wake(&word);
    });
    const auto start = detail::now();
    while (word.load(memory_order::acquire) == 0) detail::futex_wait(word, 0, 1000);
    require(detail::now() == start, "the waker comes within the time");
  });
  EXPECT_TRUE(failure.starts_with("does not hold: the waker comes")) << failure;
}

// A schedule by priorities stays with a thread but for two steps, anywhere, at which that one comes to be the last.
TEST(explorer, priorities_change_at_two_steps) {
  constexpr std::uint32_t steps = 40;
  constexpr unsigned all[] = {0, 1, 2};
  std::set<std::size_t> counts;
  std::set<std::uint32_t> places;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    choices chosen;
    chosen.begin(strategy::priorities, seed, steps);
    for (const unsigned t : all) chosen.thread_starts(t);
    unsigned running = chosen.thread(all, 3, 3);
    std::size_t changes = 0;
    for (std::uint32_t step = 1; step < steps; ++step) {
      const unsigned next = chosen.thread(all, 3, running);
      if (next != running) ++changes, places.insert(step);
      running = next;
    }
    counts.insert(changes);
  }
  EXPECT_EQ(*std::max_element(counts.begin(), counts.end()), std::size_t{choices::change_points});
  EXPECT_EQ(places.size(), steps - 1) << "a change can come anywhere";
}

TEST(explorer, walks_through_all_schedules_within_its_bounds) {
  const auto body = [] {
    atomic<int> x{0};
    int before = 0;
    {
      const thread other([&] { x.fetch_add(1, memory_order::relaxed); });
      before = x.load(memory_order::relaxed);
      x.store(before + 1, memory_order::relaxed);
    }
    record(x.load(memory_order::relaxed) == 1 ? "lost" : "kept");
  };
  const outcome o = try_explore(body, {.share = 0, .exhaustive = 100'000});
  EXPECT_TRUE(o.walked_all);
  EXPECT_LT(o.schedules, 1000U);
  EXPECT_EQ(o.walked + 1, o.schedules) << "one is random";
  EXPECT_EQ(o.seen.size(), 2U);
}

TEST(explorer, says_that_a_walk_does_not_come_to_its_end) {
  const auto body = [] {
    atomic<int> x{0};
    const thread other([&] { x.fetch_add(1, memory_order::relaxed); });
    x.fetch_add(1, memory_order::relaxed);
  };
  EXPECT_EQ(failure_of(body, {.exhaustive = 3}), "the walk does not end within 3 schedules");
  EXPECT_EQ(failure_of(body, {.exhaustive = 3, .cut_short = true}), "");
  EXPECT_EQ(failure_of(body, {.exhaustive = 1000}), "");
}

TEST(explorer, repeats_a_failing_schedule_and_shows_it) {
  const auto body = [] {
    atomic<int> x{0};
    const thread other([&] { x.store(1, memory_order::relaxed); });
    require(x.load(memory_order::relaxed) == 0, "the other comes later");
  };
  const outcome first = try_explore(body);
  ASSERT_FALSE(first.replay.empty());
  EXPECT_NE(first.failure.find("explorer_model.cpp"), std::string::npos) << first.failure;
  EXPECT_EQ(first.failure.find("ended otherwise"), std::string::npos) << first.failure;

  ASSERT_EQ(::setenv("WEFT_REPLAY", first.replay.c_str(), 1), 0);
  const outcome again = try_explore(body);
  ::unsetenv("WEFT_REPLAY");
  EXPECT_EQ(again.schedules, 1U);
  EXPECT_TRUE(again.failure.starts_with("does not hold: the other comes later")) << again.failure;
}

TEST(explorer, finds_what_goes_wrong_only_in_its_first_schedule) {
  bool is_made = false;
  const auto body = [&] {
    atomic<int> x{0};
    const thread other([&] { x.store(1, memory_order::relaxed); });
    require(std::exchange(is_made, true) || x.load(memory_order::relaxed) == 2, "it was made before");
  };
  const outcome first = try_explore(body);
  EXPECT_TRUE(first.failure.starts_with("does not hold: it was made before")) << first.failure;
  EXPECT_NE(first.failure.find("explorer_model.cpp"), std::string::npos) << first.failure;
  EXPECT_EQ(first.schedules, 1U);
  EXPECT_EQ(try_explore(body).failure, "") << "what is made stays";

  is_made = false;  // as in a new process
  ASSERT_EQ(::setenv("WEFT_REPLAY", first.replay.c_str(), 1), 0);
  const outcome again = try_explore(body);
  ::unsetenv("WEFT_REPLAY");
  EXPECT_EQ(again.failure, first.failure);
}

// The first schedule has its memory from malloc, which knows of no order between threads.
TEST(explorer, takes_memory_that_is_used_again_in_its_first_schedule_for_new) {
  const outcome o = try_explore([] {
    const auto use = [] {
      int* const block = new int(1);
      asm volatile("" : : "r"(block) : "memory");  // else the compiler does without it
      delete block;
    };
    const thread other(use);
    use();
  });
  EXPECT_EQ(o.failure, "");
}

}  // namespace
}  // namespace weft::explorer
