// SPDX-License-Identifier: Apache-2.0
// The shared free lists: order, merging of single blocks, chains taken whole, and the gauge that goes with them.
#include "scheduler/frame_exchange.hpp"

#include <gtest/gtest.h>

#include <new>
#include <vector>

#include "scheduler/frame_carver.hpp"

namespace weft::sched {
namespace {

constexpr std::size_t size_class = 16;  // of 1024 bytes: lists are short

/// Blocks from the carver, which nobody else of this process uses meanwhile.
std::vector<free_block*> fresh_blocks(std::size_t count) {
  std::vector<free_block*> blocks;
  while (blocks.size() < count) {
    free_block* list = carver_of(size_class).carve(size_class);
    if (list == nullptr) throw std::bad_alloc();
    while (list->next != nullptr) {
      free_block* below = list->next;
      blocks.push_back(list);
      list = below;
    }
  }
  return blocks;
}

/// A list of the last `count` blocks, which are removed from the vector; the first of the list is the last of the vector.
free_block* list_from(std::vector<free_block*>& blocks, std::size_t count) {
  free_block* list = empty_list(size_class);
  for (std::size_t i = 0; i < count; ++i) {
    free_block* block = blocks[blocks.size() - count + i];
    list = ::new (static_cast<void*>(block)) free_block{list, list->depth + 1};
  }
  blocks.resize(blocks.size() - count);
  return list;
}

TEST(stack_head, is_another_word_when_the_same_list_comes_back_on_top) {
  const stack_head seen = stack_head{}.pushed(7).pushed(8);
  const stack_head now = seen.popped(7).popped(0).pushed(8);

  EXPECT_EQ(now.first, seen.first);
  EXPECT_NE(now.packed(), seen.packed());
}

TEST(stack_head, survives_packing_and_the_tag_wraps) {
  const stack_head last{0xffffffff, 0xffffffff};
  const stack_head again = stack_head::unpack(last.packed());
  EXPECT_EQ(again.first, last.first);
  EXPECT_EQ(again.tag, last.tag);
  EXPECT_EQ(last.pushed(1).tag, 0u);
  EXPECT_EQ(last.pushed(1).first, 1u);
}

TEST(list_stack, hands_out_the_newest_list_first) {
  std::vector<free_block*> blocks = fresh_blocks(6);
  list_stack stack;
  free_block* one = list_from(blocks, 1);
  free_block* two = list_from(blocks, 2);

  stack.push(one, size_class);
  stack.push(two, size_class);

  EXPECT_EQ(stack.pop(size_class), two);
  EXPECT_EQ(stack.pop(size_class), one);
  EXPECT_EQ(stack.pop(size_class), nullptr);
}

TEST(list_stack, taken_whole_it_is_a_chain_and_empty) {
  std::vector<free_block*> blocks = fresh_blocks(6);
  list_stack stack;
  free_block* one = list_from(blocks, 1);
  free_block* two = list_from(blocks, 2);
  stack.push(one, size_class);
  stack.push(two, size_class);

  const block_name chain = stack.take_all();

  EXPECT_EQ(stack.pop(size_class), nullptr);
  EXPECT_EQ(named_block(chain, size_class), two);
  const block_name below = list_stack::list_below(chain, size_class);
  EXPECT_EQ(named_block(below, size_class), one);
  EXPECT_EQ(list_stack::list_below(below, size_class), 0u);
}

TEST(class_exchange, whoever_wants_a_list_gets_a_full_one_first) {
  std::vector<free_block*> blocks = fresh_blocks(list_blocks(size_class) + 2);
  class_exchange exchange;
  free_block* full = list_from(blocks, list_blocks(size_class));
  free_block* partial = list_from(blocks, 2);
  exchange.give_list(full, size_class);
  exchange.give_list(partial, size_class);

  EXPECT_EQ(exchange.take_list(size_class), full);
  EXPECT_EQ(exchange.take_list(size_class), partial);
  EXPECT_EQ(exchange.take_list(size_class), nullptr);
}

TEST(class_exchange, whoever_wants_a_partial_list_breaks_no_full_one) {
  std::vector<free_block*> blocks = fresh_blocks(list_blocks(size_class) + 2);
  class_exchange exchange;
  free_block* partial = list_from(blocks, 2);
  exchange.give_list(list_from(blocks, list_blocks(size_class)), size_class);
  exchange.give_list(partial, size_class);

  EXPECT_EQ(exchange.take_partial(size_class), partial);
  EXPECT_EQ(exchange.take_partial(size_class), nullptr);
  EXPECT_EQ(exchange.pooled(), list_blocks(size_class));
}

TEST(class_exchange, counts_the_blocks_of_its_lists) {
  std::vector<free_block*> blocks = fresh_blocks(list_blocks(size_class) + 3);
  class_exchange exchange;
  exchange.give_list(list_from(blocks, list_blocks(size_class)), size_class);
  exchange.give_list(list_from(blocks, 3), size_class);
  EXPECT_EQ(exchange.pooled(), list_blocks(size_class) + 3);

  EXPECT_NE(exchange.take_list(size_class), nullptr);
  EXPECT_EQ(exchange.pooled(), 3u);
  EXPECT_NE(exchange.take_list(size_class), nullptr);
  EXPECT_EQ(exchange.pooled(), 0u);
}

}  // namespace
}  // namespace weft::sched
