// SPDX-License-Identifier: Apache-2.0
// Moving between schedulers: on, resume_on and schedule, and where waits and joins resume.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "balanced.hpp"
#include "gate.hpp"
#include "place.hpp"
#include "small_tasks.hpp"

namespace weft {
namespace {

using test::counted;
using test::here;
using test::mishap;
using test::object;
using test::place;
using test::same;

// Two schedulers, 1 and 2, of one worker or of three.
class on_test : public test::balanced {
 protected:
  template <class Make>
  void run_between_two(Make make) {
    for (const int workers : {1, 3}) {
      place one(1, workers), two(2, workers);
      for (int round = 0; round < 20; ++round) sync_wait(one, make(one, two));
    }
  }
};

// --- moving ---

task<> moves_there_and_back(scheduler& one, scheduler& two) {
  EXPECT_EQ(here(), 1);
  co_await resume_on(two);
  EXPECT_EQ(here(), 2);
  co_await yield();
  EXPECT_EQ(here(), 2);
  co_await one.schedule();
  EXPECT_EQ(here(), 1);
  co_await one.schedule();
  EXPECT_EQ(here(), 1);
}

TEST_F(on_test, resume_on_and_schedule_move_the_task) { run_between_two(moves_there_and_back); }

task<> moves_to(scheduler& target) { co_await resume_on(target); }
task<> moves_to_through_another_task(scheduler& target) {
  co_await moves_to(target);
  EXPECT_EQ(here(), 2);
}
task<> is_taken_along(scheduler&, scheduler& two) {
  EXPECT_EQ(here(), 1);
  co_await moves_to_through_another_task(two);
  EXPECT_EQ(here(), 2) << "the awaiting chain moves along";
}

TEST_F(on_test, a_move_takes_along_what_awaits_the_task) { run_between_two(is_taken_along); }

task<int> ends_elsewhere(scheduler& two) {
  co_await resume_on(two);
  co_return here();
}

TEST_F(on_test, a_root_may_end_at_another_scheduler) {
  place one(1), two(2);
  EXPECT_EQ(sync_wait(one, ends_elsewhere(two)), 2);
  std::future<int> future = spawn_future(one, ends_elsewhere(two));
  EXPECT_EQ(future.get(), 2);
  EXPECT_EQ(one.stop().abandoned, 0U);
}

// --- on ---

task<int> where() { co_return here(); }
task<> fails_at(int expected) {
  EXPECT_EQ(here(), expected);
  throw mishap("over there");
  co_return;
}
task<> runs_there_and_resumes_here(scheduler& one, scheduler& two) {
  const int there = co_await on(two, where());
  EXPECT_EQ(there, 2);
  EXPECT_EQ(here(), 1);
  const int at_home = co_await on(one, where());
  EXPECT_EQ(at_home, 1);
  const counted moved = co_await on(two, object(3));
  EXPECT_EQ(moved.value, 3);
  int mine = 0;
  int& referenced = co_await on(two, same(mine));
  EXPECT_EQ(&referenced, &mine);
  try {
    co_await on(two, fails_at(2));
    ADD_FAILURE() << "nothing was thrown";
  } catch (const mishap& e) {
    EXPECT_STREQ(e.what(), "over there");
    EXPECT_EQ(here(), 1);
  }
}

TEST_F(on_test, on_runs_the_task_there_and_resumes_at_home) { run_between_two(runs_there_and_resumes_here); }

task<> nests_on(scheduler& one, scheduler& two) {
  auto back_again = [](scheduler& o) -> task<int> {
    const int inner = co_await on(o, where());
    co_return inner * 10 + here();
  };
  const int both = co_await on(two, back_again(one));
  EXPECT_EQ(both, 12);
  const int wandered = co_await on(two, ends_elsewhere(one));
  EXPECT_EQ(wandered, 1);
  EXPECT_EQ(here(), 1) << "however far the child wandered";
}

TEST_F(on_test, on_can_nest_and_its_child_may_move) { run_between_two(nests_on); }

// --- joins ---

task<int> stays(int n) { co_return n; }
task<int> moves_away(scheduler& two, int n) {
  co_await resume_on(two);
  EXPECT_EQ(here(), 2);
  co_return n;
}
task<int> moves_away_deep_down(scheduler& two, int n) {
  const int moved = co_await moves_away(two, n);
  EXPECT_EQ(here(), 2);
  co_return moved;
}
task<int> moves_away_and_fails(scheduler& two, const char* why) {
  co_await resume_on(two);
  throw mishap(why);
  co_return 0;
}
task<> joins_resume_at_home(scheduler&, scheduler& two) {
  auto [a, b, c] = co_await when_all(moves_away(two, 1), stays(2), moves_away_deep_down(two, 3));
  EXPECT_EQ(here(), 1);
  EXPECT_EQ(a * 100 + b * 10 + c, 123);
  auto [only] = co_await when_all(moves_away(two, 4));
  EXPECT_EQ(here(), 1);
  EXPECT_EQ(only, 4);
  auto bounded = fork_join<4>(4, [&](std::size_t i) { return i % 2 == 0 ? moves_away(two, 1) : stays(2); });
  co_await bounded;
  EXPECT_EQ(here(), 1);
  EXPECT_EQ(bounded[0] + bounded[3], 3);
  const std::vector<int> all = co_await fork_join(5, [&](std::size_t) { return moves_away(two, 7); });
  EXPECT_EQ(here(), 1);
  EXPECT_EQ(all, std::vector<int>(5, 7));
}

TEST_F(on_test, a_join_resumes_at_its_home_although_children_moved_away) { run_between_two(joins_resume_at_home); }

task<> failures_come_home(scheduler&, scheduler& two) {
  try {
    co_await when_all(moves_away_and_fails(two, "alone"), stays(1));
    ADD_FAILURE() << "nothing was thrown";
  } catch (const mishap& e) {
    EXPECT_STREQ(e.what(), "alone");
    EXPECT_EQ(here(), 1);
  }
  try {
    co_await when_all(moves_away_and_fails(two, "a"), moves_away_and_fails(two, "b"));
    ADD_FAILURE() << "nothing was thrown";
  } catch (const exception_group& group) {
    EXPECT_EQ(group.failures().size(), 2U);
    EXPECT_EQ(here(), 1);
  }
  try {
    co_await fork_join(3, [&](std::size_t i) { return i == 1 ? moves_away_and_fails(two, "c") : moves_away(two, 1); });
    ADD_FAILURE() << "nothing was thrown";
  } catch (const mishap& e) {
    EXPECT_STREQ(e.what(), "c");
    EXPECT_EQ(here(), 1);
  }
}

TEST_F(on_test, failures_of_children_that_moved_away_come_home) { run_between_two(failures_come_home); }

task<int> moves_away_and_back(scheduler& one, scheduler& two, int n) {
  co_await resume_on(two);
  co_await resume_on(one);
  EXPECT_EQ(here(), 1);
  co_return n;
}
task<> children_return(scheduler& one, scheduler& two) {
  auto [a, b] = co_await when_all(moves_away_and_back(one, two, 1), moves_away_and_back(one, two, 2));
  EXPECT_EQ(a + b, 3);
  EXPECT_EQ(here(), 1);
}

TEST_F(on_test, children_may_move_away_and_back) { run_between_two(children_return); }

task<> moves_as_a_whole(scheduler&, scheduler& two) {
  co_await resume_on(two);
  auto [a, b] = co_await when_all(where(), where());
  EXPECT_EQ(a * 10 + b, 22);
  EXPECT_EQ(here(), 2) << "the home of a join is where it was awaited";
}

TEST_F(on_test, a_join_after_a_move_belongs_to_the_new_home) { run_between_two(moves_as_a_whole); }

// The last child ends at scheduler 2 while foreign frames queue there and here: nothing of the join may get lost among them.
task<> among_strangers(scheduler& one, scheduler& two) {
  auto stranger = [](scheduler& s) -> task<> { co_await s.schedule(); };
  for (int i = 0; i < 10; ++i) {
    spawn_detached(one, stranger(two));
    spawn_detached(two, stranger(one));
  }
  co_await failures_come_home(one, two);
  co_await joins_resume_at_home(one, two);
}

TEST_F(on_test, joins_between_busy_schedulers_keep_their_results_and_failures) { run_between_two(among_strangers); }

// --- other waits ---

task<> waits_wake_where_they_waited(scheduler&, scheduler& two) {
  auto handle = spawn(two, stays(1));
  const int one = co_await std::move(handle);
  EXPECT_EQ(one, 1);
  EXPECT_EQ(here(), 1);
  auto another = spawn(stays(2));
  co_await resume_on(two);
  const int joined = co_await std::move(another);
  EXPECT_EQ(joined, 2);
  EXPECT_EQ(here(), 2) << "it waited there";
}

TEST_F(on_test, a_joined_handle_wakes_where_it_was_awaited) { run_between_two(waits_wake_where_they_waited); }

task<int> waits_at(test::gate& gate, scheduler& two) {
  co_await resume_on(two);
  co_await gate;
  co_return here();
}

TEST_F(on_test, a_foreign_wait_wakes_where_it_waited) {
  place one(1), two(2);
  test::gate gate;
  std::future<int> ended = spawn_future(one, waits_at(gate, two));
  gate.wait_for_arrivals(1);

  gate.open();

  EXPECT_EQ(ended.get(), 2);
}

// --- refused ---

task<> is_refused(scheduler& stopped, std::vector<std::string>& texts) {
  for (int way = 0; way < 3; ++way) {
    try {
      if (way == 0) co_await resume_on(stopped);
      if (way == 1) co_await stopped.schedule();
      if (way == 2) co_await on(stopped, object(1));
    } catch (const scheduler_stopped& e) {
      texts.emplace_back(e.what());
      EXPECT_EQ(here(), 1);
      EXPECT_EQ(counted::live(), 0);
    }
  }
  co_await yield();
  EXPECT_EQ(here(), 1) << "it lives on where it was";
}

TEST_F(on_test, a_stopped_scheduler_refuses_and_the_task_goes_on_where_it_is) {
  place one(1), stopped(2);
  stopped.stop();
  std::vector<std::string> texts;

  sync_wait(one, is_refused(stopped, texts));

  const std::string why = ": the scheduler is stopping or has stopped; the task is still yours";
  EXPECT_EQ(texts, (std::vector<std::string>{"weft: resume_on" + why, "weft: scheduler::schedule" + why, "weft: on" + why}));
}

task<> refused_child(scheduler& stopped) { co_await resume_on(stopped); }
task<> joins_a_refused_child(scheduler& stopped) {
  bool refused = false;
  auto fine = []() -> task<> { co_return; };
  try {
    co_await when_all(fine(), refused_child(stopped));
  } catch (const scheduler_stopped&) {
    refused = true;
  }
  EXPECT_TRUE(refused);
  EXPECT_EQ(here(), 1);
}

TEST_F(on_test, a_refused_child_of_a_join_fails_like_any_other) {
  place one(1), stopped(2);
  stopped.stop();
  sync_wait(one, joins_a_refused_child(stopped));
}

}  // namespace
}  // namespace weft
