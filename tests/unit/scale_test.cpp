// SPDX-License-Identifier: Apache-2.0
// WEFT_SCALE: which texts are a scale, what is said about others, and what becomes of a count.
#include "scale.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>

namespace weft::test {
namespace {

TEST(scale, is_a_number_above_zero_and_nothing_else) {
  EXPECT_EQ(parse_scale("1"), 1.0);
  EXPECT_EQ(parse_scale("0.25"), 0.25);
  EXPECT_EQ(parse_scale("1e2"), 100.0);
  for (const char* text : {"", "0", "-1", "ten", "1x", "1 2", "0,5", "inf", "nan"}) EXPECT_EQ(parse_scale(text), std::nullopt) << text;
}

TEST(scale, multiplies_counts_down_to_the_least_that_proves_something) {
  ::setenv("WEFT_SCALE", "0.5", 1);

  EXPECT_EQ(scaled(100), 50U);
  EXPECT_EQ(scaled(100, 80), 80U);
  EXPECT_EQ(scaled(1), 1U);
}

void use_scale(const char* text) {
  ::setenv("WEFT_SCALE", text, 1);
  static_cast<void>(scaled(100));
}

TEST(scale_death, what_is_no_scale_ends_the_process_and_is_told_what_is_allowed) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(use_scale("ten"), testing::ExitedWithCode(2), "WEFT_SCALE is \"ten\"; it must be a number above 0, such as 0.01, 1 or 10");
  EXPECT_EXIT(use_scale(""), testing::ExitedWithCode(2), "it must be a number above 0");
}

}  // namespace
}  // namespace weft::test
