// SPDX-License-Identifier: Apache-2.0
// The report for programs: its fields, and null for what is not known.
#include "tools/weft/bench_json.hpp"

#include <gtest/gtest.h>

namespace weft::tool {
namespace {

row make_row(const char* implementation, int threads, const run_result& result) {
  row one{.of = {{bench::find_workload("fib"), 20}, bench::find_implementation(implementation), threads},
          .seconds = {},
          .steals = {},
          .tasks = 0,
          .peak_rss_kib = 0,
          .failure = {}};
  one.add(result);
  return one;
}

run_result took(double seconds, std::optional<std::uint64_t> steals) { return {measured_run{{true, seconds, 1000, steals}, 5000}, {}}; }

TEST(report, holds_every_field_of_a_row) {
  const auto report = to_json({make_row("weft", 1, took(2, 0)), make_row("weft", 2, took(1, 17))});

  ASSERT_EQ(report.size(), 2u);
  EXPECT_EQ(report[1].dump(),
            R"({"workload":"fib","size":20,"implementation":"weft","threads":2,"median_s":1.0,"min_s":1.0,"runs_s":[1.0],)"
            R"("ns_per_task":1000000.0,"speedup":2.0,"peak_rss_kib":5000,"correct":true,"steals":17})");
}

TEST(report, has_null_for_what_is_not_known) {
  const auto report = to_json({make_row("tbb", 2, took(1, std::nullopt))});

  EXPECT_TRUE(report[0]["speedup"].is_null());
  EXPECT_TRUE(report[0]["steals"].is_null());
}

TEST(report, says_what_went_wrong) {
  const auto report = to_json(
      {make_row("weft", 1, {std::nullopt, "crashed: Aborted"}), make_row("tbb", 1, {measured_run{{false, 1, 10, std::nullopt}, 1}, {}})});

  EXPECT_EQ(report[0]["correct"], false);
  EXPECT_EQ(report[0]["failure"], "crashed: Aborted");
  EXPECT_TRUE(report[0]["median_s"].is_null());
  EXPECT_EQ(report[1]["correct"], false);
  EXPECT_EQ(report[1]["failure"], "wrong answer");
}

}  // namespace
}  // namespace weft::tool
