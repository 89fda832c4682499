// SPDX-License-Identifier: Apache-2.0
// The lists of live roots: who is let in while the intake closes, and what is counted and named.
#include "scheduler/registry.hpp"

#include <gtest/gtest.h>

#include <array>
#include <thread>
#include <vector>

namespace weft::sched {
namespace {

using counter = detail::atomic<std::uint32_t>;

TEST(registry, counts_what_every_list_holds) {
  registry roots(2);
  std::array<root, 3> live;
  counter ended{0};

  EXPECT_TRUE(roots.add(live[0], 0));
  EXPECT_TRUE(roots.add(live[1], 1));
  EXPECT_TRUE(roots.add(live[2], roots.outside()));
  EXPECT_EQ(roots.count(), 3U);

  for (root& r : live) roots.remove(r, ended);
  EXPECT_EQ(roots.count(), 0U);
}

TEST(registry, takes_roots_out_of_the_front_the_middle_and_the_end) {
  for (const std::array<std::size_t, 3>& order : {std::array<std::size_t, 3>{0, 1, 2}, {1, 0, 2}, {2, 1, 0}, {1, 2, 0}}) {
    registry roots(1);
    std::array<root, 3> live;
    counter ended{0};
    for (root& r : live) ASSERT_TRUE(roots.add(r, 0));

    std::size_t rest = 3;
    for (const std::size_t i : order) {
      roots.remove(live[i], ended);
      EXPECT_EQ(roots.count(), --rest);
      EXPECT_EQ(roots.list(10, true).size(), rest);
    }
  }
}

TEST(registry, refuses_outsiders_first_and_then_everybody) {
  registry roots(1);
  std::array<root, 4> live;

  roots.close(intake::workers_only);
  EXPECT_FALSE(roots.add(live[0], roots.outside()));
  EXPECT_TRUE(roots.add(live[1], 0));

  roots.close(intake::closed);
  EXPECT_FALSE(roots.add(live[2], 0));
  EXPECT_FALSE(roots.add(live[3], roots.outside()));
  EXPECT_EQ(roots.count(), 1U) << "what was accepted stays";
}

TEST(registry, counts_the_ends_only_while_the_intake_is_closed) {
  registry roots(1);
  std::array<root, 2> live;
  counter ended{0};
  for (root& r : live) ASSERT_TRUE(roots.add(r, 0));

  roots.remove(live[0], ended);
  EXPECT_EQ(ended.load(), 0U);
  roots.close(intake::workers_only);
  roots.remove(live[1], ended);

  EXPECT_EQ(ended.load(), 1U);
}

std::vector<std::string> names(registry& roots, std::size_t most) {
  std::vector<std::string> found;
  for (const live_root& one : roots.list(most, false)) found.push_back(one.name);
  return found;
}

TEST(registry, lists_up_to_as_many_roots_as_asked_for) {
  registry roots(1);
  std::array<root, 2> live;
  detail::set_name(live[0], "first");
  detail::set_name(live[1], "second");
  ASSERT_TRUE(roots.add(live[0], 0));
  ASSERT_TRUE(roots.add(live[1], roots.outside()));

  EXPECT_EQ(names(roots, 5), (std::vector<std::string>{"first", "second"}));
  EXPECT_EQ(names(roots, 1), std::vector<std::string>{"first"});
  EXPECT_TRUE(names(roots, 0).empty());
}

TEST(registry, a_long_name_is_cut_off) {
  root r;

  detail::set_name(r, std::string(100, 'x'));

  EXPECT_EQ(std::string(r.name), std::string(root::name_bytes - 1, 'x'));
}

TEST(registry, lists_are_kept_while_several_threads_use_them) {
  registry roots(2);
  counter ended{0};
  std::vector<std::jthread> threads;
  for (unsigned list = 0; list < 3; ++list)
    threads.emplace_back([&, list] {
      std::array<root, 4> live;
      for (int round = 0; round < 1000; ++round) {
        for (root& r : live)
          if (!roots.add(r, list)) std::abort();
        for (root& r : live) roots.remove(r, ended);
      }
    });
  while (ended.load() == 0 && roots.count() > 12) {
  }
  threads.clear();

  EXPECT_EQ(roots.count(), 0U);
  EXPECT_EQ(ended.load(), 0U);
}

}  // namespace
}  // namespace weft::sched
