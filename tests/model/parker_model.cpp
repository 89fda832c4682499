// SPDX-License-Identifier: Apache-2.0
// The parker and the short lock under every schedule: no wake is lost, and what came before it is seen.
#include "scheduler/parker.hpp"

#include <gtest/gtest.h>

#include <mutex>

#include "explorer/explore.hpp"
#include "weft/detail/short_lock.hpp"

namespace weft::sched {
namespace {

using explorer::explore;
using explorer::require;
using explorer::thread;

TEST(parker_model, what_came_before_a_wake_is_seen_after_it) {
  explore(
      [] {
        parker p;
        int message = 0;
        const thread waker([&] {
          message = 1;
          p.wake();
        });
        while (!p.sleep(-1)) {
        }
        require(message == 1, "the message is there");
      },
      {.exhaustive = 20'000});
}

TEST(parker_model, every_wake_that_comes_after_a_sleep_counts) {
  explore(
      [] {
        parker p;
        detail::atomic<int> slept{0};
        const thread waker([&] {
          p.wake();
          while (slept.load(detail::acquire) == 0) explorer::pause();
          p.wake();
        });
        while (!p.sleep(-1)) {
        }
        slept.store(1, detail::release);
        while (!p.sleep(-1)) {
        }
      },
      {.exhaustive = 20'000});
}

TEST(parker_model, a_wake_that_is_late_for_one_sleep_is_kept_for_the_next) {
  explore([] {
    parker p;
    int message = 0;
    const thread waker([&] {
      message = 1;
      p.wake();
    });
    if (!p.sleep(1000))
      while (!p.sleep(-1)) {
      }
    require(message == 1, "the message is there");
  });
}

TEST(short_lock_model, holds_one_thread_at_a_time) {
  explore(
      [] {
        detail::short_lock lock;
        int inside = 0;
        const auto twice = [&] {
          for (int n = 0; n < 2; ++n) {
            const std::scoped_lock hold(lock);
            require(++inside == 1, "one at a time");
            --inside;
          }
        };
        const thread first(twice);
        const thread second(twice);
        twice();
      },
      {.exhaustive = 20'000, .cut_short = true});
}

}  // namespace
}  // namespace weft::sched
