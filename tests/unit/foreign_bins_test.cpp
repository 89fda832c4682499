// SPDX-License-Identifier: Apache-2.0
// The lists that threads without a cache share: one a bin, merged until full, handed on when two threads collide.
#include "scheduler/foreign_bins.hpp"

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

#include "scheduler/frame_exchange.hpp"

namespace weft::sched {
namespace {

constexpr std::size_t size_class = 16;  // of 1024 bytes: lists are short

std::vector<void*> take_many(std::size_t count) {
  std::vector<void*> blocks;
  for (std::size_t i = 0; i < count; ++i) blocks.push_back(take_foreign(size_class));
  return blocks;
}

void give_all(const std::vector<void*>& blocks) {
  for (void* block : blocks) give_foreign(block, size_class);
}

std::size_t pooled() { return exchange_of(size_class).pooled(); }

TEST(foreign_bins, a_thread_gets_back_what_it_gave_last) {
  const std::vector<void*> blocks = take_many(2);
  give_all(blocks);

  EXPECT_EQ(take_foreign(size_class), blocks[1]);
  EXPECT_EQ(take_foreign(size_class), blocks[0]);
  give_all(blocks);
}

TEST(foreign_bins, no_block_is_given_out_twice) {
  const std::vector<void*> blocks = take_many(500);
  EXPECT_EQ(std::set<void*>(blocks.begin(), blocks.end()).size(), 500u);
  give_all(blocks);
}

TEST(foreign_bins, a_full_list_goes_to_the_exchange) {
  const std::size_t blocks = list_blocks(size_class);
  const std::vector<void*> taken = take_many(3 * blocks);
  empty_bins(size_class);
  while (exchange_of(size_class).take_list(size_class) != nullptr) {
  }

  give_all(taken);

  EXPECT_EQ(pooled(), 3 * blocks);
  EXPECT_EQ(binned_blocks(size_class), 0u);
  EXPECT_EQ(exchange_of(size_class).take_partial(size_class), nullptr);
}

TEST(foreign_bins, a_short_list_stays_in_the_bin_until_it_is_emptied) {
  const std::vector<void*> blocks = take_many(3);
  empty_bins(size_class);
  const std::size_t before = pooled();
  while (exchange_of(size_class).take_partial(size_class) != nullptr) {
  }
  const std::size_t full = pooled();
  ASSERT_LE(full, before);

  give_all(blocks);
  EXPECT_EQ(binned_blocks(size_class), 3u);
  EXPECT_EQ(pooled(), full);

  empty_bins(size_class);
  EXPECT_EQ(binned_blocks(size_class), 0u);
  EXPECT_EQ(pooled(), full + 3);
}

TEST(foreign_bins, more_threads_than_bins_find_what_others_left) {
  const std::vector<void*> blocks = take_many(100);
  empty_bins(size_class);
  while (exchange_of(size_class).take_list(size_class) != nullptr) {
  }
  give_all(blocks);
  std::set<void*> seen;

  for (int i = 0; i < 40; ++i) {
    std::thread([&] {
      void* block = take_foreign(size_class);
      seen.insert(block);
      give_foreign(block, size_class);
    }).join();
  }

  EXPECT_LE(pooled() + binned_blocks(size_class), 100 + 16 * list_blocks(size_class));
  EXPECT_FALSE(seen.contains(nullptr));
}

}  // namespace
}  // namespace weft::sched
