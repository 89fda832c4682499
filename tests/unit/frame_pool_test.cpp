// SPDX-License-Identifier: Apache-2.0
// Frames as threads see them: reuse, exchange between caches, threads without a cache, large frames, limit, trim, numbers.
#include "weft/detail/frame_pool.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "open_cache.hpp"
#include "scheduler/frame_classes.hpp"
#include "weft/frames.hpp"

namespace weft {
namespace {

using detail::allocate_frame;
using detail::release_frame;
using test::open_cache;

/// The pool, whatever the environment says; and the limit as it was when the test ends.
class frame_pool : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(choose_frame_source(frame_source::pool)); }
  void TearDown() override { set_frame_limit(std::nullopt); }
};

std::vector<void*> allocate_many(std::size_t count, std::size_t bytes) {
  std::vector<void*> frames(count);
  std::generate(frames.begin(), frames.end(), [&] { return allocate_frame(bytes); });
  return frames;
}

void release_all(const std::vector<void*>& frames, std::size_t bytes) {
  for (void* frame : frames) release_frame(frame, bytes);
}

std::size_t memory_in_use() { return describe_frames().carved_bytes + describe_frames().large_bytes; }

frame_class_usage usage_of(std::size_t bytes) { return describe_frames().classes[sched::size_class_for(bytes) - 1]; }

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

TEST_F(frame_pool, a_big_frame_has_class_zero_and_a_mapping_of_its_own) {
  const frame_statistics before = describe_frames();
  void* frame = allocate_frame(3000000);
  EXPECT_EQ(detail::class_of(frame), 0u);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(frame) % detail::line_bytes, 0u);
  std::memset(frame, 1, 3000000);
  EXPECT_EQ(describe_frames().large_frames, before.large_frames + 1);
  EXPECT_GE(describe_frames().large_bytes, before.large_bytes + 3000000);

  release_frame(frame, 3000000);

  EXPECT_EQ(describe_frames().large_frames, before.large_frames);
  EXPECT_EQ(describe_frames().large_bytes, before.large_bytes);
}

TEST_F(frame_pool, trim_returns_the_big_frames_kept_for_reuse) {
  release_all(allocate_many(20, 50000), 50000);
  const std::size_t least_kept = detail::checked_frames ? 0 : 50000;  // checked builds keep none
  EXPECT_GE(describe_frames().large_bytes, least_kept);

  trim_frames();

  EXPECT_EQ(describe_frames().large_bytes, 0u);
}

TEST_F(frame_pool, an_impossible_size_throws) {
  EXPECT_THROW(allocate_frame(std::numeric_limits<std::size_t>::max()), std::bad_alloc);
  EXPECT_THROW(allocate_frame(std::numeric_limits<std::size_t>::max() - 64), std::bad_alloc);
  EXPECT_THROW(allocate_frame(std::numeric_limits<std::size_t>::max() / 2), std::bad_alloc);
}

TEST_F(frame_pool, over_the_limit_an_allocation_throws_and_changes_nothing) {
  trim_frames();
  open_cache cache;
  set_frame_limit(memory_in_use() + 2 * sched::slab_bytes);
  const std::size_t live = (cache.publish(), live_frames());
  std::vector<void*> frames;

  EXPECT_THROW(for (;;) frames.push_back(allocate_frame(256)), std::bad_alloc);

  const frame_statistics full = describe_frames();
  EXPECT_LE(memory_in_use(), full.limit_bytes);
  EXPECT_GE(frames.size() * 256, 2 * sched::slab_bytes - 1024);
  EXPECT_THROW(allocate_frame(100000), std::bad_alloc);
  EXPECT_THROW(allocate_frame(256), std::bad_alloc);
  EXPECT_EQ(describe_frames().carved_bytes, full.carved_bytes);
  EXPECT_EQ(describe_frames().mapped_bytes, full.mapped_bytes);
  release_all(frames, 256);
  EXPECT_EQ(allocate_frame(256), frames.back());
  release_frame(frames.back(), 256);
  cache.publish();
  EXPECT_EQ(live_frames(), live);
}

TEST_F(frame_pool, without_a_limit_the_same_allocation_succeeds) {
  set_frame_limit(0);
  EXPECT_EQ(describe_frames().limit_bytes, 0u);
  EXPECT_THROW(allocate_frame(100000), std::bad_alloc);

  set_frame_limit(std::nullopt);

  EXPECT_EQ(describe_frames().limit_bytes, std::nullopt);
  release_frame(allocate_frame(100000), 100000);
}

TEST_F(frame_pool, before_the_limit_refuses_free_memory_of_other_sizes_is_given_back) {
  trim_frames();
  release_all(allocate_many(1000, 448), 448);
  ASSERT_GT(usage_of(448).pooled_blocks, 0u);
  set_frame_limit(memory_in_use());

  const std::vector<void*> frames = allocate_many(100, 832);

  EXPECT_EQ(usage_of(448).carved_blocks, 0u);
  release_all(frames, 832);
}

TEST_F(frame_pool, trim_returns_slabs_that_are_wholly_free_and_only_those) {
  trim_frames();
  const std::vector<void*> frames = allocate_many(1000, 576);
  const std::size_t carved = describe_frames().carved_bytes;
  release_all({frames.begin() + 1, frames.end()}, 576);
  std::memset(frames[0], 0x5A, 576);

  const std::size_t returned = trim_frames();

  EXPECT_GE(returned, 1000 * 576 - 2 * sched::slab_bytes);
  EXPECT_EQ(describe_frames().carved_bytes, carved - returned);
  EXPECT_EQ(describe_frames().carved_bytes % sched::slab_bytes, 0u);
  EXPECT_EQ(usage_of(576).carved_blocks - usage_of(576).pooled_blocks, 1u);
  const auto* content = static_cast<const unsigned char*>(frames[0]);
  EXPECT_TRUE(std::all_of(content, content + 576, [](unsigned char byte) { return byte == 0x5A; }));
  release_frame(frames[0], 576);
  EXPECT_EQ(trim_frames(), sched::slab_bytes);
  EXPECT_EQ(usage_of(576).carved_blocks, 0u);
}

TEST_F(frame_pool, trimmed_slabs_are_used_again_for_their_class) {
  trim_frames();
  release_all(allocate_many(1000, 704), 704);
  const std::size_t mapped = describe_frames().mapped_bytes;
  ASSERT_GT(trim_frames(), 0u);

  for (int round = 0; round < 5; ++round) {
    const std::vector<void*> frames = allocate_many(1000, 704);
    EXPECT_EQ(std::set<void*>(frames.begin(), frames.end()).size(), frames.size());
    EXPECT_EQ(usage_of(704).carved_blocks - usage_of(704).pooled_blocks, 1000u);
    release_all(frames, 704);
    EXPECT_GT(trim_frames(), 0u);
  }

  EXPECT_EQ(describe_frames().mapped_bytes, mapped);
}

TEST_F(frame_pool, trim_leaves_alone_what_a_cache_keeps) {
  trim_frames();
  open_cache cache;
  release_all(allocate_many(10, 960), 960);

  EXPECT_EQ(trim_frames(), 0u);

  const std::vector<void*> frames = allocate_many(10, 960);
  EXPECT_EQ(std::set<void*>(frames.begin(), frames.end()).size(), frames.size());
  release_all(frames, 960);
}

TEST_F(frame_pool, statistics_add_up) {
  const std::vector<void*> frames = allocate_many(50, 896);
  const frame_statistics now = describe_frames();
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < now.classes.size(); ++i) {
    EXPECT_EQ(now.classes[i].block_bytes, sched::block_bytes[i + 1]);
    EXPECT_LE(now.classes[i].pooled_blocks, now.classes[i].carved_blocks);
    bytes += now.classes[i].block_bytes * now.classes[i].carved_blocks;
  }
  EXPECT_LE(bytes, now.carved_bytes);
  EXPECT_LE(now.carved_bytes + now.large_bytes, now.mapped_bytes);
  release_all(frames, 896);
}

}  // namespace
}  // namespace weft
