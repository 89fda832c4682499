// SPDX-License-Identifier: Apache-2.0
// parallel_sort and parallel_stable_sort: elements of all kinds in all orders.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "balanced.hpp"
#include "seed.hpp"

namespace weft {
namespace {

struct parallel_sort_test : test::balanced {};

constexpr std::size_t sizes[] = {0, 1, 2, 3, 16, 17, 65, 129, 1000, 2049, 5000, 40'001};
const std::optional<std::size_t> grains[] = {std::nullopt, 1, 100};

std::vector<std::uint32_t> numbers(std::size_t n, std::uint32_t range) {
  auto random = test::random_source(n * 31 + range);
  std::vector<std::uint32_t> made(n);
  for (auto& one : made) one = static_cast<std::uint32_t>(random.next() % range);
  return made;
}

/// With its place before the sort, which no comparison looks at.
struct keyed {
  std::uint32_t key;
  std::size_t place;
  std::string text = {};
};
bool by_key(const keyed& a, const keyed& b) { return a.key < b.key; }

TEST_F(parallel_sort_test, sorts_numbers_in_every_order) {
  for (const int workers : {1, 2, 3, 8}) {
    scheduler pool{{.workers = workers}};
    for (const std::size_t n : sizes)
      for (const std::uint32_t range : {1U, 2U, 1000U, ~0U})
        for (const auto grain : grains) {
          auto all = numbers(n, range);
          auto expected = all;
          std::sort(expected.begin(), expected.end());
          sync_wait(pool, parallel_sort(all, std::less<>(), {.grain = grain}));
          EXPECT_EQ(all, expected) << n << " below " << range;
          std::reverse(all.begin(), all.end());
          sync_wait(pool, parallel_sort(all, std::less<>(), {.grain = grain}));
          EXPECT_EQ(all, expected) << n << ", from the largest";
          sync_wait(pool, parallel_sort(all, std::less<>(), {.grain = grain}));
          EXPECT_EQ(all, expected) << n << ", sorted before";
          sync_wait(pool, parallel_stable_sort(all, std::greater<>(), {.grain = grain}));
          EXPECT_TRUE(std::is_sorted(all.rbegin(), all.rend()));
        }
  }
}

TEST_F(parallel_sort_test, orders_that_quicksort_does_not_like) {
  scheduler pool{{.workers = 3}};
  std::vector<std::uint32_t> all(50'000);
  for (const std::size_t teeth : {2, 3, 9, 100, 1000}) {
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint32_t>(i % teeth * 1000 + (i / teeth) % 7);
    sync_wait(pool, parallel_sort(all));
    EXPECT_TRUE(std::is_sorted(all.begin(), all.end())) << teeth << " teeth";
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint32_t>(std::min(i, all.size() - i));
    sync_wait(pool, parallel_sort(all));
    EXPECT_TRUE(std::is_sorted(all.begin(), all.end())) << "organ pipes";
  }
}

TEST_F(parallel_sort_test, a_stable_one_keeps_the_order_of_equals) {
  for (const int workers : {1, 3}) {
    scheduler pool{{.workers = workers}};
    for (const std::size_t n : sizes)
      for (const std::uint32_t range : {1U, 5U, 1000U})
        for (const auto grain : grains) {
          const auto keys = numbers(n, range);
          std::vector<keyed> all;
          for (std::size_t i = 0; i < n; ++i) all.push_back({keys[i], i, "a text that takes memory"});
          sync_wait(pool, parallel_stable_sort(all, by_key, {.grain = grain}));
          ASSERT_EQ(all.size(), n);
          for (std::size_t i = 0; i + 1 < n; ++i)
            ASSERT_TRUE(by_key(all[i], all[i + 1]) || (all[i].key == all[i + 1].key && all[i].place < all[i + 1].place)) << n;
          for (const keyed& one : all) ASSERT_EQ(one.text.size(), 24U);
        }
  }
}

TEST_F(parallel_sort_test, sorts_what_can_only_be_moved) {
  const auto before = [](const std::unique_ptr<int>& a, const std::unique_ptr<int>& b) { return *a < *b; };
  for (const int workers : {1, 3}) {
    scheduler pool{{.workers = workers}};
    for (int stable = 0; stable < 2; ++stable) {
      std::vector<std::unique_ptr<int>> all;
      for (const std::uint32_t one : numbers(20'000, 30'000)) all.push_back(std::make_unique<int>(one));
      sync_wait(pool, stable == 0 ? parallel_sort(all, before) : parallel_stable_sort(all, before));
      EXPECT_TRUE(std::is_sorted(all.begin(), all.end(), before));
    }
  }
}

TEST_F(parallel_sort_test, takes_ranges_that_do_not_lie_in_one_piece) {
  scheduler pool{{.workers = 2}};
  std::deque<std::string> texts;
  for (const std::uint32_t one : numbers(6000, 100'000)) texts.push_back(std::to_string(one));
  sync_wait(pool, parallel_sort(texts));
  EXPECT_TRUE(std::is_sorted(texts.begin(), texts.end()));
  sync_wait(pool, parallel_stable_sort(texts, std::greater<>()));
  EXPECT_TRUE(std::is_sorted(texts.rbegin(), texts.rend()));
}

}  // namespace
}  // namespace weft
