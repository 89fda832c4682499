// SPDX-License-Identifier: Apache-2.0
// The table for people: units, columns, and rows that failed.
#include "tools/weft/bench_table.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <utility>

namespace weft::tool {
namespace {

row make_row(const char* implementation, int threads, double seconds) {
  row one{.of = {{bench::find_workload("fib"), 39}, bench::find_implementation(implementation), threads},
          .seconds = {},
          .steals = {},
          .tasks = 0,
          .peak_rss_kib = 0,
          .failure = {}};
  one.add({measured_run{{true, seconds, 204668309, std::nullopt}, 5 * 1024}, {}});
  return one;
}

std::string table(const std::vector<row>& rows) {
  std::ostringstream out;
  print_table(out, rows);
  return out.str();
}

TEST(table, shows_ratio_and_time_per_task_and_speed_up) {
  const std::string text =
      table({make_row("weft", 1, 1.25), make_row("tbb", 1, 7.5), make_row("serial", 1, 0.125), make_row("weft", 2, 0.625)});

  EXPECT_NE(text.find("fib 39: Fibonacci number n by naive recursion, one task a call; 204.7 million tasks\n"), std::string::npos) << text;
  EXPECT_NE(text.find("        1  weft              1.25 s    1.25 s    0.0%    1.00       6.11      1.00    5.0 MiB           -\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("    6.00 "), std::string::npos) << text;
  EXPECT_NE(text.find("  (0.10)"), std::string::npos) << text;
  EXPECT_NE(text.find("      2.00 "), std::string::npos) << text;
}

TEST(table, keeps_its_columns_whatever_the_spread) {
  const std::string usual = table({make_row("weft", 1, 1)});
  for (const auto& [slowest, spread] : {std::pair{9.0, " 800.0%"}, {100.5, "9950.0%"}, {101.0, " >9999%"}, {1e9, " >9999%"}}) {
    row one = make_row("weft", 1, 1);
    for (const double seconds : {1.0, slowest}) one.add({measured_run{{true, seconds, 204668309, std::nullopt}, 5 * 1024}, {}});
    const std::string text = table({one});

    EXPECT_NE(text.find(std::string("    1.00 s    1.00 s ") + spread), std::string::npos) << text;
    EXPECT_EQ(text.size(), usual.size()) << text;
  }
}

TEST(table, fits_in_110_columns_with_the_largest_numbers) {
  row wide = make_row("floor", 256, 99999);
  wide.steals = {99999999999};
  wide.peak_rss_kib = 1023 * 1024 * 1024LL;
  std::istringstream lines(table({make_row("weft", 1, 1e-6), wide}));

  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 110u) << line;
}

TEST(table, says_why_a_row_failed) {
  row failed = make_row("weft", 1, 1);
  failed.failure = "wrong answer";

  const std::string text = table({failed, make_row("tbb", 1, 7.5)});

  EXPECT_NE(text.find("        1  weft            wrong answer\n"), std::string::npos) << text;
  EXPECT_NE(text.find("    1.00 "), std::string::npos) << "what failed is not the best\n" << text;
}

TEST(units, are_chosen_for_reading) {
  EXPECT_EQ(time_text(123.4), "123 s");
  EXPECT_EQ(time_text(12.34), "12.3 s");
  EXPECT_EQ(time_text(1.234), "1.23 s");
  EXPECT_EQ(time_text(0.1234), "123 ms");
  EXPECT_EQ(time_text(0.01234), "12.3 ms");
  EXPECT_EQ(time_text(0.001234), "1.23 ms");
  EXPECT_EQ(time_text(0.0000123), "12.3 us");
  EXPECT_EQ(memory_text(640), "640 KiB");
  EXPECT_EQ(memory_text(7 * 1024 + 103), "7.1 MiB");
  EXPECT_EQ(memory_text(300 * 1024), "300 MiB");
  EXPECT_EQ(memory_text(12LL * 1024 * 1024), "12.0 GiB");
  EXPECT_EQ(count_text(4181), "4181");
  EXPECT_EQ(count_text(18454929), "18.5 million");
}

TEST(machine_line, says_how_much_of_the_machine_is_ours) {
  machine on;
  on.cpu_model = "Some Processor";
  on.online_cpus = 8;
  on.affinity_cpus = 4;
  EXPECT_EQ(machine_line(on).find("Some Processor; 4 of 8 processors usable, no quota; "), 0u) << machine_line(on);

  on.quota_cpus = 1.5;
  EXPECT_NE(machine_line(on).find("quota 1.50"), std::string::npos) << machine_line(on);
}

}  // namespace
}  // namespace weft::tool
