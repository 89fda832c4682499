// SPDX-License-Identifier: Apache-2.0
// The arithmetic of frames: size classes, what fits a slab, and the way from a block to its name and back.
#include <gtest/gtest.h>

#include <cstdint>
#include <set>

#include "open_cache.hpp"
#include "scheduler/frame_classes.hpp"
#include "scheduler/frame_regions.hpp"

namespace weft::sched {
namespace {

TEST(frame_classes, a_class_holds_its_size_and_the_class_below_does_not) {
  for (std::size_t bytes = 1; bytes <= largest_block; ++bytes) {
    const std::size_t k = size_class_for(bytes);
    ASSERT_GE(k, 1u);
    ASSERT_LT(k, class_count);
    ASSERT_LE(bytes, block_bytes[k]);
    ASSERT_GT(bytes, block_bytes[k - 1]);
  }
}

TEST(frame_classes, small_classes_are_lines_and_large_ones_waste_at_most_a_fifth) {
  for (std::size_t k = 1; k <= 16; ++k) EXPECT_EQ(block_bytes[k], k * detail::line_bytes);
  for (std::size_t k = 17; k < class_count; ++k) {
    EXPECT_EQ(block_bytes[k] % detail::line_bytes, 0u);
    EXPECT_LE(block_bytes[k], block_bytes[k - 1] * 4 / 3);
  }
  EXPECT_EQ(block_bytes[31], 16384u);
}

TEST(frame_classes, a_slab_holds_its_blocks_wherever_the_first_one_lies) {
  for (std::size_t k = 1; k < class_count; ++k) {
    std::set<std::size_t> offsets;
    for (std::uint32_t number = 1; number <= 100; ++number) {
      const std::size_t first = first_block_offset(k, number);
      offsets.insert(first);
      ASSERT_EQ(first % detail::line_bytes, 0u);
      ASSERT_LE(first + std::size_t{blocks_per_slab(k)} * block_bytes[k], slab_bytes);
    }
    const bool has_many_blocks = k > 1 && block_bytes[k] <= 2048;
    EXPECT_GE(offsets.size(), has_many_blocks ? 2u : 1u) << "class " << k << " always starts in the same cache set";
  }
}

TEST(frame_classes, lists_hold_about_the_same_bytes_in_every_class) {
  EXPECT_EQ(list_blocks(1), detail::list_limit);
  for (std::size_t k = 1; k < class_count; ++k) {
    EXPECT_GE(list_blocks(k), 2u);
    EXPECT_LE(list_blocks(k), blocks_per_slab(k));
    EXPECT_EQ(empty_depth(k) + list_blocks(k), detail::list_limit);
    EXPECT_GE(batch_blocks(k), 2u);
    EXPECT_LE(batch_blocks(k), list_blocks(k));
    EXPECT_LE(list_blocks(k) * block_bytes[k], block_bytes[k] <= 8192 ? 16384u : 32768u);
  }
}

TEST(frame_classes, a_block_says_its_class_in_its_address_and_has_a_name) {
  const test::open_cache cache;
  for (std::size_t k = 1; k < class_count; ++k) {
    void* block = detail::allocate_frame(block_bytes[k]);

    EXPECT_EQ(detail::class_of(block), k);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % detail::line_bytes, 0u);
    const block_name name = name_of(static_cast<free_block*>(block), k);
    EXPECT_NE(name, 0u);
    EXPECT_EQ(named_block(name, k), block);
    EXPECT_EQ(block_at(region_of(block), k, place_of(block, k)), block);

    detail::release_frame(block, block_bytes[k]);
  }
}

TEST(frame_classes, every_place_of_a_slab_has_a_link_of_its_own) {
  const test::open_cache cache;
  void* block = detail::allocate_frame(64);
  const std::uint32_t number = region_of(block).number;
  std::set<const void*> links;
  std::size_t places = 0;
  for (std::size_t k = 1; k < class_count; ++k) {
    for (std::uint32_t place = 0; place < blocks_per_slab(k); ++place, ++places) {
      links.insert(&link_of(number << place_bits | place, k));
    }
  }
  EXPECT_EQ(links.size(), places);
  EXPECT_LT(static_cast<const void*>(*links.rbegin()), static_cast<const void*>(slab_start(region_of(block), 1)));
  detail::release_frame(block, 64);
}

}  // namespace
}  // namespace weft::sched
