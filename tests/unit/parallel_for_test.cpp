// SPDX-License-Identifier: Apache-2.0
// parallel_for, parallel_for_each, parallel_transform and parallel_invoke: each element once, whoever does it.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <ranges>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "balanced.hpp"
#include "small_tasks.hpp"

namespace weft {
namespace {

using test::number;
using test::run_everywhere;

struct parallel_for_test : test::balanced {};

/// Sizes at which something changes: nothing, less than a look, odd, some grains.
constexpr std::size_t sizes[] = {0, 1, 2, 3, 7, 8, 9, 63, 64, 65, 1000, 4097, 100'003};
const std::optional<std::size_t> grains[] = {std::nullopt, 1, 3, 64, 1'000'000};

/// Holds whoever comes until another one is there, too.
class meeting {
 public:
  void come() {
    std::unique_lock hold(lock_);
    ++here_;
    met_.notify_all();
    met_.wait(hold, [&] { return here_ >= 2; });
  }

 private:
  std::mutex lock_;
  std::condition_variable met_;
  int here_ = 0;
};

using counters = std::vector<std::atomic<int>>;
bool all_are_one(const counters& seen) {
  return std::ranges::all_of(seen, [](const std::atomic<int>& one) { return one == 1; });
}

task<> counts(std::size_t n, std::optional<std::size_t> grain) {
  counters seen(n);
  co_await parallel_for(0, n, [&](std::size_t i) { ++seen[i]; }, {.grain = grain});
  EXPECT_TRUE(all_are_one(seen)) << n;
}

TEST_F(parallel_for_test, calls_the_body_once_for_each_index) {
  for (const std::size_t n : sizes)
    for (const auto grain : grains) run_everywhere([&] { return counts(n, grain); });
}

TEST_F(parallel_for_test, takes_any_integers) {
  const auto sums = []() -> task<> {
    std::atomic<long> sum{0};
    co_await parallel_for(-3, 5, [&](int i) { sum += i; });
    EXPECT_EQ(sum, 4);
    co_await parallel_for(5, -3, [&](int i) { sum += i; });
    EXPECT_EQ(sum, 4) << "the wrong way round is nothing";
    co_await parallel_for(10, [&](int i) { sum += i; });
    EXPECT_EQ(sum, 49);
    co_await parallel_for(std::uint8_t{250}, std::uint8_t{255}, [&](int i) { sum += i; });
    EXPECT_EQ(sum, 49 + 250 + 251 + 252 + 253 + 254);
    co_await parallel_for(INT64_MAX - 2, INT64_MAX, [&](std::int64_t i) { sum += i == INT64_MAX - 1 ? 1 : 0; });
    EXPECT_EQ(sum, 50 + 250 + 251 + 252 + 253 + 254);
  };
  run_everywhere(sums);
}

TEST_F(parallel_for_test, two_workers_do_it_at_once) {
  scheduler pool{{.workers = 2}};
  meeting two;
  sync_wait(pool, parallel_for(0, 8, [&](int) { two.come(); }, {.grain = 1}));
}

TEST_F(parallel_for_test, what_turns_out_to_be_long_is_shared) {
  scheduler pool{{.workers = 2}};
  meeting two;
  std::atomic<std::uint64_t> sum{0};
  sync_wait(pool, parallel_for(0, 64, [&](int i) {
              if (i > 0) return two.come();
              std::uint64_t x = 1;
              for (int step = 0; step < 1'000'000; ++step) x = x * 6364136223846793005U + 1;
              sum += x;
            }));
}

TEST_F(parallel_for_test, awaits_bodies_that_are_tasks) {
  const auto later = [](std::size_t n, std::optional<std::size_t> grain) -> task<> {
    counters seen(n);
    co_await parallel_for(std::size_t{0}, n,
                          [&](std::size_t i) -> task<> {
                            if (i % 3 == 0) co_await yield();
                            ++seen[i];
                          },
                          {.grain = grain});
    EXPECT_TRUE(all_are_one(seen)) << n;
  };
  for (const std::size_t n : {0, 1, 2, 9, 1000})
    for (const auto grain : grains) run_everywhere([&] { return later(n, grain); });
}

TEST_F(parallel_for_test, a_body_that_waits_does_not_keep_its_worker) {
  test::gate door;
  scheduler pool{{.workers = 1}};
  auto done = spawn_future(pool, parallel_for(0, 2, [&](int) -> task<> { co_await door; }));
  door.wait_for_arrivals(2);  // the second one came while the first waited
  door.open();
  done.get();
}

TEST_F(parallel_for_test, keeps_a_body_that_can_only_be_moved) {
  const auto sums = []() -> task<> {
    std::atomic<int> sum{0};
    auto body = [&sum, one = std::make_unique<int>(1)](int) { sum += *one; };
    auto loop = parallel_for(0, 1000, std::move(body), {.grain = 7});
    co_await std::move(loop);
    EXPECT_EQ(sum, 1000);
  };
  run_everywhere(sums);
}

TEST_F(parallel_for_test, nests) {
  const auto nested = []() -> task<> {
    counters seen(64 * 64);
    co_await parallel_for(0, 64, [&](int i) {
      return parallel_for(0, 64, [&seen, i](int j) { ++seen[static_cast<std::size_t>(i * 64 + j)]; }, {.grain = 4});
    });
    EXPECT_TRUE(all_are_one(seen));
  };
  run_everywhere(nested);
}

TEST_F(parallel_for_test, goes_through_a_range) {
  const auto doubles = []() -> task<> {
    std::vector<int> numbers(10'001);
    std::iota(numbers.begin(), numbers.end(), 0);
    co_await parallel_for_each(numbers, [](int& one) { one *= 2; }, {.grain = 5});
    for (std::size_t i = 0; i < numbers.size(); ++i) EXPECT_EQ(numbers[i], static_cast<int>(2 * i));
    std::atomic<int> sum{0};
    co_await parallel_for_each(std::views::iota(0, 100), [&](int i) { sum += i; });
    EXPECT_EQ(sum, 4950);
    co_await parallel_for_each(std::vector<int>(10, 7), [&](int i) -> task<> { sum += co_await number(i); });
    EXPECT_EQ(sum, 4950 + 70);
  };
  run_everywhere(doubles);
}

TEST_F(parallel_for_test, takes_no_range_without_random_access) {
  static_assert(!detail::parallel_range<std::list<int>>);
  static_assert(detail::parallel_range<std::vector<int>&>);
}

TEST_F(parallel_for_test, transforms_a_range_into_another_or_itself) {
  const auto transforms = []() -> task<> {
    std::vector<int> numbers(5000, 3);
    std::vector<std::string> texts(5001, "last");
    const auto end = co_await parallel_transform(numbers, texts.begin(), [](int i) { return std::to_string(i); }, {.grain = 10});
    EXPECT_EQ(end, texts.end() - 1);
    EXPECT_EQ(texts.front(), "3");
    EXPECT_EQ(texts[4999], "3");
    EXPECT_EQ(texts[5000], "last");
    co_await parallel_transform(numbers, numbers.begin(), [](int i) { return i + 1; });
    EXPECT_EQ(std::accumulate(numbers.begin(), numbers.end(), 0), 4 * 5000);
  };
  run_everywhere(transforms);
}

TEST_F(parallel_for_test, invokes_functions_at_once_and_gives_what_they_give) {
  const auto invokes = []() -> task<> {
    const auto [one, text] = co_await parallel_invoke([] { return 1; }, []() -> task<std::string> { co_return "two"; });
    EXPECT_EQ(one, 1);
    EXPECT_EQ(text, "two");
    int first = 0, second = 0;
    co_await parallel_invoke([&] { first = 1; }, [&] { second = 2; });
    EXPECT_EQ(first + second, 3);
  };
  run_everywhere(invokes);
}

}  // namespace
}  // namespace weft
