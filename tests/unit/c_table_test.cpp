// SPDX-License-Identifier: Apache-2.0
// The table of C's handles: what a token stands for, and that a dead one stays dead.
#include "coro/c_table.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <vector>

namespace weft::coro {
namespace {

constexpr c_kind object = c_kind::object;

/// What a token stands for; null unless it is granted. Pinned for the moment only.
void* looked_up(c_table& table, c_token token, c_kind kind = object) {
  const c_found found = table.pin(token, kind);
  if (found.access != c_access::granted) return nullptr;
  EXPECT_EQ(table.unpin(token), nullptr);
  return found.thing;
}

TEST(c_table, gives_what_a_token_was_made_for) {
  c_table table;
  int one = 1;
  int other = 2;
  const c_token first = table.make(object, &one);
  const c_token second = table.make(object, &other);
  EXPECT_EQ(looked_up(table, first), &one);
  EXPECT_EQ(looked_up(table, second), &other);
  EXPECT_EQ(looked_up(table, c_token::of(first.handle())), &one);
}

TEST(c_table, knows_no_token_that_it_did_not_make) {
  c_table table;
  int thing = 0;
  const c_token made = table.make(object, &thing);
  for (const std::uint64_t forged : {std::uint64_t{0}, std::uint64_t{0x1234}, ~std::uint64_t{0}, std::uint64_t{0x7fff'1234'5678'9abc},
                                     std::uint64_t{2} << 32, std::uint64_t{1} << 32 | 1, std::uint64_t{1} << 32 | 70}) {
    const auto token = c_token::of(reinterpret_cast<void*>(forged));
    EXPECT_EQ(table.pin(token, object).access, c_access::stale) << std::hex << forged;
    EXPECT_EQ(table.retain(token, object), c_access::stale) << std::hex << forged;
    EXPECT_EQ(table.release_reference(token, object).access, c_access::stale) << std::hex << forged;
  }
  EXPECT_EQ(looked_up(table, made), &thing);
}

TEST(c_table, takes_no_kind_for_another) {
  c_table table;
  int thing = 0;
  const c_token token = table.make(c_kind::frame, &thing);
  EXPECT_EQ(table.pin(token, object).access, c_access::other_kind);
  EXPECT_EQ(table.retain(token, c_kind::exception), c_access::other_kind);
  EXPECT_EQ(table.release_reference(token, object).access, c_access::other_kind);
  EXPECT_EQ(looked_up(table, token, c_kind::frame), &thing);
}

TEST(c_table, gives_the_thing_back_with_the_last_reference_and_not_again) {
  c_table table;
  int thing = 0;
  const c_token token = table.make(object, &thing);
  EXPECT_EQ(table.retain(token, object), c_access::granted);
  EXPECT_EQ(table.release_reference(token, object).thing, nullptr);
  EXPECT_EQ(table.release_reference(token, object).thing, &thing);
  EXPECT_EQ(table.release_reference(token, object).access, c_access::stale);
  EXPECT_EQ(table.pin(token, object).access, c_access::stale);
}

TEST(c_table, keeps_the_thing_for_a_call_however_often_it_is_released) {
  c_table table;
  int thing = 0;
  const c_token token = table.make(object, &thing);
  ASSERT_EQ(table.pin(token, object).thing, &thing);
  EXPECT_EQ(table.release_reference(token, object).thing, nullptr);
  EXPECT_EQ(table.release_reference(token, object).access, c_access::stale);
  EXPECT_EQ(table.pin(token, object).access, c_access::stale) << "a new call comes too late";
  EXPECT_EQ(table.retain(token, object), c_access::stale);
  EXPECT_EQ(table.unpin(token), &thing);
}

TEST(c_table, makes_another_token_for_a_slot_that_comes_back) {
  c_table table;
  int thing = 0;
  const c_token first = table.make(object, &thing);
  static_cast<void>(table.release_reference(first, object));
  const c_token second = table.make(object, &thing);
  EXPECT_EQ(second.index, first.index);
  EXPECT_NE(second.generation, first.generation);
  EXPECT_EQ(table.pin(first, object).access, c_access::stale);
  EXPECT_EQ(looked_up(table, second), &thing);
}

TEST(c_table, leaves_a_slot_out_whose_generations_are_used_up) {
  c_table table(3);
  int thing = 0;
  std::set<void*> handles;
  for (int i = 0; i < 7; ++i) {
    const c_token token = table.make(object, &thing);
    EXPECT_TRUE(handles.insert(token.handle()).second) << "a token that was given before";
    EXPECT_EQ(token.index, static_cast<std::uint32_t>(i / 3));
    EXPECT_EQ(table.release_reference(token, object).thing, &thing);
    EXPECT_EQ(table.pin(token, object).access, c_access::stale);
  }
}

TEST(c_table, refuses_more_references_and_pins_than_it_can_count) {
  c_table table;
  int thing = 0;
  const c_token token = table.make(object, &thing);
  for (std::uint32_t i = 1; i < c_slot_word::most_references; ++i) ASSERT_EQ(table.retain(token, object), c_access::granted);
  EXPECT_EQ(table.retain(token, object), c_access::crowded);
  for (std::uint32_t i = 0; i < c_slot_word::most_pins; ++i) ASSERT_EQ(table.pin(token, object).access, c_access::granted);
  EXPECT_EQ(table.pin(token, object).access, c_access::crowded);
  for (std::uint32_t i = 0; i < c_slot_word::most_references; ++i) ASSERT_EQ(table.release_reference(token, object).thing, nullptr);
  for (std::uint32_t i = 1; i < c_slot_word::most_pins; ++i) ASSERT_EQ(table.unpin(token), nullptr);
  EXPECT_EQ(table.unpin(token), &thing);
}

TEST(c_table, grows) {
  c_table table;
  std::vector<int> things(detail::sized(1000, 7));
  std::vector<c_token> tokens;
  for (int& thing : things) tokens.push_back(table.make(object, &thing));
  for (std::size_t i = 0; i < things.size(); ++i) EXPECT_EQ(looked_up(table, tokens[i]), &things[i]);
}

TEST(c_slot_word, keeps_its_four_numbers_apart) {
  const c_slot_word word{0xffff'fffe, c_kind::frame, c_slot_word::most_references, 1};
  const c_slot_word read = c_slot_word::unpack(word.packed());
  EXPECT_EQ(read.generation, word.generation);
  EXPECT_EQ(read.kind, word.kind);
  EXPECT_EQ(read.references, word.references);
  EXPECT_EQ(read.pins, word.pins);
}

}  // namespace
}  // namespace weft::coro
