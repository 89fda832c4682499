// SPDX-License-Identifier: Apache-2.0
// The deque by itself: who gets which item in what order, how thieves fare, growth, and positions at every kind of boundary.
#include <weft/detail/deque.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <limits>
#include <numeric>
#include <set>
#include <thread>
#include <type_traits>
#include <vector>

#include "failing_new.hpp"

namespace weft::detail {
namespace {

using item_deque = deque<int>;
using owner = item_deque::owner;
using thief = item_deque::thief;

template <class View>
concept can_push = requires(View v, int* item) { v.push(item); };
template <class View>
concept can_pop = requires(View v) { v.pop(); };
static_assert(can_push<owner> && can_pop<owner>);
static_assert(!can_push<thief> && !can_pop<thief>, "a thief that pushes or pops does not compile");
static_assert(!std::is_copy_constructible_v<item_deque>);

std::array<int, 64> items{};

TEST(deque, owner_pops_the_newest_first) {
  item_deque d(8);
  owner own = d.as_owner();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(own.push(&items[i]));

  EXPECT_EQ(own.pop(), &items[2]);
  EXPECT_EQ(own.pop(), &items[1]);
  EXPECT_EQ(own.pop(), &items[0]);
  EXPECT_EQ(own.pop(), nullptr);
  EXPECT_TRUE(own.is_empty());
}

TEST(deque, thief_takes_the_oldest_first) {
  item_deque d(8);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(d.as_owner().push_quietly(&items[i]));

  for (int i = 0; i < 3; ++i) {
    const stolen<int> got = d.as_thief().steal();
    EXPECT_EQ(got.outcome, steal_outcome::taken);
    EXPECT_EQ(got.item, &items[i]);
  }
  const stolen<int> nothing = d.as_thief().steal();
  EXPECT_EQ(nothing.outcome, steal_outcome::empty);
  EXPECT_EQ(nothing.item, nullptr);
}

TEST(deque, owner_and_thief_meet_at_the_last_item) {
  item_deque d(2);
  ASSERT_TRUE(d.as_owner().push(&items[0]));
  ASSERT_TRUE(d.as_owner().push(&items[1]));

  EXPECT_EQ(d.as_thief().steal().item, &items[0]);
  EXPECT_EQ(d.as_owner().pop(), &items[1]);
  EXPECT_EQ(d.as_owner().pop(), nullptr);
  EXPECT_EQ(d.as_thief().steal().outcome, steal_outcome::empty);
}

TEST(deque, an_empty_deque_stays_usable_after_a_failed_pop) {
  item_deque d(2);

  EXPECT_EQ(d.as_owner().pop(), nullptr);
  EXPECT_EQ(d.as_owner().pop(), nullptr);

  ASSERT_TRUE(d.as_owner().push(&items[5]));
  EXPECT_EQ(d.as_thief().size_hint(), 1U);
  EXPECT_EQ(d.as_owner().pop(), &items[5]);
}

TEST(deque, a_pop_in_two_steps_knows_the_last_item) {
  item_deque d(4);
  owner own = d.as_owner();
  ASSERT_TRUE(own.push(&items[0]));
  ASSERT_TRUE(own.push(&items[1]));

  const std::uint64_t newest = own.take_back();
  EXPECT_FALSE(own.is_last(newest));
  EXPECT_EQ(own.at(newest), &items[1]);
  const std::uint64_t last = own.take_back();
  EXPECT_TRUE(own.is_last(last));
  EXPECT_EQ(own.pop_last(last), &items[0]);
  EXPECT_TRUE(own.is_empty());
}

TEST(deque, what_is_put_is_nobodys_before_advance) {
  item_deque d(4);
  owner own = d.as_owner();
  const std::uint64_t b = own.bottom();
  ASSERT_TRUE(own.has_room(b, 2));

  own.put(b, &items[0]);
  own.put(b + 1, &items[1]);
  EXPECT_EQ(d.as_thief().steal().outcome, steal_outcome::empty);
  own.advance(b + 2);

  EXPECT_EQ(d.as_thief().steal().item, &items[0]);
  EXPECT_EQ(own.pop(), &items[1]);
}

TEST(deque, grows_and_keeps_every_item_in_order) {
  item_deque d(2);
  for (int& item : items) ASSERT_TRUE(d.as_owner().push(&item));
  EXPECT_EQ(d.as_owner().capacity(), 64U);

  for (int i = 0; i < 32; ++i) EXPECT_EQ(d.as_thief().steal().item, &items[i]);
  for (int i = 63; i >= 32; --i) EXPECT_EQ(d.as_owner().pop(), &items[i]);
  EXPECT_TRUE(d.as_thief().is_empty());
}

TEST(deque, uses_slots_that_thieves_emptied_before_it_grows) {
  item_deque d(4);
  for (int round = 0; round < 100; ++round) {
    ASSERT_TRUE(d.as_owner().push(&items[round % 64]));
    ASSERT_EQ(d.as_thief().steal().item, &items[round % 64]);
  }

  EXPECT_EQ(d.as_owner().capacity(), 4U);
}

TEST(deque, one_growth_makes_room_for_many) {
  item_deque d(2);
  ASSERT_TRUE(d.as_owner().push(&items[0]));

  EXPECT_TRUE(d.as_owner().has_room(d.as_owner().bottom(), 40));

  EXPECT_EQ(d.as_owner().capacity(), 64U);
  EXPECT_EQ(d.as_owner().pop(), &items[0]);
}

// --- positions ---

class deque_near : public testing::TestWithParam<std::uint64_t> {};

TEST_P(deque_near, works_across_the_boundary) {
  item_deque d(2, GetParam() - 5);
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(d.as_owner().push(&items[i]));

  for (int i = 0; i < 8; ++i) ASSERT_EQ(d.as_thief().steal().item, &items[i]);
  for (int i = 19; i >= 8; --i) ASSERT_EQ(d.as_owner().pop(), &items[i]);

  EXPECT_EQ(d.as_owner().pop(), nullptr);
  EXPECT_EQ(d.as_thief().steal().outcome, steal_outcome::empty);
}

TEST_P(deque_near, pops_and_steals_one_item_at_a_time_across_the_boundary) {
  item_deque d(2, GetParam() - 5);
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(d.as_owner().push_quietly(&items[i]));
    EXPECT_EQ(d.as_thief().size_hint(), 1U);
    ASSERT_EQ(d.as_owner().pop(), &items[i]);
    ASSERT_EQ(d.as_owner().pop(), nullptr);
    ASSERT_TRUE(d.as_owner().push(&items[i + 1]));
    ASSERT_EQ(d.as_thief().steal().item, &items[i + 1]);
  }
}

INSTANTIATE_TEST_SUITE_P(boundaries, deque_near,
                         testing::Values(std::uint64_t{5}, std::uint64_t{1} << 31, std::uint64_t{1} << 32, std::uint64_t{1} << 63,
                                         std::uint64_t{0}));  // 0 - 5: the end of 64 bits

// --- no memory ---

TEST(deque, a_push_that_cannot_grow_says_no_and_changes_nothing) {
  item_deque d(2);
  ASSERT_TRUE(d.as_owner().push(&items[0]));
  ASSERT_TRUE(d.as_owner().push(&items[1]));

  {
    const test::failing_new no_memory(0);
    EXPECT_FALSE(d.as_owner().push(&items[2]));
    EXPECT_FALSE(d.as_owner().push_quietly(&items[2]));
    EXPECT_FALSE(d.as_owner().has_room(d.as_owner().bottom(), 1));
  }

  EXPECT_EQ(d.as_owner().capacity(), 2U);
  ASSERT_TRUE(d.as_owner().push(&items[2])) << "with memory it grows after all";
  EXPECT_EQ(d.as_owner().pop(), &items[2]);
  EXPECT_EQ(d.as_owner().pop(), &items[1]);
  EXPECT_EQ(d.as_owner().pop(), &items[0]);
}

TEST(deque, a_deque_that_cannot_be_made_throws_bad_alloc) {
  const test::failing_new no_memory(0);

  EXPECT_THROW(item_deque(2), std::bad_alloc);
}

// --- a thief at work ---

TEST(deque, every_item_goes_to_exactly_one_of_owner_and_thief) {
  item_deque d(2);
  std::vector<int> many(20'000);
  std::vector<int*> by_thief;
  std::atomic<bool> all_pushed{false};
  std::size_t lost = 0;

  std::thread other([&] {
    for (;;) {
      const bool last_look = all_pushed;
      const stolen<int> got = d.as_thief().steal();
      if (got.outcome == steal_outcome::taken) by_thief.push_back(got.item);
      if (got.outcome == steal_outcome::lost) ++lost;
      if (got.outcome == steal_outcome::empty && last_look) return;
    }
  });
  std::vector<int*> by_owner;
  for (std::size_t i = 0; i < many.size(); ++i) {
    ASSERT_TRUE(d.as_owner().push(&many[i]));
    if (i % 3 == 0)
      if (int* item = d.as_owner().pop()) by_owner.push_back(item);
  }
  while (int* item = d.as_owner().pop()) by_owner.push_back(item);
  all_pushed = true;
  other.join();

  std::set<int*> seen(by_owner.begin(), by_owner.end());
  seen.insert(by_thief.begin(), by_thief.end());
  EXPECT_EQ(by_owner.size() + by_thief.size(), many.size());
  EXPECT_EQ(seen.size(), many.size());
  EXPECT_LE(lost, many.size()) << "the thief loses only to a pop of the last item";
}

}  // namespace
}  // namespace weft::detail
