// SPDX-License-Identifier: Apache-2.0
// Which runs are made, in which order, and what comes of them.
#include "tools/weft/series.hpp"

#include <gtest/gtest.h>

#include <absl/strings/str_cat.h>

namespace weft::tool {
namespace {

sized_workload work(const char* name, int size) { return {bench::find_workload(name), size}; }

implementation_list by(const std::vector<const char*>& names) {
  implementation_list list;
  for (const char* name : names) list.items.push_back(bench::find_implementation(name));
  return list;
}

std::string label(const subject& of) {
  return absl::StrCat(AbslUnparseFlag(of.work), " ", std::string(of.implementation->name), " ", of.threads);
}

std::vector<std::string> labels(const std::vector<row>& rows) {
  std::vector<std::string> all;
  for (const row& one : rows) all.push_back(label(one.of));
  return all;
}

run_result took(double seconds, std::optional<std::uint64_t> steals = std::nullopt) {
  return {measured_run{{true, seconds, 1000, steals}, 2048}, {}};
}

row with_runs(const subject& of, const std::vector<double>& seconds) {
  row one{.of = of, .seconds = {}, .steals = {}, .tasks = 0, .peak_rss_kib = 0, .failure = {}};
  for (const double each : seconds) one.add(took(each));
  return one;
}

subject of(const char* implementation, int threads) { return {work("fib", 20), bench::find_implementation(implementation), threads}; }

TEST(plan, has_a_row_for_each_and_only_one_for_what_takes_no_threads) {
  const auto rows = plan_rows({{work("fib", 20)}}, by({"weft", "serial"}), {{1, 2}});

  EXPECT_EQ(labels(rows), (std::vector<std::string>{"fib:20 weft 1", "fib:20 serial 1", "fib:20 weft 2"}));
}

TEST(plan, keeps_serial_at_one_thread_when_only_more_are_asked_for) {
  const auto rows = plan_rows({{work("fib", 20)}}, by({"weft", "serial"}), {{4, 2}});

  EXPECT_EQ(labels(rows), (std::vector<std::string>{"fib:20 serial 1", "fib:20 weft 2", "fib:20 weft 4"}));
}

TEST(series, takes_turns_within_a_workload_and_finishes_one_before_the_next) {
  auto rows = plan_rows({{work("fib", 20), work("skynet", 2)}}, by({"weft", "tbb"}), {{1}});
  std::vector<std::string> order;

  run_series(rows, 2, [&](const subject& what) {
    order.push_back(label(what));
    return took(1);
  });

  EXPECT_EQ(order, (std::vector<std::string>{"fib:20 weft 1", "fib:20 tbb 1", "fib:20 weft 1", "fib:20 tbb 1",  //
                                             "skynet:2 weft 1", "skynet:2 tbb 1", "skynet:2 weft 1", "skynet:2 tbb 1"}));
  EXPECT_EQ(count_failures(rows), 0u);
}

TEST(series, keeps_two_sizes_of_one_workload_apart) {
  auto rows = plan_rows({{work("fib", 20), work("fib", 21)}}, by({"weft"}), {{1}});

  run_series(rows, 1, [](const subject& what) { return took(what.work.size); });

  EXPECT_EQ(rows[0].median_seconds(), 20);
  EXPECT_EQ(rows[1].median_seconds(), 21);
}

TEST(series, does_not_run_again_what_failed_and_goes_on_with_the_rest) {
  auto rows = plan_rows({{work("fib", 20)}}, by({"weft", "tbb"}), {{1}});
  int weft_runs = 0;

  run_series(rows, 3, [&](const subject& what) {
    if (what.implementation->name != "weft") return took(1);
    ++weft_runs;
    return run_result{std::nullopt, "crashed: Aborted"};
  });

  EXPECT_EQ(weft_runs, 1);
  EXPECT_EQ(rows[0].failure, "crashed: Aborted");
  EXPECT_EQ(rows[1].seconds.size(), 3u);
  EXPECT_EQ(count_failures(rows), 1u);
}

TEST(series, fails_a_row_whose_answer_is_wrong_even_once) {
  auto rows = plan_rows({{work("fib", 20)}}, by({"weft"}), {{1}});
  int runs = 0;

  run_series(rows, 3, [&](const subject&) { return run_result{measured_run{{++runs != 2, 1.0, 10, std::nullopt}, 1}, {}}; });

  EXPECT_EQ(rows[0].failure, "wrong answer");
  EXPECT_FALSE(rows[0].is_complete());
  EXPECT_EQ(count_failures(rows), 1u);
}

TEST(row, takes_the_middle_run_and_the_quickest) {
  const row odd = with_runs(of("weft", 1), {3, 1, 2});
  const row even = with_runs(of("weft", 1), {4, 1, 2, 3});

  EXPECT_EQ(odd.median_seconds(), 2);
  EXPECT_EQ(odd.min_seconds(), 1);
  EXPECT_EQ(odd.max_seconds(), 3);
  EXPECT_EQ(even.median_seconds(), 2.5);
  EXPECT_EQ(odd.nanoseconds_per_task(), 2e9 / 1000);
}

TEST(row, reports_the_median_of_steals_only_if_they_are_counted) {
  row counted = with_runs(of("weft", 2), {});
  for (const std::uint64_t steals : {7u, 1u, 100u}) counted.add(took(1, steals));

  EXPECT_EQ(counted.median_steals(), std::optional<std::uint64_t>(7));
  EXPECT_EQ(with_runs(of("tbb", 2), {1}).median_steals(), std::nullopt);
}

TEST(ratio, compares_with_the_best_scheduler_of_the_same_workload_and_threads) {
  const std::vector<row> rows{with_runs(of("weft", 1), {2}), with_runs(of("tbb", 1), {5}), with_runs(of("serial", 1), {1}),
                              with_runs(of("tbb", 2), {3})};

  EXPECT_EQ(ratio_to_best(rows[0], rows), std::optional<double>(1));
  EXPECT_EQ(ratio_to_best(rows[1], rows), std::optional<double>(2.5));
  EXPECT_EQ(ratio_to_best(rows[2], rows), std::optional<double>(0.5));
  EXPECT_EQ(ratio_to_best(rows[3], rows), std::optional<double>(1));
}

TEST(ratio, is_absent_without_a_scheduler_to_compare_with) {
  const std::vector<row> rows{with_runs(of("serial", 1), {1}), with_runs(of("weft", 1), {})};

  EXPECT_EQ(ratio_to_best(rows[0], rows), std::nullopt);
  EXPECT_EQ(ratio_to_best(rows[1], rows), std::nullopt);
}

TEST(speedup, compares_with_the_own_run_on_one_thread) {
  const std::vector<row> rows{with_runs(of("weft", 1), {4}), with_runs(of("tbb", 2), {1}), with_runs(of("weft", 2), {2})};

  EXPECT_EQ(speedup(rows[2], rows), std::optional<double>(2));
  EXPECT_EQ(speedup(rows[0], rows), std::optional<double>(1));
  EXPECT_EQ(speedup(rows[1], rows), std::nullopt);
}

}  // namespace
}  // namespace weft::tool
