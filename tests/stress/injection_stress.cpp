// SPDX-License-Identifier: Apache-2.0
// Many threads push to the injection queue, some take it whole, one closes it: what was accepted comes out exactly once, in
// the order of each pusher, and what was refused stays with its pusher.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <latch>
#include <memory>
#include <thread>
#include <vector>

#include "bitmap.hpp"
#include "scale.hpp"
#include "scheduler/injection.hpp"
#include "seed.hpp"
#include "watchdog.hpp"

namespace weft::sched {
namespace {

constexpr std::size_t pushers = 8;
constexpr std::size_t takers = 3;

/// Every pusher owns `each` frames, [pusher * each, ..).
struct run {
  explicit run(std::size_t frames_each) : each(frames_each), frames(new frame[pushers * each]), taken(pushers * each) {}

  // Oldest first within one list; `order` is the taker's own.
  void note(frame_list list) {
    std::vector<std::size_t> newest_first;
    while (!list.is_empty()) newest_first.push_back(static_cast<std::size_t>(list.pop() - frames.get()));
    std::vector<std::size_t> last(pushers, ~std::size_t{0});
    for (const std::size_t i : newest_first) {
      taken.mark(i);
      if (i >= last[i / each]) disordered.fetch_add(1);  // this list goes from new to old
      last[i / each] = i;
    }
  }

  std::size_t each;
  std::unique_ptr<frame[]> frames;
  test::bitmap taken;
  injection queue;
  std::atomic<std::uint64_t> disordered{0};
  std::atomic<std::size_t> pushing{pushers};
};

std::size_t push_until_refused(run& r, std::size_t pusher) {
  std::size_t accepted = 0;
  while (accepted < r.each && r.queue.push(&r.frames[pusher * r.each + accepted])) ++accepted;
  r.pushing.fetch_sub(1);
  return accepted;
}

void take_until_all_have_pushed(run& r) {
  for (;;) {
    const bool last_look = r.pushing.load() == 0;
    r.note(r.queue.take());
    if (last_look) return;
    std::this_thread::yield();
  }
}

// Returns how many frames of each pusher were accepted.
std::vector<std::size_t> push_and_take(run& r, bool close_early) {
  std::vector<std::size_t> accepted(pushers);
  std::vector<std::thread> threads;
  std::latch start(pushers + takers + 1);
  for (std::size_t p = 0; p < pushers; ++p)
    threads.emplace_back([&, p] {
      start.arrive_and_wait();
      accepted[p] = push_until_refused(r, p);
    });
  for (std::size_t t = 0; t < takers; ++t)
    threads.emplace_back([&] {
      start.arrive_and_wait();
      take_until_all_have_pushed(r);
    });
  start.arrive_and_wait();
  if (close_early) {
    test::random_source random(r.each);
    const std::size_t enough = random.below(pushers * r.each / 2);
    while (r.taken.count() < enough) std::this_thread::yield();
    r.note(r.queue.close());
  }
  for (std::thread& t : threads) t.join();
  return accepted;
}

TEST(injection_stress, everything_pushed_comes_out_once) {
  test::watchdog dog("injection_stress, open");
  for (int round = 0; round < 5; ++round) {
    run r(test::scaled(250'000, 1'000));
    const auto accepted = push_and_take(r, false);

    EXPECT_EQ(accepted, std::vector<std::size_t>(pushers, r.each));
    EXPECT_EQ(r.taken.lost(), 0U);
    EXPECT_EQ(r.taken.twice(), 0U);
    EXPECT_EQ(r.disordered, 0U);
    dog.beat();
  }
}

TEST(injection_stress, what_a_closed_queue_accepted_comes_out_and_nothing_else) {
  test::watchdog dog("injection_stress, closed");
  const std::uint64_t rounds = test::scaled(200, 20);
  for (std::uint64_t round = 0; round < rounds; ++round) {
    run r(2'000 + round);
    const auto accepted = push_and_take(r, true);

    std::size_t sum = 0;
    for (std::size_t p = 0; p < pushers; ++p) {
      sum += accepted[p];
      for (std::size_t i = 0; i < r.each; ++i) ASSERT_EQ(r.taken.has(p * r.each + i), i < accepted[p]) << "pusher " << p << " frame " << i;
    }
    EXPECT_EQ(r.taken.count(), sum);
    EXPECT_EQ(r.taken.twice(), 0U);
    EXPECT_EQ(r.disordered, 0U);
    frame late;
    EXPECT_FALSE(r.queue.push(&late));
    EXPECT_TRUE(r.queue.is_empty());
    dog.beat();
  }
}

}  // namespace
}  // namespace weft::sched
