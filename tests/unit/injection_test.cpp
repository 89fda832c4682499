// SPDX-License-Identifier: Apache-2.0
// The injection queue by itself: order, taking whole, closing, and many producers against many consumers.
#include "scheduler/injection.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <barrier>
#include <thread>
#include <vector>

namespace weft::sched {
namespace {

std::vector<frame*> all_of(frame_list list) {
  std::vector<frame*> found;
  while (!list.is_empty()) found.push_back(list.pop());
  return found;
}

TEST(injection, gives_what_was_pushed_newest_first) {
  injection queue;
  std::array<frame, 3> frames{};
  for (frame& f : frames) ASSERT_TRUE(queue.push(&f));

  EXPECT_EQ(all_of(queue.take()), (std::vector<frame*>{&frames[2], &frames[1], &frames[0]}));
}

TEST(injection, take_leaves_nothing_behind) {
  injection queue;
  std::array<frame, 2> frames{};
  EXPECT_TRUE(queue.is_empty());
  for (frame& f : frames) ASSERT_TRUE(queue.push(&f));
  EXPECT_FALSE(queue.is_empty());

  EXPECT_EQ(all_of(queue.take()).size(), 2U);

  EXPECT_TRUE(queue.is_empty());
  EXPECT_TRUE(queue.take().is_empty());
}

TEST(injection, a_frame_can_be_pushed_again_once_it_was_taken) {
  injection queue;
  frame f{};
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(queue.push(&f));
    EXPECT_EQ(all_of(queue.take()), std::vector<frame*>{&f});
  }
}

TEST(injection, close_hands_back_what_waits_and_refuses_what_comes) {
  injection queue;
  std::array<frame, 3> frames{};
  ASSERT_TRUE(queue.push(&frames[0]));
  ASSERT_TRUE(queue.push(&frames[1]));

  EXPECT_EQ(all_of(queue.close()), (std::vector<frame*>{&frames[1], &frames[0]}));

  EXPECT_FALSE(queue.push(&frames[2]));
  EXPECT_TRUE(queue.is_empty());
  EXPECT_TRUE(queue.take().is_empty());
}

TEST(injection, take_does_not_open_a_closed_queue) {
  injection queue;
  frame f{};
  EXPECT_TRUE(queue.close().is_empty());

  EXPECT_TRUE(queue.take().is_empty());

  EXPECT_FALSE(queue.push(&f));
  EXPECT_TRUE(queue.close().is_empty()) << "closing twice is nothing new";
}

struct numbered : frame {
  unsigned producer = 0;
  unsigned number = 0;
};

// Whether the frames of one producer come in the order it pushed them, in a list that is newest first.
bool keeps_order(const std::vector<frame*>& newest_first, std::array<unsigned, 4>& next) {
  bool kept = true;
  for (auto f = newest_first.rbegin(); f != newest_first.rend(); ++f) {
    const auto* n = static_cast<const numbered*>(*f);
    kept = kept && n->number >= next[n->producer];
    next[n->producer] = n->number + 1;
  }
  return kept;
}

TEST(injection, four_producers_and_two_consumers_lose_and_double_nothing) {
  constexpr unsigned producers = 4, each = 5000;
  injection queue;
  std::vector<numbered> frames(producers * each);
  std::vector<std::atomic<int>> taken(frames.size());
  std::atomic<unsigned> rest{producers * each};
  std::atomic<bool> ordered{true};
  std::barrier start(producers + 2);
  std::vector<std::jthread> threads;
  for (unsigned p = 0; p < producers; ++p)
    threads.emplace_back([&, p] {
      start.arrive_and_wait();
      for (unsigned i = 0; i < each; ++i) {
        numbered& f = frames[p * each + i];
        f.producer = p;
        f.number = i;
        if (!queue.push(&f)) std::abort();
      }
    });
  for (int c = 0; c < 2; ++c)
    threads.emplace_back([&] {
      start.arrive_and_wait();
      std::array<unsigned, 4> next{};
      while (rest > 0) {
        const std::vector<frame*> got = all_of(queue.take());
        if (!keeps_order(got, next)) ordered = false;
        for (frame* f : got) ++taken[static_cast<std::size_t>(static_cast<numbered*>(f) - frames.data())];
        rest -= static_cast<unsigned>(got.size());
        if (got.empty()) std::this_thread::yield();
      }
    });
  threads.clear();

  EXPECT_TRUE(ordered);
  for (const std::atomic<int>& times : taken) ASSERT_EQ(times, 1);
}

TEST(injection, of_pushes_that_race_with_close_each_is_either_refused_or_handed_back) {
  for (int round = 0; round < 200; ++round) {
    injection queue;
    std::array<frame, 4> frames{};
    std::atomic<std::size_t> accepted{0};
    std::barrier start(3);
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < 2; ++t)
      threads.emplace_back([&, t] {
        start.arrive_and_wait();
        for (std::size_t i = 0; i < 2; ++i)
          if (queue.push(&frames[2 * t + i])) ++accepted;
      });
    start.arrive_and_wait();
    const std::size_t handed_back = all_of(queue.close()).size();
    threads.clear();

    ASSERT_EQ(accepted, handed_back);
  }
}

}  // namespace
}  // namespace weft::sched
