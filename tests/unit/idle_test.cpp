// SPDX-License-Identifier: Apache-2.0
// Who searches, who sleeps, whom to wake: the packed word by itself, then each transition of the policy.
#include "scheduler/idle.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace weft::sched {
namespace {

// --- the packed word ---

TEST(idle_state, starts_with_nobody) {
  const idle_state s;
  EXPECT_EQ(s.searchers(), 0U);
  EXPECT_EQ(s.top(), 0U);
  EXPECT_EQ(s.in_driver(), 0U);
  EXPECT_FALSE(s.has_sleepers());
  EXPECT_FALSE(s.must_wake());
}

TEST(idle_state, keeps_its_fields_apart) {
  const idle_state s = idle_state{}.with_searchers(3).with_top(1000).with_driver(999);
  EXPECT_EQ(s.searchers(), 3U);
  EXPECT_EQ(s.top(), 1000U);
  EXPECT_EQ(s.in_driver(), 999U);

  const idle_state emptied = s.with_top(0).with_driver(0).with_searchers(-3);
  EXPECT_EQ(emptied.searchers(), 0U);
  EXPECT_EQ(emptied.top(), 0U);
  EXPECT_EQ(emptied.in_driver(), 0U);
}

TEST(idle_state, says_that_somebody_sleeps_as_long_as_anybody_does) {
  EXPECT_TRUE(idle_state{}.with_top(1).has_sleepers());
  EXPECT_TRUE(idle_state{}.with_driver(1).has_sleepers());
  EXPECT_TRUE(idle_state{}.with_top(1).with_driver(2).with_top(0).has_sleepers());
  EXPECT_TRUE(idle_state{}.with_top(1).with_driver(2).with_driver(0).has_sleepers());
  EXPECT_FALSE(idle_state{}.with_top(1).with_driver(2).with_top(0).with_driver(0).has_sleepers());
}

TEST(idle_state, the_sign_of_the_word_is_what_the_hot_path_looks_at) {
  EXPECT_LT(static_cast<std::int64_t>(idle_state{}.with_top(1).word), 0);
  EXPECT_GE(static_cast<std::int64_t>(idle_state{}.with_searchers(5).word), 0);
}

TEST(idle_state, nobody_must_be_woken_while_somebody_searches) {
  EXPECT_TRUE(idle_state{}.with_top(1).must_wake());
  EXPECT_FALSE(idle_state{}.with_top(1).with_searchers(1).must_wake());
  EXPECT_FALSE(idle_state{}.with_searchers(1).must_wake());
}

TEST(idle_state, every_change_of_the_top_is_a_new_word) {
  const idle_state first = idle_state{}.with_top(7);
  const idle_state again = first.with_top(0).with_top(7);

  EXPECT_EQ(again.top(), first.top());
  EXPECT_NE(again.word, first.word);
}

TEST(idle_state, the_tag_wraps_without_touching_its_neighbours) {
  const idle_state full{idle_state::tag_mask};
  const idle_state wrapped = full.with_top(5);

  EXPECT_EQ(wrapped.word & idle_state::tag_mask, 0U);
  EXPECT_TRUE(wrapped.has_sleepers());
  EXPECT_EQ(wrapped.top(), 5U);
  EXPECT_EQ(wrapped.in_driver(), 0U);
  EXPECT_EQ(wrapped.with_top(0).word, idle_state::one_tag);
}

TEST(idle_state, a_mark_shows_where_nobody_sleeps_and_sets_the_sign_alone) {
  const idle_state marked = idle_state{}.with_searchers(2).with_mark();

  EXPECT_TRUE(marked.is_marked());
  EXPECT_LT(static_cast<std::int64_t>(marked.word), 0);
  EXPECT_FALSE(marked.has_sleepers());
  EXPECT_FALSE(marked.must_wake());
  EXPECT_EQ(marked.searchers(), 2U);
  EXPECT_EQ(marked.without_mark().word, idle_state{}.with_searchers(2).word);
}

TEST(idle_state, searchers_keep_a_mark_and_sleepers_drop_it) {
  const idle_state marked = idle_state{}.with_mark();

  EXPECT_TRUE(marked.with_searchers(1).is_marked());
  EXPECT_TRUE(marked.with_searchers(1).with_searchers(-1).is_marked());
  for (const idle_state asleep : {marked.with_top(1), marked.with_driver(1)}) {
    EXPECT_FALSE(asleep.is_marked());
    EXPECT_TRUE(asleep.must_wake());
    EXPECT_FALSE(asleep.with_top(0).with_driver(0).is_marked());
  }
}

TEST(idle_state, only_where_everybody_is_busy_a_mark_must_be_raised) {
  EXPECT_TRUE(idle_state{}.must_mark());
  EXPECT_FALSE(idle_state{}.with_mark().must_mark());
  EXPECT_FALSE(idle_state{}.with_searchers(1).must_mark());
  EXPECT_FALSE(idle_state{}.with_top(1).must_mark());
  EXPECT_FALSE(idle_state{}.with_driver(1).must_mark());
}

// --- the policy ---

constexpr unsigned nobody = sleeper::nobody;

// Puts a worker to bed, where it finds itself.
bed lie_down(idle& policy, unsigned index) {
  const bed where = policy.choose_bed();
  policy.announce(index, where, false);
  return where;
}

TEST(idle, the_first_sleeper_has_the_driver_and_the_next_lie_on_the_stack) {
  idle policy(3);

  EXPECT_EQ(lie_down(policy, 2), bed::driver);
  EXPECT_EQ(lie_down(policy, 0), bed::stack);
  EXPECT_EQ(lie_down(policy, 1), bed::stack);

  EXPECT_EQ(policy.load().in_driver(), 3U);
  EXPECT_EQ(policy.load().top(), 2U);
  EXPECT_TRUE(policy.all_asleep(3));
}

TEST(idle, the_driver_has_one_worker_until_that_one_is_up) {
  idle policy(2);
  ASSERT_EQ(lie_down(policy, 0), bed::driver);
  ASSERT_EQ(policy.take_sleeper().index, 0U);

  EXPECT_EQ(policy.choose_bed(), bed::stack) << "worker 0 is taken out of the word and not up yet";
  policy.leave_bed(bed::driver);

  EXPECT_EQ(policy.choose_bed(), bed::driver);
}

TEST(idle, leaving_the_stack_does_not_give_the_driver_away) {
  idle policy(3);
  ASSERT_EQ(policy.choose_bed(), bed::driver);

  policy.leave_bed(bed::stack);

  EXPECT_EQ(policy.choose_bed(), bed::stack);
}

TEST(idle, the_last_to_lie_down_is_woken_first_and_the_driver_last) {
  idle policy(4);
  for (const unsigned index : {3U, 1U, 0U, 2U}) lie_down(policy, index);

  for (const unsigned expected : {2U, 0U, 1U}) {
    const sleeper woken = policy.take_sleeper();
    EXPECT_EQ(woken.index, expected);
    EXPECT_EQ(woken.where, bed::stack);
    EXPECT_TRUE(policy.stop_search()) << "a woken worker counts as a searcher";
  }
  const sleeper last = policy.take_sleeper();
  EXPECT_EQ(last.index, 3U);
  EXPECT_EQ(last.where, bed::driver);
  EXPECT_FALSE(policy.load().has_sleepers());
  EXPECT_EQ(policy.load().searchers(), 1U);
}

TEST(idle, nobody_is_taken_while_somebody_searches) {
  idle policy(4);
  lie_down(policy, 0);
  ASSERT_TRUE(policy.start_search());

  EXPECT_EQ(policy.take_sleeper().index, nobody);
  EXPECT_EQ(policy.take_sleeper_after_quiet().index, nobody);
  EXPECT_TRUE(policy.stop_search());

  EXPECT_EQ(policy.take_sleeper_after_quiet().index, 0U);
}

TEST(idle, one_wake_is_enough_until_the_woken_worker_has_searched) {
  idle policy(4);
  lie_down(policy, 0);
  lie_down(policy, 1);

  EXPECT_EQ(policy.take_sleeper().index, 1U);
  EXPECT_EQ(policy.take_sleeper().index, nobody);
}

TEST(idle, nobody_is_taken_when_nobody_sleeps) {
  idle policy(2);
  const std::uint64_t before = policy.load().word;

  EXPECT_EQ(policy.take_sleeper().index, nobody);
  EXPECT_EQ(policy.take_sleeper_after_quiet().index, nobody);
  EXPECT_EQ(policy.load().word, before);
}

TEST(idle, work_from_outside_marks_the_word_once_when_everybody_is_busy) {
  idle policy(2);

  EXPECT_EQ(policy.take_sleeper_or_mark().index, nobody);
  const std::uint64_t marked = policy.load().word;
  EXPECT_TRUE(policy.load().is_marked());
  EXPECT_EQ(policy.take_sleeper_or_mark().index, nobody);
  EXPECT_EQ(policy.load().word, marked);

  EXPECT_TRUE(policy.clear_mark());
  EXPECT_FALSE(policy.clear_mark()) << "one worker looks";
  EXPECT_EQ(policy.load().word, 0U);
}

TEST(idle, work_from_outside_rather_wakes_a_sleeper_or_leaves_it_to_a_searcher) {
  idle policy(2);
  ASSERT_TRUE(policy.start_search());
  EXPECT_EQ(policy.take_sleeper_or_mark().index, nobody);
  EXPECT_FALSE(policy.load().is_marked());
  ASSERT_TRUE(policy.stop_search());
  lie_down(policy, 1);

  EXPECT_EQ(policy.take_sleeper_or_mark().index, 1U);

  EXPECT_FALSE(policy.load().is_marked());
  EXPECT_FALSE(policy.clear_mark());
}

TEST(idle, whoever_lies_down_drops_the_mark_and_looks_at_all_work_itself) {
  idle policy(2);
  ASSERT_EQ(policy.take_sleeper_or_mark().index, nobody);
  ASSERT_TRUE(policy.load().is_marked());

  lie_down(policy, 0);

  EXPECT_FALSE(policy.clear_mark());
  EXPECT_EQ(policy.take_sleeper().index, 0U);
  EXPECT_GE(static_cast<std::int64_t>(policy.load().word), 0);
}

TEST(idle, half_of_the_workers_search_and_no_more) {
  idle policy(5);

  EXPECT_TRUE(policy.start_search());
  EXPECT_TRUE(policy.start_search());
  EXPECT_TRUE(policy.start_search());
  EXPECT_FALSE(policy.start_search());

  EXPECT_FALSE(policy.stop_search());
  EXPECT_TRUE(policy.start_search());
}

TEST(idle, a_single_worker_may_search) {
  idle policy(1);

  EXPECT_TRUE(policy.start_search());
  EXPECT_FALSE(policy.start_search());
  EXPECT_TRUE(policy.stop_search());
}

TEST(idle, a_searcher_that_lies_down_stops_searching_in_the_same_step) {
  idle policy(4);
  ASSERT_TRUE(policy.start_search());
  const bed where = policy.choose_bed();

  policy.announce(1, where, true);

  EXPECT_EQ(policy.load().searchers(), 0U);
  EXPECT_TRUE(policy.load().must_wake());
}

TEST(idle, the_worker_in_the_driver_can_get_up_by_itself) {
  idle policy(2);
  ASSERT_EQ(lie_down(policy, 1), bed::driver);

  EXPECT_TRUE(policy.leave_driver(1));

  EXPECT_FALSE(policy.load().has_sleepers());
  EXPECT_EQ(policy.load().searchers(), 0U);
  EXPECT_FALSE(policy.all_asleep(1));
}

TEST(idle, a_worker_that_was_woken_first_cannot_leave_the_driver) {
  idle policy(2);
  ASSERT_EQ(lie_down(policy, 1), bed::driver);
  ASSERT_EQ(policy.take_sleeper().index, 1U);

  EXPECT_FALSE(policy.leave_driver(1));

  EXPECT_EQ(policy.load().searchers(), 1U) << "the waker has made it a searcher";
}

TEST(idle, all_are_asleep_only_when_each_is) {
  idle policy(2);
  lie_down(policy, 0);
  EXPECT_FALSE(policy.all_asleep(2));
  lie_down(policy, 1);
  EXPECT_TRUE(policy.all_asleep(2));

  ASSERT_NE(policy.take_sleeper().index, nobody);

  EXPECT_FALSE(policy.all_asleep(2));
}

TEST(idle, tells_where_each_worker_is) {
  idle policy(4);
  for (const unsigned index : {3U, 1U, 0U}) lie_down(policy, index);

  EXPECT_EQ(policy.where_is(3, 4), whereabouts::in_driver);
  EXPECT_EQ(policy.where_is(1, 4), whereabouts::on_stack);
  EXPECT_EQ(policy.where_is(0, 4), whereabouts::on_stack);
  EXPECT_EQ(policy.where_is(2, 4), whereabouts::up);
}

TEST(idle, of_many_sleepers_each_is_taken_once_by_racing_wakers) {
  constexpr unsigned count = 200;
  idle policy(count);
  for (unsigned i = 0; i < count; ++i) lie_down(policy, i);
  std::vector<std::atomic<int>> woken(count);
  std::atomic<unsigned> rest{count};
  std::vector<std::jthread> wakers;
  for (int t = 0; t < 3; ++t)
    wakers.emplace_back([&] {
      while (rest > 0) {
        const sleeper who = policy.take_sleeper();
        if (who.index == nobody) {
          std::this_thread::yield();
          continue;
        }
        ++woken[who.index];
        --rest;
        static_cast<void>(policy.stop_search());
      }
    });
  wakers.clear();

  for (unsigned i = 0; i < count; ++i) EXPECT_EQ(woken[i], 1) << "worker " << i;
  EXPECT_EQ(policy.load().searchers(), 0U);
  EXPECT_FALSE(policy.load().has_sleepers());
}

}  // namespace
}  // namespace weft::sched
