// SPDX-License-Identifier: Apache-2.0
// The injection queue under every schedule: what is accepted arrives once, with what its maker wrote; what comes after the
// end is handed back.
#include "scheduler/injection.hpp"

#include <gtest/gtest.h>

#include "explorer/explore.hpp"

namespace weft::sched {
namespace {

using explorer::explore;
using explorer::require;
using explorer::thread;

/// A frame that says what became of it. Neither mark is an atomic.
struct marked : frame {
  int made = 0;
  int taken = 0;
  bool refused = false;
};

void push(injection& q, marked& f) {
  f.made = 1;
  f.refused = !q.push(&f);
}
/// How many frames were in the list.
int take_all(frame_list list) {
  int count = 0;
  for (; !list.is_empty(); ++count) {
    auto* const f = static_cast<marked*>(list.pop());
    require(f->made == 1, "a frame comes with what its maker wrote");
    require(++f->taken == 1, "a frame is taken once");
  }
  return count;
}

TEST(injection_model, two_push_while_two_take) {
  explore([] {
    injection q;
    marked frames[3];
    {
      const thread pusher([&] { push(q, frames[0]); });
      const thread taker([&] { take_all(q.take()); });
      const thread other([&] { take_all(q.take()); });
      push(q, frames[1]);
      push(q, frames[2]);
    }
    take_all(q.take());
    for (const marked& f : frames) require(f.taken == 1, "every frame arrives");
  });
}

TEST(injection_model, accepted_or_handed_back_when_it_closes) {
  explore(
      [] {
        injection q;
        marked frames[2];
        {
          const thread closer([&] { take_all(q.close()); });
          const thread taker([&] { take_all(q.take()); });
          push(q, frames[0]);
          push(q, frames[1]);
        }
        require(take_all(q.take()) == 0, "nothing is left behind the end");
        for (const marked& f : frames) require(f.taken == (f.refused ? 0 : 1), "accepted frames arrive, refused ones do not");
        require(!frames[0].refused || frames[1].refused, "closed stays closed");
      },
      {.exhaustive = 20'000});
}

// E2: whoever announces that he sleeps and then finds nothing has been seen by whoever pushed.
TEST(injection_model, a_push_sees_a_sleeper_or_is_seen) {
  explore(
      [] {
        injection q;
        marked one;
        detail::atomic<int> asleep{0};
        bool found = false;
        bool woken = false;
        {
          const thread sleeper([&] {
            asleep.exchange(1, detail::seq_cst);
            found = !q.is_empty();
          });
          push(q, one);
          woken = asleep.load(detail::seq_cst) == 1;
        }
        require(found || woken, "one of the two sees the other");
        take_all(q.take());
      },
      {.exhaustive = 20'000});
}

}  // namespace
}  // namespace weft::sched
