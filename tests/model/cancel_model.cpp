// SPDX-License-Identifier: Apache-2.0
// Trees of what is cancelled together under every schedule: a wait that ends, is cancelled, and a node that closes, all at once.
#include <weft/detail/cancel_node.hpp>

#include <gtest/gtest.h>

#include <stop_token>
#include <string_view>

#include "cancellable_event.hpp"
#include "explored_pool.hpp"
#include "level_of.hpp"

namespace weft {
namespace {

using detail::cancel_node;
using detail::cancel_node_now;
using explorer::explore;
using explorer::require;
using explorer::thread;
using test::cancellable_event;
using test::level_of;
using test::workers;

struct opened : cancel_node {
  explicit opened(cancel_node* outer = nullptr) noexcept { detail::open_node(*this, outer); }
  ~opened() { detail::close_node(*this); }
};

/// What is written before an event is set, and must be seen after.
struct letter {
  cancellable_event arrived;
  int text = 0;

  void send() {
    text = 42;
    arrived.set();
  }
};

task<bool> reads(letter& l, cancel_node& in) {
  const bool came = co_await l.arrived.wait(in);
  require(!came || l.text == 42, "what was sent is there");
  co_return came;
}
task<bool> reads_below(letter& l, cancel_node& outer) {
  opened mine(&outer);
  co_return co_await reads(l, mine);
}

// Without the lock of an event between the two: the wait's own edges.
TEST(cancel_model, a_wait_that_settles_against_its_end) {
  explore(
      [] {
        detail::waiter w;
        w.state.store(detail::waiter::arming, detail::relaxed);
        int suspended = 0, given = 0;
        const thread ends([&] {
          given = 42;
          if (end_as(w, detail::waiter::signalled) == detail::wait_end::asleep) require(suspended == 1, "the frame is as it was left");
        });
        const thread also([&] { static_cast<void>(end_as(w, detail::waiter::cancelled)); });
        suspended = 1;
        if (!settle_wait(w) && w.state.load(detail::relaxed) == detail::waiter::signalled)
          require(given == 42, "what it was given is there");
      },
      {.exhaustive = 20'000});
}

TEST(cancel_model, a_wait_ends_once) {
  explore(
      [] {
        detail::waiter w;
        w.state.store(detail::waiter::arming, detail::relaxed);
        detail::atomic<int> ended{0}, woken{0};
        const auto end = [&] {
          const detail::wait_end became = end_as(w, detail::waiter::signalled);
          if (became != detail::wait_end::lost) ended.fetch_add(1, detail::relaxed);
          if (became == detail::wait_end::asleep) woken.fetch_add(1, detail::relaxed);
        };
        bool sleeps = false;
        {
          const thread one(end), other(end);
          sleeps = settle_wait(w);
        }
        require(ended.load(detail::relaxed) == 1 && woken.load(detail::relaxed) == (sleeps ? 1 : 0),
                "one ends it, who wakes it if it sleeps");
      },
      {.exhaustive = 20'000});
}

TEST(cancel_model, a_set_event_against_a_cancellation) {
  explore([] {
    letter l;
    opened top;
    scheduler pool(workers(1));
    const thread sets([&] { l.send(); });
    const thread cancels([&] { cancel_node_now(top, cancel_reason::requested, ""); });
    explorer::record(sync_wait(pool, reads(l, top)) ? "set" : "cancelled");
  });
}

TEST(cancel_model, a_cancellation_against_a_wait_that_begins_in_a_node_that_opens_and_closes) {
  explore([] {
    letter l;
    opened top;
    scheduler pool(workers(1));
    const thread cancels([&] { cancel_node_now(top, cancel_reason::requested, ""); });
    require(!sync_wait(pool, reads_below(l, top)), "no cancellation is missed");
  });
}

TEST(cancel_model, two_cancellations_of_an_inner_and_its_outer_against_its_end) {
  explore([] {
    letter l;
    opened top;
    scheduler pool(workers(1));
    const thread cancels([&] { cancel_node_now(top, cancel_reason::requested, "outer"); });
    const auto cancelled_below = [&]() -> task<> {
      opened mine(&top);
      cancel_node_now(mine, cancel_reason::requested, "inner");
      require(!co_await reads(l, mine), "no cancellation is missed");
      const std::string_view text = detail::cause_of(mine)->text;
      require(text == "inner" || text == "outer", "its cause can be read");
    };
    sync_wait(pool, cancelled_below());
  });
}

TEST(cancel_model, a_cause_is_read_as_it_was_written) {
  explore([] {
    opened top;
    opened inner(&top);
    const thread cancels([&] { cancel_node_now(top, cancel_reason::deadline, "late"); });
    if (const auto* const cause = detail::cause_of(inner))
      require(cause->why == cancel_reason::deadline && std::string_view(cause->text) == "late", "whole");
  });
}

TEST(cancel_model, a_token_that_is_asked_for_against_a_cancellation) {
  explore([] {
    opened top;
    opened inner(&top);
    std::stop_token mine, others;
    {
      const thread cancels([&] { cancel_node_now(top, cancel_reason::requested, ""); });
      const thread asks([&] { others = token_of(inner); });
      mine = token_of(inner);
    }
    require(mine.stop_requested() && others.stop_requested(), "no cancellation is missed");
  });
}

// --- a wait for a handle ---

task<int> answer() { co_return 42; }
task<int> later_answer() {
  co_await yield();
  co_return 42;
}

/// The answer, or 0 if the wait was cancelled.
task<int> joins(task<int> joined, cancel_node& in) {
  level_of level(in);
  co_await level;
  auto handle = spawn(std::move(joined));
  try {
    co_return co_await std::move(handle);
  } catch (const operation_cancelled&) {
  }
  co_return 0;
}

TEST(cancel_model, a_cancelled_join_against_the_end_of_what_is_joined) {
  explore([] {
    opened top;
    scheduler pool(workers(2));
    const thread cancels([&] { cancel_node_now(top, cancel_reason::requested, ""); });
    const int got = sync_wait(pool, joins(later_answer(), top));
    require(got == 42 || got == 0, "the answer, or none");
    explorer::record(got == 42 ? "answer" : "none");
  });
}

TEST(cancel_model, a_join_in_what_is_cancelled_against_the_end_of_what_is_joined) {
  explore([] {
    scheduler pool(workers(2));
    const auto joins_late = []() -> task<> {
      detail::cancel_level level;
      co_await level;
      auto handle = spawn(answer());
      level.cancel(cancel_reason::requested, "");
      try {
        require(co_await std::move(handle) == 42, "what has come is whole");
      } catch (const operation_cancelled&) {
      }
    };
    sync_wait(pool, joins_late());
  });
}

}  // namespace
}  // namespace weft
