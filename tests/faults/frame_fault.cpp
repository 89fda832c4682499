// SPDX-License-Identifier: Apache-2.0
// The pool of frames without memory, seen through public calls: mappings fail, the limit is reached, deques cannot grow.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "balanced.hpp"
#include "failing_memory.hpp"
#include "fault_point.hpp"

namespace weft {
namespace {

using test::after_failure;
using test::counted;
using test::failing_memory;
using test::fault_point;

class frame_fault : public test::balanced {
 public:
  static void SetUpTestSuite() { ASSERT_TRUE(choose_frame_source(frame_source::pool)) << "this test chooses first"; }
};

task<int> number(int n) { co_return n; }
task<> counts(int& counter) {
  ++counter;
  co_return;
}

// --- a frame with a mapping of its own ---

task<int> big(int n) {
  std::array<char, 100'000> much{};
  asm volatile("" : : "r"(much.data()) : "memory");  // so that no optimiser leaves most of it out
  much[static_cast<std::size_t>(n)] = static_cast<char>(n);
  co_await yield();
  co_return much[static_cast<std::size_t>(n)];
}
task<int> two_big() {
  auto both = when_all(big(1), big(2));
  co_await both;
  co_return both.get<0>() + both.get<1>();
}

TEST_F(frame_fault, a_mapping_fails) {
  for (const after_failure then : {after_failure::works_again, after_failure::fails_on}) {
    fault_point point(then == after_failure::fails_on ? "mmap fails for good" : "mmap fails once");
    scheduler pool{{.workers = 2}};
    while (!point.is_covered()) {
      long failed = 1, n = 0;
      for (; failed != 0; ++n) {
        ASSERT_LT(n, 100);
        trim_frames();
        int sum = 0;
        const failing_memory memory(n, then);
        try {
          sum = sync_wait(pool, two_big());
        } catch (const std::bad_alloc&) {
          sum = -1;
        }
        failed = failing_memory::stop();
        ASSERT_EQ(sum, failed != 0 ? -1 : 3);
        if (failed != 0) point.hit();
      }
      ASSERT_GT(n, 1) << "a big frame needs a mapping";
    }
  }
  trim_frames();
  EXPECT_EQ(describe_frames().large_bytes, 0U);
}

// --- the limit ---

/// Takes every small block that the calling thread can still get, under a limit that allows no more.
class exhausted_frames {
 public:
  exhausted_frames() {
    const frame_statistics now = describe_frames();
    set_frame_limit(now.carved_bytes + now.large_bytes);
    for (std::size_t bytes = 64; bytes <= 1024; bytes += 64) take_all(bytes);
  }
  exhausted_frames(const exhausted_frames&) = delete;
  exhausted_frames& operator=(const exhausted_frames&) = delete;
  ~exhausted_frames() {
    set_frame_limit(std::nullopt);
    while (taken_ != nullptr) {
      block* const last = std::exchange(taken_, taken_->next);
      detail::release_frame(last, last->bytes);
    }
  }

 private:
  struct block {
    block* next;
    std::size_t bytes;
  };
  void take_all(std::size_t bytes) {
    try {
      for (;;) taken_ = ::new (detail::allocate_frame(bytes)) block{taken_, bytes};
    } catch (const std::bad_alloc&) {
    }
  }
  block* taken_ = nullptr;
};

/// Counts a refusal; everything else fails the test.
template <class Call>
void expect_refused(fault_point& point, Call call) {
  try {
    call();
    ADD_FAILURE() << "there was a frame";
  } catch (const std::bad_alloc&) {
    point.hit();
  }
}

struct refusals {
  fault_point call{"no frame for a coroutine on a worker"}, spawned{"no frame for spawn on a worker"};
  fault_point detached{"no frame for spawn_detached on a worker"};
  fault_point bounded{"no frame for a child of fork_join<N>"}, unbounded{"no frame for a child of fork_join"};
};

task<int> without_frames(refusals& points, int& ran) {
  task<int> kept = number(5);
  task<> also_kept = counts(ran);
  auto few = fork_join<3>(3, [](std::size_t i) { return number(static_cast<int>(i)); });
  auto many = fork_join(3, [](std::size_t i) { return number(static_cast<int>(i)); });
  {
    const exhausted_frames none;
    expect_refused(points.call, [] { static_cast<void>(number(1)); });
    expect_refused(points.spawned, [&] { static_cast<void>(spawn(std::move(kept))); });
    expect_refused(points.detached, [&] { spawn_detached(std::move(also_kept)); });
    int refused = 0;
    try {
      co_await few;
    } catch (const std::bad_alloc&) {
      refused |= 1;
    }
    if (refused == 1) points.bounded.hit();
    try {
      static_cast<void>(co_await many);
    } catch (const std::bad_alloc&) {
      refused |= 2;
    }
    if (refused == 3) points.unbounded.hit();
  }
  spawn_detached(std::move(also_kept));  // NOLINT: what was refused is still there
  co_return co_await std::move(kept);    // NOLINT
}

TEST_F(frame_fault, the_limit_is_reached_on_a_worker) {
  refusals points;
  scheduler pool{{.workers = 1}};
  int ran = 0;
  for (int i = 0; i < 100; ++i) ASSERT_EQ(sync_wait(pool, without_frames(points, ran)), 5);
  EXPECT_EQ(pool.stop().abandoned, 0U);
  EXPECT_EQ(ran, 100);
}

// --- deques ---

task<> forks_many(int& counter) {
  auto join = fork_join<400>(400, [&](std::size_t) { return counts(counter); });
  co_await join;
  for (int i = 0; i < 400; ++i) spawn_detached(counts(counter));
}

TEST_F(frame_fault, a_deque_cannot_grow) {
  fault_point point("a deque cannot grow");
  int counter = 0;
  {
    scheduler warm{{.workers = 1}};
    sync_wait(warm, forks_many(counter));  // its frames are there afterwards
  }
  while (!point.is_covered()) {
    counter = 0;
    scheduler pool{{.workers = 1}};
    {
      const failing_memory none(0, after_failure::fails_on);
      sync_wait(pool, forks_many(counter));
      point.hit(static_cast<std::uint64_t>(failing_memory::stop()));
    }
    EXPECT_EQ(pool.stop().abandoned, 0U);
    ASSERT_EQ(counter, 800);
  }
}

}  // namespace
}  // namespace weft
