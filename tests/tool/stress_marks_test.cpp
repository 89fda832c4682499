// SPDX-License-Identifier: Apache-2.0
// The bitmap of `weft stress`: what is lost, doubled, late or not expected shows, and ranges of numbers are cut without a gap.
#include "tools/weft/stress_marks.hpp"

#include <gtest/gtest.h>

namespace weft::tool::stress {
namespace {

TEST(marks, show_what_is_missing_and_what_came_twice) {
  marks done(200);
  done.open({1000, 130});
  for (std::uint64_t i = 1000; i < 1130; ++i)
    if (i != 1063 && i != 1129) done.mark(i);
  done.mark(1064);

  EXPECT_EQ(done.count(), 128u);
  EXPECT_EQ(done.doubled(), 1u);
  EXPECT_EQ(done.missing(8), (std::vector<std::uint64_t>{1063, 1129}));
  EXPECT_EQ(done.missing(1), (std::vector<std::uint64_t>{1063}));
}

TEST(marks, take_a_number_of_another_round_for_a_doubled_task) {
  marks done(64);
  done.open({64, 64});
  done.mark(63);
  done.mark(128);

  EXPECT_EQ(done.count(), 0u);
  EXPECT_EQ(done.doubled(), 2u);
}

TEST(marks, start_afresh_with_every_round_and_keep_what_was_doubled) {
  marks done(64);
  done.open({0, 64});
  done.mark(1);
  done.mark(1);
  done.open({64, 10});

  EXPECT_EQ(done.count(), 0u);
  EXPECT_EQ(done.doubled(), 1u);
  EXPECT_EQ(done.expected().end(), 74u);
}

TEST(numbers, are_cut_into_pieces_without_a_gap) {
  const numbers all{100, 17};
  for (std::uint64_t pieces = 1; pieces <= 20; ++pieces) {
    std::uint64_t next = all.first;
    for (std::uint64_t i = 0; i < pieces; ++i) {
      const numbers one = all.piece(i, pieces);
      EXPECT_EQ(one.first, next);
      next = one.end();
    }
    EXPECT_EQ(next, all.end());
  }
}

TEST(numbers, add_up) {
  EXPECT_EQ((numbers{5, 0}.sum()), 0u);
  EXPECT_EQ((numbers{5, 1}.sum()), 5u);
  EXPECT_EQ((numbers{5, 4}.sum()), 5u + 6 + 7 + 8);
  EXPECT_EQ((numbers{5, 5}.sum()), 5u + 6 + 7 + 8 + 9);
}

}  // namespace
}  // namespace weft::tool::stress
