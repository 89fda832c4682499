// SPDX-License-Identifier: Apache-2.0
// A join whose last child ends at another scheduler is sent home through an injection queue, which links frames by the very
// word that holds the join's failures: they must neither be lost on the way, nor appear from the list's own links.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <stdexcept>
#include <utility>
#include <vector>

namespace weft {
namespace {

task<int> end_at(scheduler& other, int value) {
  co_await resume_on(other);
  if (value < 0) throw std::runtime_error("failed away from home");
  co_return value;
}

task<int> join_two(scheduler& other, int first, int second) {
  auto both = when_all(end_at(other, first), end_at(other, second));
  co_await both;
  co_return both.get<0>() + both.get<1>();
}

task<int> join_vector(scheduler& other, int first, int second) {
  std::vector<task<int>> tasks;
  tasks.push_back(end_at(other, first));
  tasks.push_back(end_at(other, second));
  const std::vector<int> values = co_await when_all(std::move(tasks));
  co_return values[0] + values[1];
}

using join = task<int> (*)(scheduler&, int, int);

class join_sent_home : public testing::Test {
 protected:
  scheduler home_{{.workers = 1}};
  scheduler other_{{.workers = 1}};
};
class join_of_two_sent_home : public join_sent_home, public testing::WithParamInterface<join> {};

TEST_P(join_of_two_sent_home, one_failure_arrives) {
  EXPECT_THROW(sync_wait(home_, GetParam()(other_, 1, -1)), std::runtime_error);
  EXPECT_THROW(sync_wait(home_, GetParam()(other_, -1, 1)), std::runtime_error);
}

TEST_P(join_of_two_sent_home, several_failures_arrive_together) {
  EXPECT_THROW(sync_wait(home_, GetParam()(other_, -1, -1)), exception_group);
}

/// What the next test's tasks tell each other.
struct traffic {
  static constexpr int joins = 8;
  static constexpr int leaves = 3 * joins;
  scheduler& other;
  std::atomic<int> left{0};     // leaves that have left home
  std::latch home_is_busy{1};
  std::latch arrived{leaves};
};

task<int> leaf(traffic& t, int value) {
  ++t.left;
  co_await resume_on(t.other);
  t.arrived.count_down();
  co_return value;
}

task<int> two_leaves(traffic& t) {
  auto both = when_all(leaf(t, 1), leaf(t, 2));
  co_await both;
  co_return both.get<0>() + both.get<1>();
}

task<int> three_leaves(traffic& t) {
  auto both = when_all(leaf(t, 1), two_leaves(t));
  co_await both;
  co_return both.get<0>() + both.get<1>();
}

task<> keep_other_busy(traffic& t) {
  t.home_is_busy.wait();
  co_return;
}

task<> keep_home_busy(traffic& t) {
  while (t.left != traffic::leaves) co_await yield();
  t.home_is_busy.count_down();
  t.arrived.wait();
}

// Home's only worker is blocked while joins pile up in its injection queue, so that they are linked to each other.
TEST_F(join_sent_home, nothing_arrives_but_what_was_sent) {
  traffic t{other_};
  spawn_detached(other_, keep_other_busy(t));
  std::vector<std::future<int>> sums;
  for (int i = 0; i < traffic::joins; ++i) sums.push_back(spawn_future(home_, three_leaves(t)));
  spawn_detached(home_, keep_home_busy(t));

  for (auto& sum : sums) EXPECT_EQ(sum.get(), 4);
  home_.stop();
  other_.stop();
}

INSTANTIATE_TEST_SUITE_P(of, join_of_two_sent_home, testing::Values(&join_two, &join_vector));

}  // namespace
}  // namespace weft
