// SPDX-License-Identifier: Apache-2.0
// parallel_scan and parallel_scan_exclusive: as std::inclusive_scan and std::exclusive_scan, the same on any number of workers.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "balanced.hpp"

namespace weft {
namespace {

struct parallel_scan_test : test::balanced {};

constexpr std::size_t sizes[] = {0, 1, 2, 3, 7, 8, 64, 65, 1000, 100'003, 300'000};
const std::optional<std::size_t> grains[] = {std::nullopt, 1, 3, 1000, 1'000'000};

TEST_F(parallel_scan_test, gives_what_the_standard_ones_give) {
  for (const int workers : {1, 2, 3, 8}) {
    scheduler pool{{.workers = workers}};
    for (const std::size_t n : sizes)
      for (const auto grain : grains) {
        if (n / grain.value_or(n + 1) > 10'000) continue;
        std::vector<std::uint32_t> numbers(n);
        std::iota(numbers.begin(), numbers.end(), 1);
        std::vector<std::uint32_t> expected(n), out(n);
        std::inclusive_scan(numbers.begin(), numbers.end(), expected.begin());
        const auto end = sync_wait(pool, parallel_scan(numbers, out.begin(), std::plus<>(), {.grain = grain}));
        EXPECT_EQ(end, out.end());
        EXPECT_EQ(out, expected) << n;
        std::exclusive_scan(numbers.begin(), numbers.end(), expected.begin(), 5U);
        sync_wait(pool, parallel_scan_exclusive(numbers, out.begin(), 5U, std::plus<>(), {.grain = grain}));
        EXPECT_EQ(out, expected) << n;
        sync_wait(pool, parallel_scan_exclusive(numbers, numbers.begin(), 5U, std::plus<>(), {.grain = grain}));
        EXPECT_EQ(numbers, expected) << n << ", in place";
      }
  }
}

TEST_F(parallel_scan_test, floating_point_results_do_not_depend_on_the_workers) {
  for (const std::size_t n : sizes) {
    const auto sums = [&](int workers) {
      scheduler pool{{.workers = workers}};
      std::vector<float> out(n);
      for (std::size_t i = 0; i < n; ++i) out[i] = 1.0F / static_cast<float>(i + 1);
      sync_wait(pool, parallel_scan(out, out.begin()));
      return out;
    };
    const std::vector<float> alone = sums(1);
    for (const int workers : {2, 3, 8}) EXPECT_EQ(sums(workers), alone) << n;
  }
}

TEST_F(parallel_scan_test, keeps_the_order_of_what_is_joined) {
  for (const int workers : {1, 3}) {
    scheduler pool{{.workers = workers}};
    std::vector<std::string> letters(500);
    for (std::size_t i = 0; i < letters.size(); ++i) letters[i] = static_cast<char>('a' + i % 26);
    const std::string all = std::accumulate(letters.begin(), letters.end(), std::string());
    std::vector<std::string> before(letters.size());
    sync_wait(pool, parallel_scan_exclusive(letters, before.begin(), std::string("<"), std::plus<>(), {.grain = 7}));
    sync_wait(pool, parallel_scan(letters, letters.begin(), std::plus<>(), {.grain = 7}));
    for (std::size_t i = 0; i < letters.size(); ++i) {
      EXPECT_EQ(letters[i], all.substr(0, i + 1));
      EXPECT_EQ(before[i].substr(1), all.substr(0, i));
      EXPECT_EQ(before[i].front(), '<');
    }
  }
}

}  // namespace
}  // namespace weft
