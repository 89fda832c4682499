// SPDX-License-Identifier: Apache-2.0
// The memory of frames as the program sees it: large frames, limit, trim and numbers.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <new>
#include <optional>
#include <set>
#include <vector>

#include "many_frames.hpp"
#include "open_cache.hpp"
#include "weft/frames.hpp"

namespace weft {
namespace {

using detail::allocate_frame;
using detail::release_frame;
using test::allocate_many;
using test::open_cache;
using test::release_all;
using test::usage_of;

class frame_memory : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(choose_frame_source(frame_source::pool)); }
  void TearDown() override { set_frame_limit(std::nullopt); }
};

std::size_t memory_in_use() { return describe_frames().carved_bytes + describe_frames().large_bytes; }

TEST_F(frame_memory, a_big_frame_has_class_zero_and_a_mapping_of_its_own) {
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

TEST_F(frame_memory, trim_returns_the_big_frames_kept_for_reuse) {
  release_all(allocate_many(20, 50000), 50000);
  const std::size_t least_kept = detail::checked_frames ? 0 : 50000;  // checked builds keep none
  EXPECT_GE(describe_frames().large_bytes, least_kept);

  trim_frames();

  EXPECT_EQ(describe_frames().large_bytes, 0u);
}

TEST_F(frame_memory, an_impossible_size_throws) {
  EXPECT_THROW(allocate_frame(std::numeric_limits<std::size_t>::max()), std::bad_alloc);
  EXPECT_THROW(allocate_frame(std::numeric_limits<std::size_t>::max() - 64), std::bad_alloc);
  EXPECT_THROW(allocate_frame(std::numeric_limits<std::size_t>::max() / 2), std::bad_alloc);
}

TEST_F(frame_memory, over_the_limit_an_allocation_throws_and_changes_nothing) {
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

TEST_F(frame_memory, without_a_limit_the_same_allocation_succeeds) {
  set_frame_limit(0);
  EXPECT_EQ(describe_frames().limit_bytes, 0u);
  EXPECT_THROW(allocate_frame(100000), std::bad_alloc);

  set_frame_limit(std::nullopt);

  EXPECT_EQ(describe_frames().limit_bytes, std::nullopt);
  release_frame(allocate_frame(100000), 100000);
}

TEST_F(frame_memory, before_the_limit_refuses_free_memory_of_other_sizes_is_given_back) {
  trim_frames();
  release_all(allocate_many(1000, 448), 448);
  ASSERT_GT(usage_of(448).pooled_blocks, 0u);
  set_frame_limit(memory_in_use());

  const std::vector<void*> frames = allocate_many(100, 832);

  EXPECT_EQ(usage_of(448).carved_blocks, 0u);
  release_all(frames, 832);
}

TEST_F(frame_memory, trim_returns_slabs_that_are_wholly_free_and_only_those) {
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

TEST_F(frame_memory, trimmed_slabs_are_used_again_for_their_class) {
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

TEST_F(frame_memory, trim_leaves_alone_what_a_cache_keeps) {
  trim_frames();
  open_cache cache;
  release_all(allocate_many(10, 960), 960);

  EXPECT_EQ(trim_frames(), 0u);

  const std::vector<void*> frames = allocate_many(10, 960);
  EXPECT_EQ(std::set<void*>(frames.begin(), frames.end()).size(), frames.size());
  release_all(frames, 960);
}

TEST_F(frame_memory, statistics_add_up) {
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
