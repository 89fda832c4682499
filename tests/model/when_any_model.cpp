// SPDX-License-Identifier: Apache-2.0
// Races under every schedule: several results at once, a cancellation from outside, a loser that fails, and one that only losing can end.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <stdexcept>
#include <utility>

#include "cancellable_event.hpp"
#include "explored_pool.hpp"
#include "level_of.hpp"

namespace weft {
namespace {

using explorer::explore;
using explorer::require;
using explorer::thread;
using test::workers;

task<int> gives_later(int n) {
  co_await yield();
  co_return n;
}
task<int> fails_later() {
  co_await yield();
  throw std::runtime_error("a loser's");
}

TEST(when_any_model, one_of_two_that_come_at_once_wins) {
  explore([] {
    scheduler pool(workers(2));
    const auto races = []() -> task<> {
      auto first = co_await when_any(gives_later(10), gives_later(11));
      const int value = first.index() == 0 ? first.get<0>() : first.get<1>();
      require(value == 10 + static_cast<int>(first.index()), "the winner's own value");
      explorer::record(first.index() == 0 ? "first" : "second");
    };
    sync_wait(pool, races());
  });
}

TEST(when_any_model, a_winner_against_a_cancellation_from_outside) {
  explore([] {
    struct opened : detail::cancel_node {
      ~opened() { detail::close_node(*this); }
    } top;
    scheduler pool(workers(2));
    const auto joins = [](task<int> t) -> task<int> {
      auto handle = spawn(std::move(t));
      co_return co_await std::move(handle);
    };
    const auto races = [&]() -> task<bool> {
      test::level_of level(top);
      co_await level;
      try {
        const int value = co_await race(joins(gives_later(1)), joins(gives_later(1)));
        require(value == 1, "what has won is whole");
        co_return true;
      } catch (const operation_cancelled& e) {
        require(e.reason() == cancel_reason::requested, "it is told why");
      }
      co_return false;
    };
    const thread cancels([&] { detail::cancel_node_now(top, cancel_reason::requested, ""); });
    explorer::record(sync_wait(pool, races()) ? "won" : "cancelled");
  });
}

TEST(when_any_model, a_winner_against_the_failure_of_a_loser) {
  explore([] {
    scheduler pool(workers(2));
    const auto races = []() -> task<int> { co_return co_await race(fails_later(), gives_later(1)); };
    require(sync_wait(pool, races()) == 1, "who fails has not won");
  });
}

TEST(when_any_model, a_loser_that_nothing_else_would_end_is_ended) {
  explore([] {
    detail::cancel_node apart;
    test::cancellable_event over;
    scheduler pool(workers(2));
    const auto waits = [&]() -> task<int> {
      co_await over.wait(apart);
      co_return 2;
    };
    const auto joins = [](task<int> t) -> task<int> {
      auto handle = spawn(std::move(t));
      co_return co_await std::move(handle);
    };
    const auto races = [&]() -> task<> {
      require(co_await race(joins(waits()), gives_later(1)) == 1, "the other one cannot come");
      over.set();
    };
    sync_wait(pool, races());
  });
}

}  // namespace
}  // namespace weft
