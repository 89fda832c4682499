// SPDX-License-Identifier: Apache-2.0
// Progress is shown at a bearable rate: the caller's clock says when.
#include "tools/weft/progress.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace weft::tool {
namespace {

using seconds = progress::seconds;

TEST(progress, is_silent_in_short_commands) {
  std::ostringstream out;
  progress shown(out, progress::style::lines);

  shown.show("one", seconds(0));
  shown.show("two", seconds(1.99));
  shown.clear();

  EXPECT_EQ(out.str(), "");
}

TEST(progress, writes_a_line_every_few_seconds) {
  std::ostringstream out;
  progress shown(out, progress::style::lines);

  shown.show("one", seconds(2));
  shown.show("two", seconds(6.9));
  shown.show("three", seconds(7));
  shown.clear();

  EXPECT_EQ(out.str(), "one\nthree\n");
}

TEST(progress, rewrites_one_line_of_a_terminal_and_clears_it_once) {
  std::ostringstream out;
  progress shown(out, progress::style::rewritten);

  shown.show("one", seconds(2));
  shown.show("two", seconds(2.5));
  shown.clear();
  shown.clear();

  EXPECT_EQ(out.str(), "\r\033[Kone\r\033[Ktwo\r\033[K");
}

}  // namespace
}  // namespace weft::tool
