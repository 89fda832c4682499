// SPDX-License-Identifier: Apache-2.0
// Chains that go between schedulers, under every schedule: each is counted where it is and where it is missing, and only there.
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <utility>

#include "explored_pool.hpp"
#include "scheduler/arena.hpp"

namespace weft {
namespace {

using explorer::explore;
using explorer::require;
using test::workers;

/// Counts that a task has come to its end.
using ends = detail::atomic<int>;
void end(ends& count) { count.fetch_add(1, detail::relaxed); }

task<int> leaf(int n) { co_return n; }
task<int> goes_to(scheduler& there, int n) {
  co_await resume_on(there);
  co_return n;
}

// The home of what goes away is destroyed as soon as nothing of it lives: nobody may touch it any more.
TEST(moving_model, a_task_goes_there_and_comes_home) {
  explore([] {
    ends count{0};
    scheduler host(workers(1));
    {
      scheduler home(workers(1));
      spawn_detached(home, [](scheduler& here, scheduler& there, ends& c) -> task<void> {
        co_await resume_on(there);
        co_await resume_on(here);
        end(c);
      }(home, host, count));
    }
    require(host.stop().abandoned == 0, "no guest is left");
    require(count.load(detail::relaxed) == 1, "it is not lost");
  });
}

TEST(moving_model, a_task_ends_away_from_home) {
  explore([] {
    ends count{0};
    scheduler host(workers(1));
    {
      scheduler home(workers(1));
      spawn_detached(home, [](scheduler& there, ends& c) -> task<void> {
        co_await resume_on(there);
        end(c);
      }(host, count));
    }
    require(host.stop().abandoned == 0, "no guest is left");
    require(count.load(detail::relaxed) == 1, "it is not lost");
  });
}

TEST(moving_model, a_task_goes_on_to_a_third_scheduler) {
  explore(
      [] {
        ends count{0};
        scheduler first(workers(1));
        scheduler second(workers(1));
        {
          scheduler home(workers(1));
          spawn_detached(home, [](scheduler& one, scheduler& two, ends& c) -> task<void> {
            co_await resume_on(one);
            co_await resume_on(two);
            end(c);
          }(first, second, count));
        }
        require(first.stop().abandoned == 0 && second.stop().abandoned == 0, "no guest is left");
        require(count.load(detail::relaxed) == 1, "it is not lost");
      },
      {.share = 0.5});
}

TEST(moving_model, a_task_is_sent_over_and_its_result_comes_home) {
  explore([] {
    ends count{0};
    scheduler host(workers(1));
    {
      scheduler home(workers(1));
      spawn_detached(home, [](scheduler& there, ends& c) -> task<void> {
        require(co_await on(there, leaf(1)) == 1, "the result arrives");
        end(c);
      }(host, count));
    }
    require(host.stop().abandoned == 0, "no guest is left");
    require(count.load(detail::relaxed) == 1, "it is not lost");
  });
}

/// Joins of two, which go on at their home, and that is destroyed.
template <class Pair>
void join_away_from_home(Pair pair, int joins = 1) {
  ends count{0};
  scheduler host(workers(1));
  {
    scheduler home(workers(1));
    for (int n = 0; n < joins; ++n)
      spawn_detached(home, [](scheduler& here, scheduler& there, Pair make, ends& c) -> task<void> {
        require(co_await make(here, there) == 3, "every result is there");
        require(detail::current_worker().home == detail::scheduler_access::arena_of(here), "it goes on at home");
        end(c);
      }(home, host, pair, count));
  }
  require(host.stop().abandoned == 0, "no guest is left");
  require(count.load(detail::relaxed) == joins, "none is lost");
}

// The first child passes on to the second what it stands for, and that one leaves.
TEST(moving_model, a_child_that_answers_for_its_sibling_goes_elsewhere) {
  explore([] {
    join_away_from_home([](scheduler&, scheduler& there) -> task<int> {
      auto [a, b] = co_await when_all(leaf(1), goes_to(there, 2));
      co_return a + b;
    });
  });
}

// Both are guests of one host; the second answers for the first there, and goes on.
TEST(moving_model, siblings_meet_elsewhere_and_one_comes_home) {
  explore([] {
    join_away_from_home([](scheduler& here, scheduler& there) -> task<int> {
      const auto returns = [](scheduler& back, scheduler& away) -> task<int> {
        co_await resume_on(away);
        co_await resume_on(back);
        co_return 2;
      };
      auto [a, b] = co_await when_all(goes_to(there, 1), returns(here, there));
      co_return a + b;
    });
  });
}

// Failures travel in the join's own word, which the injection queue of home takes for its link.
TEST(moving_model, failures_of_children_that_ended_elsewhere_come_home) {
  explore([] {
    join_away_from_home([](scheduler&, scheduler& there) -> task<int> {
      const auto fails = [](scheduler& away) -> task<int> {
        co_await resume_on(away);
        throw std::runtime_error("meant");
      };
      try {
        static_cast<void>(co_await when_all(fails(there), fails(there)));
      } catch (const exception_group& group) {
        co_return static_cast<int>(group.failures().size()) + 1;
      }
      co_return 0;
    });
  });
}

// They meet in the injection queue of home, which links them by that word.
TEST(moving_model, two_joins_that_end_elsewhere_come_home) {
  explore(
      [] {
        join_away_from_home(
            [](scheduler&, scheduler& there) -> task<int> {
              auto [a, b] = co_await when_all(goes_to(there, 1), goes_to(there, 2));
              co_return a + b;
            },
            2);
      },
      {.share = 0.5});
}

// How long stop() is patient shows what it takes to be away from home. Each of these schedules lasts for that long: five seconds.

/// Nobody ever resumes who awaits this.
struct never {
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<>) const noexcept {}
  void await_resume() const noexcept {}
};

/// One thread tells another.
struct signal {
  detail::atomic<std::uint32_t> word{0};
  void tell(std::uint32_t what) {
    word.store(what, detail::release);
    detail::futex_wake(&word);
  }
  void wait() {
    while (word.load(detail::acquire) == 0) detail::futex_wait(word, 0);
  }
  /// False: not told for a second.
  bool wait_a_second() {
    const auto end = detail::now() + std::chrono::seconds(1);
    while (word.load(detail::acquire) == 0) {
      if (detail::now() >= end) return false;
      detail::futex_wait(word, 0, std::chrono::nanoseconds(end - detail::now()).count());
    }
    return true;
  }
};

/// What was abandoned lives for good, but not beyond its schedule.
void forget(scheduler& s) { sched::places::give_back(detail::scheduler_access::arena_of(s)->id()); }

/// A scheduler that has a guest and works, while this lives: whoever has somebody away is patient.
class busy_host {
 public:
  busy_host() {
    require(arena().admit_guest(), "it is open");
    spawn_detached(host_, [](signal& s) -> task<void> {
      s.wait();
      co_return;
    }(done_));
  }
  ~busy_host() {
    done_.tell(1);
    arena().guests_left(1);
  }
  busy_host(const busy_host&) = delete;
  busy_host& operator=(const busy_host&) = delete;

 private:
  detail::arena& arena() { return *detail::scheduler_access::arena_of(host_); }

  signal done_;
  scheduler host_{workers(1)};
};

/// A task works for six seconds on another scheduler than that which stops.
void work_elsewhere() {
  scheduler host(workers(1));
  scheduler home(workers(1));
  spawn_detached(home, [](scheduler& there) -> task<void> {
    co_await resume_on(there);
    detail::atomic<std::uint32_t> word{0};
    const auto end = detail::now() + std::chrono::seconds(6);
    while (detail::now() < end) detail::futex_wait(word, 0, std::chrono::nanoseconds(end - detail::now()).count());
  }(host));
  require(home.stop().abandoned == 0, "it is waited for");
}

TEST(moving_model, home_is_patient_with_a_task_that_works_elsewhere) { explore(work_elsewhere, {.share = 0.02, .patient = true}); }

// The six seconds pass at once, as when the whole process is stopped: who looks just before and just after it has not looked for that long.
TEST(moving_model, home_does_not_lose_patience_because_time_jumps) { explore(work_elsewhere); }

/// A task for which nobody waits any more, once nothing of it is elsewhere.
template <class Visit>
void give_up_after(Visit visit) {
  testing::internal::CaptureStderr();
  explore(
      [&] {
        signal is_back;
        scheduler host(workers(1));
        scheduler home(workers(1));
        spawn_detached(home, [](scheduler& here, scheduler& there, Visit& go, signal& told) -> task<void> {
          co_await go(here, there);
          told.tell(1);
          co_await never();
        }(home, host, visit, is_back));
        is_back.wait();
        const busy_host busy;
        require(home.stop().abandoned == 1, "it is given up");
        forget(home);
      },
      {.share = 0.02, .keeps_memory = true});
  static_cast<void>(testing::internal::GetCapturedStderr());
}

TEST(moving_model, home_is_not_patient_with_a_task_that_came_back) {
  give_up_after([](scheduler& here, scheduler& there) -> task<void> {
    co_await resume_on(there);
    co_await resume_on(here);
  });
}

TEST(moving_model, home_is_not_patient_for_a_task_that_has_ended_elsewhere) {
  give_up_after([](scheduler&, scheduler& there) -> task<void> { static_cast<void>(co_await on(there, leaf(1))); });
}

// The host admits a guest and is over before that is in its queue.
TEST(moving_model, home_is_not_patient_with_a_task_that_was_refused_at_the_last_moment) {
  testing::internal::CaptureStderr();
  explore(
      [] {
        signal refused;
        scheduler host(workers(1));
        scheduler home(workers(1));
        spawn_detached(home, [](scheduler& there, signal& told) -> task<void> {
          try {
            co_await resume_on(there);
          } catch (const scheduler_stopped&) {
            told.tell(1);
          }
          co_await never();
        }(host, refused));
        if (host.stop({.drain_for = std::chrono::seconds(0)}).abandoned == 0) {
          refused.wait();  // before it could be admitted
          home.stop({.drain_for = std::chrono::seconds(0)});
        } else {
          const std::optional<busy_host> busy = refused.wait_a_second() ? std::optional<busy_host>(std::in_place) : std::nullopt;
          require(home.stop().abandoned == 1, "it is given up");
          forget(host);
        }
        forget(home);
      },
      {.share = 0.1, .keeps_memory = true});
  static_cast<void>(testing::internal::GetCapturedStderr());
}

}  // namespace
}  // namespace weft
