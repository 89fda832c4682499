// SPDX-License-Identifier: Apache-2.0
// The line between a measuring child and its parent, and what else may stand where it should.
#include "tools/weft/measurement_line.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace weft::tool {
namespace {

TEST(line, comes_back_as_it_was) {
  const auto back = from_line(to_line({{true, 0.125, 12345678901, 42}, 7168}));

  ASSERT_TRUE(back.has_value());
  EXPECT_TRUE(back->outcome.correct);
  EXPECT_EQ(back->outcome.seconds, 0.125);
  EXPECT_EQ(back->outcome.tasks, 12345678901u);
  EXPECT_EQ(back->outcome.steals, std::optional<std::uint64_t>(42));
  EXPECT_EQ(back->peak_rss_kib, 7168);
}

TEST(line, keeps_steals_that_nobody_counts_absent) {
  const auto back = from_line(to_line({{false, 1, 1, std::nullopt}, 1}));

  ASSERT_TRUE(back.has_value());
  EXPECT_FALSE(back->outcome.correct);
  EXPECT_FALSE(back->outcome.steals.has_value());
}

TEST(line, of_any_other_kind_is_refused) {
  for (const char* text :
       {"", "\n", "null", "[]", "{}", "ok", "{\"correct\":true", "{\"correct\":1,\"seconds\":1,\"tasks\":1,\"peak_rss_kib\":1}",
        "{\"correct\":true,\"seconds\":\"1\",\"tasks\":1,\"peak_rss_kib\":1}",
        "{\"correct\":true,\"seconds\":1,\"tasks\":-1,\"peak_rss_kib\":1}", "{\"correct\":true,\"seconds\":1,\"tasks\":1}"}) {
    EXPECT_FALSE(from_line(text).has_value()) << text;
  }
}

TEST(peak_rss, grows_with_what_is_touched) {
  const std::int64_t before = own_peak_rss_kib();
  ASSERT_GT(before, 0);

  const std::vector<char> touched(64 << 20, 'x');

  EXPECT_GE(own_peak_rss_kib(), before + 32 * 1024) << touched.back();
}

}  // namespace
}  // namespace weft::tool
