// SPDX-License-Identifier: Apache-2.0
// How a sort cuts a range in two: nothing is lost, and all is where it belongs.
#include "weft/detail/partition.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "seed.hpp"

namespace weft::detail {
namespace {

constexpr std::size_t sizes[] = {0, 1, 2, 9, 63, 64, 65, 127, 128, 129, 191, 192, 193, 255, 256, 1000, 5001};

/// Numbers below `range`.
std::vector<std::uint32_t> numbers(std::size_t n, std::uint32_t range, std::uint64_t stream) {
  auto random = test::random_source(stream);
  std::vector<std::uint32_t> made(n);
  for (auto& one : made) one = static_cast<std::uint32_t>(random.next() % range);
  return made;
}

TEST(partition_test, moves_to_the_left_what_belongs_there) {
  for (const std::size_t n : sizes)
    for (const std::uint32_t limit : {0U, 1U, 50U, 99U, 100U}) {
      auto all = numbers(n, 100, n);
      auto sorted = all;
      const auto is_left = [=](std::uint32_t x) { return x < limit; };
      const auto middle = cut_in_blocks(all.begin(), all.end(), is_left);
      EXPECT_TRUE(std::all_of(all.begin(), middle, is_left));
      EXPECT_TRUE(std::none_of(middle, all.end(), is_left));
      std::sort(sorted.begin(), sorted.end());
      std::sort(all.begin(), all.end());
      EXPECT_EQ(all, sorted) << n << " below " << limit;
    }
}

TEST(partition_test, loses_nothing_if_a_comparison_throws) {
  for (const std::size_t n : {100, 500, 1000})
    for (std::size_t fails_at = 1; fails_at < n; fails_at += 7) {
      auto all = numbers(n, 1000, n);
      auto sorted = all;
      std::size_t compared = 0;
      const auto is_left = [&](std::uint32_t x) {
        if (++compared == fails_at) throw std::runtime_error("compared");
        return x < 500;
      };
      EXPECT_THROW(cut_in_blocks(all.begin(), all.end(), is_left), std::runtime_error);
      std::sort(sorted.begin(), sorted.end());
      std::sort(all.begin(), all.end());
      EXPECT_EQ(all, sorted);
    }
}

template <class T>
void expect_cut(std::vector<T> all) {
  auto sorted = all;
  std::sort(sorted.begin(), sorted.end());
  const auto cut = cut_around_middle(all.begin(), all.end(), std::less<>());
  ASSERT_LT(cut.left_end, cut.right_begin);
  const T pivot = *cut.left_end;
  EXPECT_TRUE(std::all_of(all.begin(), cut.left_end, [&](const T& x) { return x < pivot; }));
  EXPECT_TRUE(std::all_of(cut.left_end, cut.right_begin, [&](const T& x) { return x == pivot; }));
  EXPECT_TRUE(std::none_of(cut.right_begin, all.end(), [&](const T& x) { return x < pivot; }));
  std::sort(all.begin(), all.end());
  EXPECT_EQ(all, sorted);
}

TEST(partition_test, cuts_around_one_that_is_in_its_place_then) {
  for (const std::size_t n : sizes) {
    if (n < 9) continue;
    for (const std::uint32_t range : {1U, 2U, 10U, 1'000'000U}) {
      const auto all = numbers(n, range, n + range);
      expect_cut(all);
      std::vector<std::string> texts;
      for (const std::uint32_t one : all) texts.push_back(std::to_string(one));
      expect_cut(texts);
    }
  }
}

TEST(partition_test, many_equal_ones_are_all_in_place_at_once) {
  std::vector<int> all(1000, 7);
  const auto cut = cut_around_middle(all.begin(), all.end(), std::less<>());
  EXPECT_EQ(cut.left_end, all.begin());
  EXPECT_EQ(cut.right_begin, all.end());
}

}  // namespace
}  // namespace weft::detail
