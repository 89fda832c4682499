// SPDX-License-Identifier: Apache-2.0
// parallel_reduce: the same result on any number of workers, with whatever values.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "balanced.hpp"
#include "small_tasks.hpp"

namespace weft {
namespace {

using test::counted;
using test::run_everywhere;

struct parallel_reduce_test : test::balanced {};

constexpr std::size_t sizes[] = {0, 1, 2, 3, 5, 7, 8, 9, 64, 127, 128, 129, 1000, 100'003, 600'000};
const std::optional<std::size_t> grains[] = {std::nullopt, 1, 3, 1000};

/// Which elements were joined, and how: the tree that was used, as a text.
std::string tree_of(int workers, std::size_t n, std::size_t grain) {
  scheduler pool{{.workers = workers}};
  const auto joins = [](std::string a, std::string b) { return "(" + a + b + ")"; };
  return sync_wait(pool, parallel_reduce(std::size_t{0}, n, std::string("i"), joins, [](std::size_t i) { return std::to_string(i % 10); },
                                         {.grain = grain}));
}

TEST_F(parallel_reduce_test, joins_as_a_tree_that_the_number_decides) {
  EXPECT_EQ(tree_of(1, 0, 1), "i");
  EXPECT_EQ(tree_of(1, 1, 1), "(i0)");
  EXPECT_EQ(tree_of(1, 3, 1), "(i((01)2))");
  EXPECT_EQ(tree_of(1, 7, 1), "(i(((01)(23))((45)6)))");
  EXPECT_EQ(tree_of(1, 6, 2), "(i(((01)(23))(45)))");
  EXPECT_EQ(tree_of(1, 5, 3), "(i(((01)2)(34)))");
}

TEST_F(parallel_reduce_test, joins_alike_on_any_number_of_workers) {
  for (const std::size_t n : {2, 3, 6, 13, 64, 100, 255})
    for (const std::size_t grain : {1, 2, 5}) {
      const std::string alone = tree_of(1, n, grain);
      for (const int workers : {2, 3, 8}) EXPECT_EQ(tree_of(workers, n, grain), alone) << n << " by " << grain;
    }
}

TEST_F(parallel_reduce_test, a_floating_point_sum_does_not_depend_on_the_workers) {
  for (const std::size_t n : sizes)
    for (const auto grain : grains) {
      const auto sum = [&](int workers) {
        scheduler pool{{.workers = workers}};
        return sync_wait(pool, parallel_reduce(std::size_t{0}, n, 0.0F, std::plus<>(),
                                               [](std::size_t i) { return 1.0F / static_cast<float>(i + 1); }, {.grain = grain}));
      };
      const float alone = sum(1);
      for (const int workers : {2, 3, 8}) EXPECT_EQ(sum(workers), alone) << n;
    }
}

TEST_F(parallel_reduce_test, takes_ranges_with_and_without_a_map) {
  const auto sums = []() -> task<> {
    std::vector<int> numbers(10'000);
    std::iota(numbers.begin(), numbers.end(), 0);
    const int sum = co_await parallel_reduce(numbers, 1);
    EXPECT_EQ(sum, 49'995'001);
    const int most = co_await parallel_reduce(numbers, -1, [](int a, int b) { return a > b ? a : b; }, {.grain = 7});
    EXPECT_EQ(most, 9999);
    const std::size_t letters =
        co_await parallel_reduce(numbers, std::size_t{0}, std::plus<>(), [](int i) { return std::to_string(i).size(); });
    EXPECT_EQ(letters, 38'890U);
    const std::vector<int> none;
    const int nothing = co_await parallel_reduce(none, 5);
    EXPECT_EQ(nothing, 5);
  };
  run_everywhere(sums);
}

TEST_F(parallel_reduce_test, awaits_maps_that_are_tasks) {
  const auto sums = [](std::size_t n, std::optional<std::size_t> grain) -> task<> {
    const auto map = [](std::size_t i) -> task<std::size_t> {
      if (i % 7 == 0) co_await yield();
      co_return i;
    };
    const std::size_t sum = co_await parallel_reduce(std::size_t{0}, n, std::size_t{0}, std::plus<>(), map, {.grain = grain});
    EXPECT_EQ(sum, n * (n - 1) / 2);
  };
  for (const std::size_t n : {1, 2, 3, 100, 1001})
    for (const auto grain : grains) run_everywhere([&] { return sums(n, grain); });
}

TEST_F(parallel_reduce_test, joins_values_that_can_only_be_moved_and_loses_none) {
  const auto sums = []() -> task<> {
    const auto add = [](std::unique_ptr<int> a, std::unique_ptr<int> b) { return std::make_unique<int>(*a + *b); };
    const auto box = [](int i) { return std::make_unique<int>(i); };
    auto boxed = parallel_reduce(0, 1000, std::make_unique<int>(0), add, box, {.grain = 3});
    const std::unique_ptr<int> sum = co_await std::move(boxed);
    EXPECT_EQ(*sum, 499'500);
    const auto join = [](counted a, counted b) { return counted(a.value + b.value); };
    auto counting = parallel_reduce(0, 1000, counted(0), join, [](int i) { return counted(i); }, {.grain = 3});
    const counted all = co_await std::move(counting);
    EXPECT_EQ(all.value, 499'500);
  };
  run_everywhere(sums);
}

}  // namespace
}  // namespace weft
