// SPDX-License-Identifier: Apache-2.0
// The values of `weft stress`: what is taken, what is refused and with which words.
#include "tools/weft/stress_options.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace weft::tool {
namespace {

template <class Value>
std::string read(const char* text) {
  Value value;
  std::string error;
  return AbslParseFlag(text, &value, &error) ? AbslUnparseFlag(value) : "error: " + error;
}

TEST(task_total, is_a_whole_number_in_digits_or_with_an_exponent) {
  EXPECT_EQ(read<task_total>("1e7"), "10000000");
  EXPECT_EQ(read<task_total>("10000000"), "10000000");
  EXPECT_EQ(read<task_total>("2.5e3"), "2500");
  EXPECT_EQ(read<task_total>("1"), "1");
  EXPECT_EQ(read<task_total>("1e12"), "1000000000000");
}

TEST(task_total, refuses_everything_else) {
  for (const char* text : {"", "0", "-1", "+1", "1.5", "2e12", "1e400", "many", "1e7x", "inf", "nan", " 1", ".5"})
    EXPECT_EQ(read<task_total>(text), "error: a whole number from 1 to 1e12 is needed, such as 1e7 or 10000000") << text;
}

TEST(time_span, takes_units) {
  EXPECT_EQ(read<time_span>("30"), "30s");
  EXPECT_EQ(read<time_span>("30s"), "30s");
  EXPECT_EQ(read<time_span>("500ms"), "500ms");
  EXPECT_EQ(read<time_span>("1.5m"), "90s");
  EXPECT_EQ(read<time_span>("2h"), "7200s");
}

TEST(time_span, refuses_everything_else) {
  for (const char* text : {"", "0", "-1s", "s", "ms", "5 s", "1d", "169h", "0.1ms", "nan", "1e3x", "1.s"})
    EXPECT_EQ(read<time_span>(text), "error: a time from 1ms to 168h is needed, such as 30s, 500ms or 5m") << text;
}

TEST(seed_choice, takes_all_of_64_bits) {
  EXPECT_EQ(read<seed_choice>("0"), "0");
  EXPECT_EQ(read<seed_choice>("18446744073709551615"), "18446744073709551615");
  for (const char* text : {"", "-1", "18446744073709551616", "0x10", "1.0"})
    EXPECT_EQ(read<seed_choice>(text), "error: a whole number from 0 to 18446744073709551615 is needed") << text;
}

TEST(plant_choice, takes_what_this_build_can_find) {
  for (const char* name : {"lost-wakeup", "double-run", "leak", "overflow"}) EXPECT_EQ(read<plant_choice>(name), name);
  const auto known = plants();
  for (const char* name : {"race", "use-after-free"}) {
    const bool is_found = std::find(known.begin(), known.end(), name) != known.end();
    EXPECT_EQ(read<plant_choice>(name) == name, is_found) << name;
  }
  EXPECT_EQ(read<plant_choice>("leek").substr(0, 56), "error: allowed: lost-wakeup, double-run, leak, overflow");
  EXPECT_EQ(read<plant_choice>("").substr(0, 15), "error: allowed:");
}

}  // namespace
}  // namespace weft::tool
