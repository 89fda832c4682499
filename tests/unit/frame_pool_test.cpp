// SPDX-License-Identifier: Apache-2.0
// Frames as threads see them: reuse, exchange between caches, threads without a cache, what is counted.
#include "weft/detail/frame_pool.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <thread>
#include <vector>

#include "many_frames.hpp"
#include "open_cache.hpp"
#include "scheduler/frame_classes.hpp"
#include "weft/frames.hpp"

namespace weft {
namespace {

using detail::allocate_frame;
using detail::release_frame;
using test::allocate_many;
using test::open_cache;
using test::release_all;
using test::usage_of;

class frame_pool : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(choose_frame_source(frame_source::pool)); }
};

TEST_F(frame_pool, the_frame_released_last_is_allocated_first) {
  const open_cache cache;
  for (const std::size_t bytes : {1, 64, 65, 1024, 1025, 5000, 16384}) {
    void* first = allocate_frame(bytes);
    void* second = allocate_frame(bytes);
    release_frame(first, bytes);
    release_frame(second, bytes);

    EXPECT_EQ(allocate_frame(bytes), second);
    EXPECT_EQ(allocate_frame(bytes), first);

    release_frame(first, bytes);
    release_frame(second, bytes);
  }
}

TEST_F(frame_pool, frames_do_not_overlap_and_keep_what_is_written) {
  const open_cache cache;
  for (const std::size_t bytes : {64, 640, 3000, 16384, 20000}) {
    const std::vector<void*> frames = allocate_many(300, bytes);
    for (std::size_t i = 0; i < frames.size(); ++i) std::memset(frames[i], static_cast<int>(i % 251), bytes);

    for (std::size_t i = 0; i < frames.size(); ++i) {
      const auto* content = static_cast<const unsigned char*>(frames[i]);
      EXPECT_TRUE(std::all_of(content, content + bytes, [&](unsigned char byte) { return byte == i % 251; })) << bytes << " " << i;
    }
    EXPECT_EQ(std::set<void*>(frames.begin(), frames.end()).size(), frames.size());
    release_all(frames, bytes);
  }
}

TEST_F(frame_pool, a_frame_is_released_by_its_address_alone) {
  open_cache cache;
  for (const std::size_t bytes : {64, 2048, 100000}) {
    const std::size_t before = (cache.publish(), live_frames());
    void* frame = allocate_frame(bytes);

    release_frame(*detail::current_cache, frame);

    cache.publish();
    EXPECT_EQ(live_frames(), before);
  }
}

TEST_F(frame_pool, what_one_thread_releases_another_allocates) {
  constexpr std::size_t count = 5000;
  constexpr std::size_t bytes = 192;
  std::vector<void*> frames;
  std::thread([&] {
    const open_cache cache;
    frames = allocate_many(count, bytes);
  }).join();
  std::thread([&] {
    const open_cache cache;
    release_all(frames, bytes);
  }).join();
  const std::size_t carved = usage_of(bytes).carved_blocks;

  std::vector<void*> again;
  std::thread([&] {
    const open_cache cache;
    again = allocate_many(count, bytes);
    EXPECT_EQ(usage_of(bytes).carved_blocks, carved) << "new blocks although all were free";
    release_all(again, bytes);
  }).join();

  EXPECT_LE(usage_of(bytes).carved_blocks, count + 2 * sched::list_blocks(3));
}

TEST_F(frame_pool, a_cache_keeps_at_most_two_lists_of_a_class) {
  open_cache cache;
  for (const std::size_t bytes : {64, 640, 4096, 16384}) {
    const std::size_t before = cache.kept();
    const std::vector<void*> frames = allocate_many(3000, bytes);
    release_all(frames, bytes);

    EXPECT_LE(cache.kept(), before + 2 * sched::list_blocks(sched::size_class_for(bytes)));
  }
}

TEST_F(frame_pool, a_cache_counts_what_it_allocated_and_released) {
  open_cache cache;
  const std::vector<void*> small = allocate_many(1000, 64);
  const std::vector<void*> large = allocate_many(100, 2000);
  const std::vector<void*> huge = allocate_many(3, 70000);
  release_all(small, 64);
  release_all(huge, 70000);

  EXPECT_EQ(cache.allocated(), 1103u);
  EXPECT_EQ(cache.released(), 1003u);
  release_all(large, 2000);
  EXPECT_EQ(cache.released(), 1103u);
}

TEST_F(frame_pool, frames_released_elsewhere_are_counted_there) {
  std::vector<void*> frames;
  std::thread([&] {
    open_cache cache;
    frames = allocate_many(1000, 64);
    EXPECT_EQ(cache.released(), 0u);
  }).join();

  open_cache cache;
  release_all(frames, 64);

  EXPECT_EQ(cache.allocated(), 0u);
  EXPECT_EQ(cache.released(), 1000u);
}

TEST_F(frame_pool, a_thread_without_a_cache_allocates_and_releases) {
  for (const std::size_t bytes : {64, 1024, 5000, 30000}) {
    const std::size_t live = live_frames();
    const std::vector<void*> frames = allocate_many(100, bytes);

    EXPECT_EQ(live_frames(), live + 100);
    EXPECT_EQ(std::set<void*>(frames.begin(), frames.end()).size(), frames.size());
    release_all(frames, bytes);
    EXPECT_EQ(live_frames(), live);
  }
}

TEST_F(frame_pool, a_thread_without_a_cache_does_not_drift) {
  release_frame(allocate_frame(128), 128);
  const frame_class_usage before = usage_of(128);

  for (int i = 0; i < 100000; ++i) release_frame(allocate_frame(128), 128);

  EXPECT_EQ(usage_of(128).carved_blocks, before.carved_blocks);
  EXPECT_EQ(usage_of(128).pooled_blocks, before.pooled_blocks);
}

TEST_F(frame_pool, a_foreign_thread_never_writes_its_lists) {
  const detail::frame_cache& foreign = *detail::current_cache;
  release_frame(allocate_frame(64), 64);
  release_frame(allocate_frame(40000), 40000);

  for (const detail::free_block* list : foreign.lists) EXPECT_EQ(list, &detail::foreign_block);
  for (const detail::free_block* spare : foreign.spares) EXPECT_EQ(spare, nullptr);
  EXPECT_EQ(detail::foreign_block.next, nullptr);
  EXPECT_EQ(detail::foreign_block.depth, detail::list_limit);
}

TEST_F(frame_pool, a_cache_is_foreign_before_it_is_opened_and_after_it_is_closed) {
  detail::frame_cache cache;
  const auto expect_foreign = [&] {
    for (const detail::free_block* list : cache.lists) EXPECT_EQ(list, &detail::foreign_block);
  };
  expect_foreign();
  detail::frame_cache_open(cache);
  EXPECT_EQ(cache.lists[0], &detail::foreign_block);
  EXPECT_NE(cache.lists[1], &detail::foreign_block);
  detail::frame_cache_close(cache);
  expect_foreign();
}

TEST_F(frame_pool, a_closed_cache_leaves_nothing_behind) {
  const std::size_t live = live_frames();
  std::thread([] {
    const open_cache cache;
    for (const std::size_t bytes : {64, 512, 4096}) release_all(allocate_many(1000, bytes), bytes);
  }).join();
  EXPECT_EQ(live_frames(), live);

  trim_frames();

  EXPECT_EQ(usage_of(512).pooled_blocks, 0u);
  EXPECT_EQ(usage_of(512).carved_blocks, 0u);
}

TEST_F(frame_pool, live_frames_are_exact_once_published) {
  open_cache cache;
  cache.publish();
  const std::size_t before = live_frames();
  const std::vector<void*> frames = allocate_many(1234, 320);
  void* big = allocate_frame(100000);
  cache.publish();
  EXPECT_EQ(live_frames(), before + 1235);

  release_all(frames, 320);
  release_frame(big, 100000);
  cache.publish();
  EXPECT_EQ(live_frames(), before);
}

}  // namespace
}  // namespace weft
