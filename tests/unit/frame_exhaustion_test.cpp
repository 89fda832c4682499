// SPDX-License-Identifier: Apache-2.0
// Calls that find no memory for a frame: std::bad_alloc, nothing taken, nothing left over, and the next call works.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <coroutine>
#include <cstddef>
#include <new>
#include <optional>
#include <utility>
#include <vector>

#include "balanced.hpp"
#include "small_tasks.hpp"

namespace weft {
namespace {

using test::number;

class frame_exhaustion_test : public test::balanced {};

/// Takes every block that this thread can still get for frames of up to `most_bytes` bytes.
class exhausted_frames {
 public:
  exhausted_frames() {
    taken_.reserve(200'000);
    const frame_statistics now = describe_frames();
    set_frame_limit(now.carved_bytes + now.large_bytes);
    for (std::size_t bytes = detail::line_bytes; bytes <= most_bytes; bytes += detail::line_bytes) take_all(bytes);
  }
  exhausted_frames(const exhausted_frames&) = delete;
  exhausted_frames& operator=(const exhausted_frames&) = delete;
  ~exhausted_frames() {
    for (const block& taken : taken_) detail::release_frame(taken.at, taken.bytes);
    set_frame_limit(std::nullopt);
  }

 private:
  static constexpr std::size_t most_bytes = 512;
  struct block {
    void* at;
    std::size_t bytes;
  };

  void take_all(std::size_t bytes) {
    try {
      for (;;) taken_.push_back({detail::allocate_frame(bytes), bytes});
    } catch (const std::bad_alloc&) {
    }
  }

  std::vector<block> taken_;
};

void expect_kept_without_frames(scheduler& pool, void (*call)(scheduler&, task<int>&)) {
  task<int> t = number(1);
  {
    const exhausted_frames none;
    EXPECT_THROW(call(pool, t), std::bad_alloc);
    EXPECT_FALSE(t.is_empty());  // NOLINT: that it is still there is the question
  }
  EXPECT_EQ(sync_wait(pool, std::move(t)), 1);
}

TEST_F(frame_exhaustion_test, every_way_to_start_from_outside_keeps_the_task) {
  scheduler pool{{.workers = 1}};

  expect_kept_without_frames(pool, [](scheduler& s, task<int>& t) { static_cast<void>(spawn(s, std::move(t))); });
  expect_kept_without_frames(pool, [](scheduler& s, task<int>& t) { sync_wait(s, std::move(t)); });
  expect_kept_without_frames(pool, [](scheduler& s, task<int>& t) { sync_wait_for(s, std::move(t), std::chrono::hours(1)); });
  expect_kept_without_frames(pool, [](scheduler& s, task<int>& t) { spawn_detached(s, std::move(t)); });
  expect_kept_without_frames(pool, [](scheduler& s, task<int>& t) { static_cast<void>(spawn_future(s, std::move(t))); });
  EXPECT_EQ(pool.stop().abandoned, 0U);
}

// The worker's own lists are used up too. Nothing suspends while they are.
task<> starts_on_a_worker(bool detached, int& kept) {
  task<int> t = number(1);
  {
    const exhausted_frames none;
    try {
      if (detached)
        spawn_detached(std::move(t));
      else
        static_cast<void>(spawn(std::move(t)));
      ADD_FAILURE() << "nothing was thrown";
    } catch (const std::bad_alloc&) {
    }
    EXPECT_FALSE(t.is_empty());  // NOLINT: that it is still there is the question
  }
  kept += co_await std::move(t);
}

TEST_F(frame_exhaustion_test, every_way_to_start_on_a_worker_keeps_the_task) {
  scheduler pool{{.workers = 1}};
  int kept = 0;

  sync_wait(pool, starts_on_a_worker(false, kept));
  sync_wait(pool, starts_on_a_worker(true, kept));

  EXPECT_EQ(kept, 2);
  EXPECT_EQ(pool.stop().abandoned, 0U);
}

TEST_F(frame_exhaustion_test, run_keeps_the_task_though_its_workers_are_up_and_ends_them) {
  std::atomic<int> started{0}, ended{0};
  const auto options = [&] {
    scheduler_options of{.workers = 3};
    of.on_worker_start = [&](int) { ++started; };
    of.on_worker_stop = [&](int) { ++ended; };
    return of;
  };
  task<int> t = number(1);
  {
    const exhausted_frames none;
    EXPECT_THROW(run(std::move(t), options()), std::bad_alloc);
    EXPECT_FALSE(t.is_empty());  // NOLINT: that it is still there is the question
    EXPECT_GE(started, 2) << "it failed before the root";
    EXPECT_EQ(ended, started);
  }
  EXPECT_EQ(run(std::move(t), options()), 1);
}

/// A coroutine that is nobody's but this object's, suspended until it is resumed.
class foreign {
 public:
  struct promise_type {
    bool* ran;
    promise_type(bool& has_run) noexcept : ran(&has_run) {}
    foreign get_return_object() noexcept { return foreign(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() noexcept { *ran = true; }
    void unhandled_exception() noexcept {}
  };
  explicit foreign(std::coroutine_handle<promise_type> handle) noexcept : handle(handle) {}
  foreign(const foreign&) = delete;
  foreign& operator=(const foreign&) = delete;
  ~foreign() { handle.destroy(); }

  std::coroutine_handle<promise_type> handle;
};
foreign notes_that_it_ran(bool&) { co_return; }

TEST_F(frame_exhaustion_test, a_foreign_coroutine_that_cannot_be_carried_is_left_as_it_was) {
  bool ran = false;
  const foreign waiting = notes_that_it_ran(ran);
  scheduler pool{{.workers = 1}};
  {
    const exhausted_frames none;
    EXPECT_THROW(pool.resume(waiting.handle), std::bad_alloc);
  }
  EXPECT_FALSE(ran);

  pool.resume(waiting.handle);
  EXPECT_EQ(pool.stop().abandoned, 0U);

  EXPECT_TRUE(ran);
}

TEST_F(frame_exhaustion_test, a_coroutine_throws_where_it_is_called) {
  const exhausted_frames none;
  EXPECT_THROW(static_cast<void>(number(1)), std::bad_alloc);
}

coroutine<int, std::optional<int>, int> counts_to(int n) {
  for (int i = 0; i < n; ++i) co_yield i;
  co_return n;
}

TEST_F(frame_exhaustion_test, a_coroutine_that_cannot_be_made_is_an_exception_at_the_call_or_at_the_await) {
  const auto awaits_one = []() -> coroutine<int, std::optional<int>, int> {
    bool refused = false;
    try {
      co_await counts_to(1);
    } catch (const std::bad_alloc&) {
      refused = true;
    }
    if (refused) co_yield -1;
    co_return co_await counts_to(1);
  };
  auto outer = awaits_one();
  {
    const exhausted_frames none;
    EXPECT_THROW(static_cast<void>(counts_to(1)), std::bad_alloc);
    EXPECT_EQ(outer.send().yielded(), -1);
  }
  EXPECT_EQ(outer.send().yielded(), 0);
  EXPECT_EQ(outer.send().returned(), 1);
}

generator<int> yields_to(int n) {
  for (int i = 0; i < n; ++i) co_yield i;
}

TEST_F(frame_exhaustion_test, a_generator_that_cannot_be_made_is_an_exception_at_the_call_and_leaves_its_caller_as_it_was) {
  const auto yields_from_one = []() -> generator<int> {
    bool refused = false;
    try {
      co_yield yield_from(yields_to(1));
    } catch (const std::bad_alloc&) {
      refused = true;
    }
    if (refused) co_yield -1;
    co_yield yield_from(yields_to(1));
  };
  auto outer = yields_from_one();
  {
    const exhausted_frames none;
    EXPECT_THROW(static_cast<void>(yields_to(1)), std::bad_alloc);
    EXPECT_EQ(outer.next().yielded(), -1);
  }
  EXPECT_EQ(outer.next().yielded(), 0);
  EXPECT_TRUE(outer.next().is_returned());
}

}  // namespace
}  // namespace weft
