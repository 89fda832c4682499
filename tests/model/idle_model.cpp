// SPDX-License-Identifier: Apache-2.0
// Who sleeps and whom to wake, under every schedule: work that is published is found. A lost wakeup is a deadlock here.
#include "scheduler/idle.hpp"

#include <gtest/gtest.h>

#include "explorer/explore.hpp"
#include "scheduler/injection.hpp"
#include "scheduler/parker.hpp"
#include "weft/detail/deque.hpp"

namespace weft::sched {
namespace {

using explorer::explore;
using explorer::require;
using explorer::thread;

/// Workers in miniature: the steps of parking.cpp, on one injection queue and one deque that is not theirs.
struct workshop {
  static constexpr unsigned count = 2;

  idle policy{count};
  parker beds[count];
  injection injected;
  detail::deque<frame> foreign{2};
  bool looks_again = true;  // behind a barrier: for those who publish quietly
  detail::atomic<int> takers{0};

  [[nodiscard]] bool has_work() noexcept { return !injected.is_empty() || !foreign.as_thief().is_empty(); }
  void wake(sleeper who) noexcept {
    if (who.index != sleeper::nobody) beds[who.index].wake();
  }
  /// One worker until it has found the one piece of work; `searching` at first or not.
  void work(unsigned index, bool searching) {
    while (!take()) {
      const bed where = policy.choose_bed();
      policy.announce(index, where, searching);
      if (has_work()) wake(policy.take_sleeper());
      std::int64_t most = looks_again ? 1000 : -1;
      while (!beds[index].sleep(most)) {
        if (looks_again) detail::barrier_all_threads();
        if (looks_again && has_work()) wake(policy.take_sleeper());
        most = -1;
      }
      policy.leave_bed(where);
      searching = true;
    }
    if (searching && policy.stop_search() && has_work()) wake(policy.take_sleeper());
  }
  bool take() {
    frame_list list = injected.take();
    frame* f = list.is_empty() ? nullptr : list.pop();
    if (f == nullptr) f = foreign.as_thief().steal().item;
    if (f == nullptr) return false;
    require(takers.fetch_add(1, detail::relaxed) == 0, "it is found once");
    return true;
  }
};

TEST(idle_model, an_injected_frame_is_found) {
  explore(
      [] {
        workshop w;
        w.looks_again = false;
        frame f;
        const thread worker([&] { w.work(0, false); });
        require(w.injected.push(&f), "it is open");
        w.wake(w.policy.take_sleeper());
      },
      {.exhaustive = 20'000});
}

TEST(idle_model, a_pushed_frame_is_found) {
  explore([] {
    workshop w;
    w.looks_again = false;
    frame f;
    const thread worker([&] { w.work(0, false); });
    require(w.foreign.as_owner().push(&f), "there is room");
    w.wake(w.policy.take_sleeper());
  });
}

// E2: no locked instruction between the push and the look at the idle word; the sleeper's barrier stands for it.
TEST(idle_model, a_quietly_pushed_frame_is_found) {
  explore(
      [] {
        workshop w;
        frame f;
        const thread worker([&] { w.work(0, false); });
        require(w.foreign.as_owner().push_quietly(&f), "there is room");
        if (idle_state{w.policy.word().load(detail::relaxed)}.has_sleepers()) w.wake(w.policy.take_sleeper_after_quiet());
      },
      {.exhaustive = 20'000});
}

// Why barrier_this_thread() stands between the two: were the look moved before the push, the sleeper's barrier could fall in between.
TEST(idle_model, a_look_before_a_quiet_push_would_miss_a_sleeper) {
  const explorer::outcome o = explorer::try_explore([] {
    workshop w;
    frame f;
    const thread worker([&] { w.work(0, false); });
    const bool sleeps = idle_state{w.policy.word().load(detail::relaxed)}.has_sleepers();
    require(w.foreign.as_owner().push_quietly(&f), "there is room");
    if (sleeps) w.wake(w.policy.take_sleeper_after_quiet());
  });
  EXPECT_TRUE(o.failure.starts_with("deadlock")) << o.failure;
}

// Nobody is woken while somebody searches: then the last searcher looks again.
TEST(idle_model, what_is_published_while_somebody_stops_searching_is_found) {
  explore([] {
    workshop w;
    frame f;
    require(w.policy.start_search(), "nobody searches yet");
    const thread worker([&] { w.work(0, false); });
    const thread searcher([&] {
      if (w.policy.stop_search() && w.has_work()) w.wake(w.policy.take_sleeper());
    });
    require(w.foreign.as_owner().push_quietly(&f), "there is room");
    if (idle_state{w.policy.word().load(detail::relaxed)}.has_sleepers()) w.wake(w.policy.take_sleeper_after_quiet());
  });
}

TEST(idle_model, two_sleepers_are_woken_one_by_one) {
  explore([] {
    workshop w;
    detail::atomic<int> up{0};
    const auto sleep = [&](unsigned index) {
      const bed where = w.policy.choose_bed();
      w.policy.announce(index, where, false);
      while (!w.beds[index].sleep(-1)) {
      }
      w.policy.leave_bed(where);
      up.fetch_add(1, detail::relaxed);
      static_cast<void>(w.policy.stop_search());
    };
    const thread first([&] { sleep(0); });
    const thread second([&] { sleep(1); });
    while (up.load(detail::relaxed) != 2) {
      w.wake(w.policy.take_sleeper());
      explorer::pause();
    }
  });
}

// E3, I1 of the stack: three sleepers come and go on it; a waker that has read a stale link must not use it.
TEST(idle_model, the_stack_of_sleepers_loses_nobody) {
  explore([] {
    idle policy(3);
    detail::atomic<unsigned> asleep[3] = {};
    const auto lie_down = [&](unsigned index) {
      require(asleep[index].exchange(1, detail::relaxed) == 0, "it is up");
      policy.announce(index, bed::stack, false);
    };
    const auto wake_one = [&] {
      const sleeper s = policy.take_sleeper();
      if (s.index == sleeper::nobody) return sleeper::nobody;
      require(asleep[s.index].exchange(0, detail::relaxed) == 1, "who is woken sleeps");
      static_cast<void>(policy.stop_search());
      return s.index;
    };
    lie_down(0);
    lie_down(1);
    {
      const thread other([&] {
        const unsigned first = wake_one();
        const unsigned second = wake_one();
        if (first != sleeper::nobody) lie_down(first);
        static_cast<void>(second);
      });
      const thread late([&] { lie_down(2); });
      wake_one();
    }
    unsigned left = 0;
    for (const auto& a : asleep) left += a.load(detail::relaxed);
    while (wake_one() != sleeper::nobody) require(left-- > 0, "as many are woken as sleep");
    require(left == 0, "nobody is forgotten");
  });
}

// E4: what the driver's holder does is over before the next one is in.
TEST(idle_model, one_worker_at_a_time_is_in_the_driver) {
  explore(
      [] {
        idle policy(2);
        int inside = 0;  // no atomic: the role orders it
        const auto lie_down = [&] {
          const bed where = policy.choose_bed();
          if (where == bed::driver) {
            require(++inside == 1, "alone");
            --inside;
          }
          policy.leave_bed(where);
        };
        const thread other(lie_down);
        lie_down();
        lie_down();
      },
      {.exhaustive = 20'000});
}

// E5, the mark: all are busy, and one of them forks. What is injected is taken by it, or the mark is up for its next fork.
TEST(idle_model, the_mark_is_up_while_an_injected_frame_waits) {
  explore(
      [] {
        workshop w;
        frame frames[2];
        const auto inject = [&](frame& f) {
          require(w.injected.push(&f), "it is open");
          require(w.policy.take_sleeper_or_mark().index == sleeper::nobody, "nobody sleeps");
        };
        {
          const thread one([&] { inject(frames[0]); });
          const thread two([&] { inject(frames[1]); });
          for (int forks = 0; forks < 2; ++forks)
            if (static_cast<std::int64_t>(w.policy.word().load(detail::relaxed)) < 0 && w.policy.clear_mark())
              static_cast<void>(w.injected.take());
        }
        require(w.injected.is_empty() || w.policy.load().is_marked(), "who forks next finds it");
      },
      {.exhaustive = 20'000});
}

// Nobody raises the mark while somebody searches: then the last searcher does.
TEST(idle_model, the_mark_is_up_when_the_last_searcher_leaves_an_injected_frame) {
  explore(
      [] {
        workshop w;
        frame f;
        require(w.policy.start_search(), "nobody searches yet");
        {
          const thread searcher([&] {
            if (w.policy.stop_search() && !w.injected.is_empty()) static_cast<void>(w.policy.take_sleeper_or_mark());
          });
          require(w.injected.push(&f), "it is open");
          static_cast<void>(w.policy.take_sleeper_or_mark());
        }
        require(w.policy.load().is_marked(), "who forks next finds it");
      },
      {.exhaustive = 20'000});
}

// E6: what a sleeper did before is seen by who finds that all sleep, and nothing that it does once it has been woken.
TEST(idle_model, who_finds_twice_that_all_sleep_has_seen_what_they_did) {
  explore(
      [] {
        idle policy(1);
        detail::atomic<int> at{0};
        const thread worker([&] {
          at.store(1, detail::relaxed);
          policy.announce(0, bed::stack, false);
          static_cast<void>(policy.take_sleeper());
          at.store(2, detail::relaxed);
        });
        if (!policy.all_in_bed(1)) return;
        const int seen = at.load(detail::relaxed);
        if (policy.all_in_bed(1)) require(seen == 1, "that is where it sleeps");
      },
      {.exhaustive = 20'000});
}

// A worker that lies down drops the mark, and looks.
TEST(idle_model, a_marked_frame_is_found_by_who_lies_down) {
  explore(
      [] {
        workshop w;
        w.looks_again = false;
        frame f;
        const thread worker([&] { w.work(0, false); });
        require(w.injected.push(&f), "it is open");
        w.wake(w.policy.take_sleeper_or_mark());
      },
      {.exhaustive = 20'000});
}

}  // namespace
}  // namespace weft::sched
