// SPDX-License-Identifier: Apache-2.0
// Parallel algorithms whose bodies throw, that are cancelled, and that are called wrongly.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <numeric>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "balanced.hpp"
#include "small_tasks.hpp"

namespace weft {
namespace {

using test::mishap;
using test::run_everywhere;

struct parallel_failure : test::balanced {};

/// What came of a task: the texts of its mishaps, or of what else it threw.
task<std::string> told(task<> t) {
  try {
    co_await std::move(t);
  } catch (const exception_group& group) {
    co_return test::texts_of(group);
  } catch (const std::exception& e) {
    co_return e.what();
  }
  co_return "nothing";
}

std::string told_by(int workers, task<> t) {
  scheduler pool{{.workers = workers}};
  return sync_wait(pool, told(std::move(t)));
}

template <class T>
task<> ignores(task<T> t) {
  static_cast<void>(co_await std::move(t));
}

task<> parallel_invoke_all() {
  co_await parallel_invoke([] { throw mishap("first"); },
                           []() -> task<> {
                             co_await yield();
                             throw mishap("second");
                           });
}

TEST_F(parallel_failure, one_arrives_as_it_is_and_ends_the_loop) {
  for (const int workers : {1, 3}) {
    std::atomic<int> calls{0};
    EXPECT_EQ(told_by(workers, parallel_for(0, 100'000,
                                            [&](int i) {
                                              ++calls;
                                              if (i == 7) throw mishap("seven");
                                            },
                                            {.grain = 1})),
              "seven");
    EXPECT_LT(calls, 100'000);
  }
}

TEST_F(parallel_failure, of_a_body_that_is_a_task) {
  for (const int workers : {1, 3})
    EXPECT_EQ(told_by(workers, parallel_for(0, 1000,
                                            [](int i) -> task<> {
                                              co_await yield();
                                              if (i == 700) throw mishap("later");
                                            })),
              "later");
}

// Each of two workers holds its element until the other one has come, then both throw.
TEST_F(parallel_failure, several_arrive_as_a_group_in_the_order_of_indices) {
  for (int repeated = 0; repeated < 20; ++repeated) {
    std::atomic<int> here{0};
    scheduler pool{{.workers = 2}};
    const auto loop = [&](int i) {
      ++here;
      while (here < 2) {  // the other worker comes: this one has offered it the other half
      }
      throw mishap(std::to_string(i));
    };
    const std::string texts = sync_wait(pool, told(parallel_for(0, 2, loop, {.grain = 1})));
    EXPECT_EQ(texts, "0 1 ");
  }
}

/// The first word of what is told: of several failures the first one.
std::string first_told(int workers, task<> t) {
  const std::string all = told_by(workers, std::move(t));
  return all.substr(0, all.find(' '));
}

TEST_F(parallel_failure, of_every_other_algorithm_is_told) {
  for (const int workers : {1, 3}) {
    std::vector<int> numbers(5000);
    std::iota(numbers.begin(), numbers.end(), 0);
    std::vector<int> out(5000);
    const auto fails = [](int a, int) -> int { throw mishap("joined " + std::to_string(a > 0)); };
    const auto fails_late = [](int a, int b) {
      if (b > 4000) throw mishap("late");
      return std::max(a, b);
    };
    const parallel_options fine{.grain = 64};
    EXPECT_EQ(first_told(workers, ignores(parallel_reduce(numbers, 0, fails_late, fine))), "late");
    EXPECT_EQ(told_by(workers, ignores(parallel_reduce(0, 1, 1, fails, std::identity(), fine))), "joined 1") << "with the first value";
    EXPECT_EQ(told_by(workers, ignores(parallel_reduce(
                                   0, 4000, 0, std::plus<>(),
                                   [](int i) -> task<int> {
                                     if (i == 17) throw mishap("task");
                                     co_return i;
                                   },
                                   fine))),
              "task");
    EXPECT_EQ(first_told(workers, ignores(parallel_scan(numbers, out.begin(), fails_late, {.grain = 1000}))), "late");
    EXPECT_EQ(first_told(workers, ignores(parallel_scan_exclusive(numbers, out.begin(), 0, fails_late, fine))), "late");
    EXPECT_EQ(told_by(workers, ignores(parallel_transform(numbers, out.begin(),
                                                          [](int i) {
                                                            if (i == 4999) throw mishap("last");
                                                            return i;
                                                          }))),
              "last");
    EXPECT_EQ(told_by(workers, parallel_invoke_all()), "first second ");
  }
}

TEST_F(parallel_failure, of_a_comparison_leaves_valid_elements) {
  for (const int workers : {1, 3}) {
    for (const std::size_t fails_at : {1, 100, 20'000, 30'000}) {
      std::vector<std::string> texts(6000);
      for (std::size_t i = 0; i < texts.size(); ++i) texts[i] = "a text that takes memory " + std::to_string(i * 7919 % 6000);
      std::atomic<std::size_t> compared{0};
      const auto before = [&](const std::string& a, const std::string& b) {
        if (++compared == fails_at) throw mishap("compared");
        return a < b;
      };
      EXPECT_EQ(told_by(workers, parallel_sort(texts, before, {.grain = 100})), "compared");
      compared = 0;
      EXPECT_EQ(told_by(workers, parallel_stable_sort(texts, before, {.grain = 100})), "compared");
      texts.assign(texts.size(), "may be assigned");
    }
  }
}

TEST_F(parallel_failure, a_cancelled_loop_ends_early_and_says_so) {
  for (const int workers : {1, 3}) {
    std::stop_source stop;
    std::atomic<int> calls{0};
    const auto body = [&](int) {
      if (++calls == 100) stop.request_stop();
    };
    EXPECT_EQ(told_by(workers, with_stop_token(stop.get_token(), parallel_for(0, 1'000'000, body, {.grain = 10}))),
              "weft: parallel_for was cancelled: a stop was requested");
    EXPECT_LT(calls, 1'000'000);
  }
}

TEST_F(parallel_failure, one_that_is_cancelled_before_does_nothing) {
  std::stop_source stop;
  stop.request_stop();
  const auto never = [](int) { ADD_FAILURE() << "was called"; };
  std::vector<int> numbers(100, 1);
  std::vector<int> backwards{3, 2, 1};
  const auto cancelled = [&](task<> t) { return told_by(2, with_stop_token(stop.get_token(), std::move(t))); };
  EXPECT_EQ(cancelled(parallel_for(0, 10, never)), "weft: parallel_for was cancelled: a stop was requested");
  EXPECT_EQ(cancelled(parallel_for_each(numbers, never)), "weft: parallel_for_each was cancelled: a stop was requested");
  EXPECT_EQ(cancelled(ignores(parallel_reduce(numbers, 0))), "weft: parallel_reduce was cancelled: a stop was requested");
  EXPECT_EQ(cancelled(ignores(parallel_scan(numbers, numbers.begin()))), "weft: parallel_scan was cancelled: a stop was requested");
  EXPECT_EQ(cancelled(ignores(parallel_scan_exclusive(numbers, numbers.begin(), 0))),
            "weft: parallel_scan_exclusive was cancelled: a stop was requested");
  EXPECT_EQ(cancelled(parallel_sort(backwards)), "weft: parallel_sort was cancelled: a stop was requested");
  EXPECT_EQ(cancelled(parallel_stable_sort(backwards)), "weft: parallel_stable_sort was cancelled: a stop was requested");
  EXPECT_EQ(backwards, (std::vector{3, 2, 1}));
  EXPECT_EQ(cancelled(parallel_for(0, 0, never)), "nothing") << "nothing was left out";
}

TEST_F(parallel_failure, a_grain_of_nothing_is_refused) {
  std::vector<int> numbers(10, 1);
  const parallel_options none{.grain = 0};
  const auto refused = [](auto call) -> std::string {
    try {
      static_cast<void>(call());
    } catch (const usage_error& e) {
      return e.what();
    }
    return "accepted";
  };
  const std::string rule = ": a grain has at least 1 element; leave it out to have it chosen";
  EXPECT_EQ(refused([&] { return parallel_for(0, 10, [](int) {}, none); }), "weft: parallel_for" + rule);
  EXPECT_EQ(refused([&] { return parallel_for_each(numbers, [](int) {}, none); }), "weft: parallel_for_each" + rule);
  EXPECT_EQ(refused([&] { return parallel_transform(numbers, numbers.begin(), std::negate<>(), none); }),
            "weft: parallel_transform" + rule);
  EXPECT_EQ(refused([&] { return parallel_reduce(numbers, 0, std::plus<>(), none); }), "weft: parallel_reduce" + rule);
  EXPECT_EQ(refused([&] { return parallel_scan(numbers, numbers.begin(), std::plus<>(), none); }), "weft: parallel_scan" + rule);
  EXPECT_EQ(refused([&] { return parallel_scan_exclusive(numbers, numbers.begin(), 0, std::plus<>(), none); }),
            "weft: parallel_scan_exclusive" + rule);
  EXPECT_EQ(refused([&] { return parallel_sort(numbers, std::less<>(), none); }), "weft: parallel_sort" + rule);
  EXPECT_EQ(refused([&] { return parallel_stable_sort(numbers, std::less<>(), none); }), "weft: parallel_stable_sort" + rule);
}

TEST_F(parallel_failure, the_largest_grain_is_one_part) {
  std::atomic<int> calls{0};
  EXPECT_EQ(told_by(3, parallel_for(0, 100, [&](int) { ++calls; }, {.grain = SIZE_MAX})), "nothing");
  EXPECT_EQ(calls, 100);
  std::vector<int> numbers{3, 1, 2};
  EXPECT_EQ(told_by(3, parallel_sort(numbers, std::less<>(), {.grain = SIZE_MAX})), "nothing");
  EXPECT_EQ(told_by(3, parallel_stable_sort(numbers, std::greater<>(), {.grain = SIZE_MAX})), "nothing");
  EXPECT_EQ(numbers, (std::vector{3, 2, 1}));
  EXPECT_EQ(told_by(3, ignores(parallel_scan(numbers, numbers.begin(), std::plus<>(), {.grain = SIZE_MAX}))), "nothing");
  EXPECT_EQ(numbers, (std::vector{3, 5, 6}));
}

}  // namespace
}  // namespace weft
