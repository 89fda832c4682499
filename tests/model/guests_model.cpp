// SPDX-License-Identifier: Apache-2.0
// Guests under every schedule: entering against the close and the count, and whole chains that come while their host stops.
#include "scheduler/guests.hpp"

#include <gtest/gtest.h>

#include "explored_pool.hpp"

namespace weft {
namespace {

using explorer::explore;
using explorer::require;
using explorer::thread;
using sched::guests;
using test::workers;

TEST(guests_model, who_enters_is_counted_or_refused) {
  explore(
      [] {
        guests g;
        bool over = false;  // plain: the count orders it
        const thread other([&] {
          if (!g.enter()) return;
          require(!over, "nobody enters after the end");
          static_cast<void>(g.leave(1));
        });
        g.close();
        while (g.count() != 0) explorer::pause();
        over = true;
      },
      {.exhaustive = 20'000});
}

TEST(guests_model, no_entry_and_no_leaving_is_lost) {
  explore([] {
    guests g;
    const auto visit = [&] {
      require(g.enter(), "it is open");
      static_cast<void>(g.leave(1));
    };
    {
      const thread other(visit);
      visit();
    }
    require(g.count() == 0, "all have left");
    g.close();
    require(!g.enter() && g.count() == 0, "who is refused is not counted");
  });
}

// E1: what a guest started is seen by whoever finds it gone.
TEST(guests_model, what_a_guest_did_is_seen_when_it_is_gone) {
  explore(
      [] {
        guests g;
        detail::atomic<int> roots{0};
        require(g.enter(), "it is open");
        const thread other([&] {
          roots.store(1, detail::relaxed);
          static_cast<void>(g.leave(1));
        });
        g.close();
        if (g.count() == 0) require(roots.load(detail::relaxed) == 1, "its root is counted");
      },
      {.exhaustive = 20'000});
}

/// A task that goes over to `host`, or is refused and goes on at home.
task<void> goes_over(scheduler& host, detail::atomic<int>& ends) {
  try {
    co_await resume_on(host);
  } catch (const scheduler_stopped&) {
  }
  ends.fetch_add(1, detail::relaxed);
}

task<int> one() { co_return 1; }

TEST(guests_model, a_chain_that_moves_while_its_host_stops) {
  explore(
      [] {
        detail::atomic<int> ends{0};
        scheduler host(workers(1));
        {
          scheduler home(workers(1));
          spawn_detached(home, goes_over(host, ends));
          require(host.stop().abandoned == 0, "no guest is left");
        }
        require(ends.load(detail::relaxed) == 1, "it is not lost");
      },
      {.share = 0.5});
}

TEST(guests_model, a_child_of_a_join_that_moves_while_its_host_stops) {
  explore(
      [] {
        detail::atomic<int> ends{0};
        scheduler host(workers(1));
        {
          scheduler home(workers(1));
          spawn_detached(home, [](scheduler& there, detail::atomic<int>& count) -> task<void> {
            co_await when_all(goes_over(there, count), goes_over(there, count));
          }(host, ends));
          require(host.stop().abandoned == 0, "no guest is left");
        }
        require(ends.load(detail::relaxed) == 2, "none is lost");
      },
      {.share = 0.3});
}

// There and back: home waits for what is away from it, and the host for its guest.
TEST(guests_model, a_task_is_sent_over_while_both_stop) {
  explore(
      [] {
        detail::atomic<int> ends{0};
        scheduler host(workers(1));
        {
          scheduler home(workers(1));
          spawn_detached(home, [](scheduler& there, detail::atomic<int>& count) -> task<void> {
            try {
              require(co_await on(there, one()) == 1, "the result arrives");
            } catch (const scheduler_stopped&) {
            }
            count.fetch_add(1, detail::relaxed);
          }(host, ends));
          const thread other([&] { require(host.stop().abandoned == 0, "no guest is left"); });
          require(home.stop().abandoned == 0, "no root is left");
        }
        require(ends.load(detail::relaxed) == 1, "it is not lost");
      },
      {.share = 0.3});
}

task<void> count_one(detail::atomic<int>& count) {
  count.fetch_add(1, detail::relaxed);
  co_return;
}

// A guest starts a root of its host, and leaves: stop() counts the one or the other, and while it does, the root may start more.
TEST(guests_model, a_guest_starts_a_root_while_its_host_stops) {
  explore(
      [] {
        detail::atomic<int> ends{0};
        scheduler host(workers(1));
        {
          scheduler home(workers(1));
          spawn_detached(home, [](scheduler& there, detail::atomic<int>& count) -> task<void> {
            try {
              co_await resume_on(there);
              spawn_detached([](detail::atomic<int>& c) -> task<void> {
                spawn_detached(count_one(c));
                co_return;
              }(count));
            } catch (const scheduler_stopped&) {
              count.fetch_add(1, detail::relaxed);
            }
          }(host, ends));
          require(host.stop().abandoned == 0, "nothing is left");
        }
        require(ends.load(detail::relaxed) == 1, "the last of them has run");
      },
      {.share = 0.3});
}

TEST(guests_model, a_stop_is_woken_when_its_last_guest_leaves) {
  explore(
      [] {
        detail::atomic<int> ends{0};
        scheduler host(workers(1));
        scheduler home(workers(1));
        const auto start = detail::now();
        spawn_detached(home, goes_over(host, ends));
        host.stop();
        require(detail::now() == start, "no time has passed");
      },
      {.share = 0.5, .patient = true});
}

}  // namespace
}  // namespace weft
