// SPDX-License-Identifier: Apache-2.0
// The stress tests' own tools find what they are there for: planted, a lost task, a doubled one and a hang are reported.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <latch>
#include <vector>

#include "bitmap.hpp"
#include "scale.hpp"
#include "seed.hpp"
#include "watchdog.hpp"

namespace weft {
namespace {

TEST(planted, a_lost_and_a_doubled_item_show_in_the_bitmap) {
  test::bitmap done(200);
  for (std::size_t i = 0; i < 200; ++i)
    if (i != 63) done.mark(i);
  done.mark(64);

  EXPECT_EQ(done.lost(), 1U);
  EXPECT_EQ(done.twice(), 1U);
  EXPECT_EQ(done.count(), 199U);
  EXPECT_FALSE(done.has(63));
  EXPECT_TRUE(done.has(64));
}

TEST(planted, an_item_that_nobody_expected_shows_in_the_bitmap) {
  test::bitmap done(65);
  done.mark(65);

  EXPECT_EQ(done.twice(), 1U);
  EXPECT_EQ(done.lost(), 65U);
}

task<> wait_for_ever(std::latch& never) {
  never.wait();
  co_return;
}

void hang() {
  ::setenv("WEFT_PATIENCE", "1", 1);
  test::watchdog dog("the planted hang");
  std::latch never(1);
  scheduler pool{{.workers = 2, .name = "hanging"}};
  const test::watchdog::watched watch(dog, pool);
  sync_wait(pool, wait_for_ever(never));
}

TEST(planted, a_hang_is_reported_with_what_every_worker_and_thread_did) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(hang(), "watchdog: the planted hang: nothing has happened(.|\n)*1 live roots(.|\n)*thread hanging-1: State");
}

TEST(planted, a_seed_repeats_its_numbers_and_streams_differ) {
  std::vector<std::uint64_t> once, again, other;
  test::random_source first(1), second(1), third(2);
  for (int i = 0; i < 8; ++i) {
    once.push_back(first.next());
    again.push_back(second.next());
    other.push_back(third.next());
  }
  EXPECT_EQ(once, again);
  EXPECT_NE(once, other);
}

TEST(planted, counts_scale_but_never_to_nothing) {
  EXPECT_GE(test::scaled(1, 7), 7U);
  EXPECT_EQ(test::scaled(1'000'000), static_cast<std::uint64_t>(1e6 * test::scale()));
}

}  // namespace
}  // namespace weft
