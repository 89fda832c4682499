// SPDX-License-Identifier: Apache-2.0
// Parallel algorithms of random sizes and grains on each number of workers: results as one worker gives them, failures all told, frames
// back.
#include <weft/frames.hpp>
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "scale.hpp"
#include "seed.hpp"
#include "watchdog.hpp"

namespace weft {
namespace {

class parallel_stress : public testing::TestWithParam<int> {};

parallel_options random_grain(test::random_source& random, std::size_t n) {
  if (random.next() % 3 == 0) return {};
  return {.grain = 1 + random.next() % (n / 4 + 1)};
}

task<> loops(test::random_source& random) {
  const std::size_t n = random.next() % 20'000;
  std::vector<std::uint32_t> seen(n);
  const parallel_options options = random_grain(random, n);
  if (random.next() % 4 == 0)
    co_await parallel_for(
        std::size_t{0}, n,
        [&](std::size_t i) -> task<> {
          if (i % 64 == 0) co_await yield();
          ++seen[i];
        },
        options);
  else
    co_await parallel_for(std::size_t{0}, n, [&](std::size_t i) { ++seen[i]; }, options);
  EXPECT_EQ(std::count(seen.begin(), seen.end(), 1U), static_cast<std::ptrdiff_t>(n));
}

task<> sums(test::random_source& random) {
  const std::size_t n = random.next() % 20'000;
  std::vector<std::uint32_t> numbers(n), out(n), expected(n);
  for (auto& one : numbers) one = static_cast<std::uint32_t>(random.next());
  const std::uint32_t sum = co_await parallel_reduce(numbers, 0U, std::plus<>(), random_grain(random, n));
  EXPECT_EQ(sum, std::accumulate(numbers.begin(), numbers.end(), 0U));
  std::inclusive_scan(numbers.begin(), numbers.end(), expected.begin());
  co_await parallel_scan(numbers, out.begin(), std::plus<>(), random_grain(random, n));
  EXPECT_TRUE(out == expected);
}

task<> sorts(test::random_source& random) {
  const std::size_t n = random.next() % 20'000;
  const std::uint64_t range = 1 + random.next() % 10'000;
  std::vector<std::uint32_t> numbers(n);
  for (auto& one : numbers) one = static_cast<std::uint32_t>(random.next() % range);
  auto expected = numbers;
  std::sort(expected.begin(), expected.end());
  const parallel_options options = random_grain(random, n);
  if (random.next() % 2 == 0)
    co_await parallel_sort(numbers, std::less<>(), options);
  else
    co_await parallel_stable_sort(numbers, std::less<>(), options);
  EXPECT_TRUE(numbers == expected);
}

// Each index that is a multiple of one number throws: of those that were called, all are told, in order.
task<> failures(test::random_source& random) {
  const std::size_t every = 50 + random.next() % 500;
  std::atomic<std::size_t> thrown{0};
  const auto body = [&](std::size_t i) {
    if (i % every != 0) return;
    ++thrown;
    throw std::runtime_error(std::to_string(i));
  };
  std::size_t told = 0;
  long last = -1;
  try {
    co_await parallel_for(std::size_t{0}, std::size_t{5000}, body, {.grain = 1 + random.next() % 40});
  } catch (const exception_group& group) {
    group.visit([&](const std::exception_ptr& failure) {
      const long index = std::stol(detail::exception_as<std::runtime_error>(failure)->what());
      EXPECT_LT(last, index);
      last = index;
      ++told;
    });
  } catch (const std::runtime_error&) {
    told = 1;
  }
  EXPECT_EQ(told, thrown);
}

task<> anything(std::uint64_t number) {
  auto random = test::random_source(number);
  switch (random.next() % 4) {
    case 0: co_await loops(random); break;
    case 1: co_await sums(random); break;
    case 2: co_await sorts(random); break;
    default: co_await failures(random);
  }
}

TEST_P(parallel_stress, results_are_right_and_every_frame_comes_back) {
  const std::size_t frames_before = live_frames();
  test::watchdog dog("parallel_stress");
  const std::uint64_t total = test::scaled(20'000, 200);
  {
    scheduler pool{{.workers = GetParam()}};
    const test::watchdog::watched watch(dog, pool);
    sync_wait(pool, parallel_for(std::uint64_t{0}, total, [](std::uint64_t i) { return anything(i); }));
  }
  EXPECT_EQ(live_frames(), frames_before);
}

INSTANTIATE_TEST_SUITE_P(workers, parallel_stress, testing::Values(1, 2, 4, 16), [](const auto& run) { return std::to_string(run.param); });

}  // namespace
}  // namespace weft
