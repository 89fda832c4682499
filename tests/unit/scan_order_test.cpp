// SPDX-License-Identifier: Apache-2.0
// The order of the blocks of a scan, step by step, and under random choices of who is next.
#include "weft/detail/scan_order.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <utility>
#include <vector>

#include "seed.hpp"

namespace weft::detail {
namespace {

std::pair<scan_step, std::size_t> next_of(scan_order& order) {
  const scan_turn turn = order.next();
  return {turn.step, turn.block};
}
using turn = std::pair<scan_step, std::size_t>;

TEST(scan_order_test, one_worker_leads_every_block) {
  scan_order order(3);
  for (std::size_t b = 0; b < 3; ++b) {
    EXPECT_TRUE(order.has_more());
    EXPECT_EQ(next_of(order), turn(scan_step::lead, b));
    EXPECT_FALSE(order.reached(b + 1));
  }
  EXPECT_FALSE(order.has_more());
  EXPECT_EQ(next_of(order), turn(scan_step::none, 0));
}

TEST(scan_order_test, a_second_worker_sums_ahead_until_the_chain_comes_and_both_pass_what_it_summed) {
  scan_order order(5);
  EXPECT_EQ(next_of(order), turn(scan_step::lead, 0));
  EXPECT_EQ(next_of(order), turn(scan_step::sum, 1));
  EXPECT_FALSE(order.summed(1)) << "the chain is at block 0";
  EXPECT_EQ(next_of(order), turn(scan_step::sum, 2));
  EXPECT_FALSE(order.summed(2));
  EXPECT_TRUE(order.reached(1));
  EXPECT_EQ(next_of(order), turn(scan_step::pass, 1)) << "its prefix is there, while the walk goes on";
  EXPECT_TRUE(order.reached(2));
  EXPECT_FALSE(order.reached(3));
  EXPECT_EQ(next_of(order), turn(scan_step::lead, 3));
  EXPECT_EQ(next_of(order), turn(scan_step::pass, 2));
  EXPECT_EQ(next_of(order), turn(scan_step::sum, 4));
  EXPECT_FALSE(order.reached(4)) << "it is not summed yet";
  EXPECT_TRUE(order.summed(4)) << "who sums it walks on";
  EXPECT_FALSE(order.reached(5));
  EXPECT_EQ(next_of(order), turn(scan_step::pass, 4));
  EXPECT_EQ(next_of(order), turn(scan_step::none, 0));
}

/// A worker of the random walk below, and what it does now.
struct player {
  turn doing{scan_step::none, 0};
  bool walks = false;
  bool is_out = false;
};

TEST(scan_order_test, every_block_is_led_or_passed_once_whoever_is_slow) {
  for (std::uint64_t round = 0; round < 2000; ++round) {
    auto random = test::random_source(round);
    const std::size_t blocks = 1 + random.next() % 12;
    scan_order order(blocks);
    std::vector<player> players(1 + random.next() % 4);
    std::vector<int> written(blocks), has_sum(blocks), has_prefix(blocks + 1);
    has_prefix[0] = 1;
    const auto walk = [&](player& p) {  // one block on
      const std::size_t b = p.doing.second;
      EXPECT_TRUE(has_prefix[b] && has_sum[b]);
      has_prefix[b + 1] = 1;
      p.doing.second = b + 1;
      p.walks = order.reached(b + 1);
    };
    for (std::size_t out = 0; out < players.size();) {
      player& p = players[random.next() % players.size()];
      if (p.is_out) continue;
      if (p.walks) {
        walk(p);
        continue;
      }
      if (p.doing.first == scan_step::lead) {
        has_sum[p.doing.second] = 1;
        p.walks = true;
      } else if (p.doing.first == scan_step::sum) {
        has_sum[p.doing.second] = 1;
        p.walks = order.summed(p.doing.second);
      }
      p.doing.first = scan_step::none;
      if (p.walks) continue;
      p.doing = next_of(order);
      if (p.doing.first == scan_step::none) {
        p.is_out = true;
        ++out;
      } else if (p.doing.first != scan_step::sum) {
        EXPECT_TRUE(has_prefix[p.doing.second]);
        ++written[p.doing.second];
      }
    }
    EXPECT_EQ(written, std::vector<int>(blocks, 1)) << "round " << round;
  }
}

}  // namespace
}  // namespace weft::detail
