// SPDX-License-Identifier: Apache-2.0
// Chains of coroutines under every schedule: awaited from two threads, driven from both ends, cut apart while others look, and dropped in
// the middle of it.
#include <gtest/gtest.h>

#include <optional>
#include <string_view>
#include <utility>

#include "explored_coroutines.hpp"

namespace weft {
namespace {

using explorer::explore;
using explorer::require;
using explorer::thread;
using test::account;
using test::awaits;
using test::collects;
using test::is_taken;
using test::numbers;
using test::numbers_view;
using test::send;
using test::send_if_alive;
using test::started;

constexpr std::uint64_t all = 400'000;

/// A coroutine, what awaits it, and a view.
struct chain {
  account a;
  std::optional<numbers_view> inner;
  std::optional<numbers> outer;

  explicit chain(int most = 1000) {
    numbers c = collects(a, most);
    inner.emplace(c.view());
    outer.emplace(started(awaits(std::move(c))));
  }
};

/// One of three in a row, each held.
struct chain_of_three {
  account a;
  std::optional<numbers_view> leaf;
  std::optional<numbers_view> middle;
  std::optional<numbers> outer;

  chain_of_three() {
    numbers last = collects(a);
    leaf.emplace(last.view());
    numbers between = awaits(std::move(last));
    middle.emplace(between.view());
    outer.emplace(started(awaits(std::move(between))));
  }
};

void require_seen(coroutine_state seen) {
  require(seen == coroutine_state::suspended || seen == coroutine_state::running, "it is started and has not ended");
}

// M05 of the protocol: what the loser is told depends on when it comes.
TEST(coroutine_chain_model, of_two_who_await_it_one_does) {
  explore(
      [] {
        account a;
        numbers c = collects(a, 1);
        const auto await_it = [&] {
          const auto body = [&]() -> numbers { co_return co_await c; };
          numbers outer = body();
          try {
            require(outer.send().is_yielded(), "it waits for a value");
            require(outer.send(1).returned() == 1, "it ends with what was sent");
            return true;
          } catch (const value_error& e) {
            require(std::string_view(e.what()) == "coroutine already executing", "the loser is told why");
          } catch (const runtime_error& e) {
            const std::string_view text = e.what();
            require(text == "coroutine is being awaited already" || text == "cannot reuse already awaited coroutine",
                    "the loser is told why");
          }
          return false;
        };
        bool other_did = false;
        bool did = false;
        {
          const thread other([&] { other_did = await_it(); });
          did = await_it();
        }
        require(did != other_did, "one wins");
        require(a.received == 1 && a.ended == 1, "it ran once");
      },
      {.exhaustive = all});
}

TEST(coroutine_chain_model, a_send_to_the_outer_against_one_to_the_inner) {
  explore(
      [] {
        chain c;
        int through = 0;
        int direct = 0;
        {
          const thread other([&] { direct = send(*c.inner, 1); });
          through = send(*c.outer, 2);
        }
        require(through + direct != 0, "one proceeds");
        require(c.a.received == through + direct, "what was taken has arrived, and nothing else");
        require(c.inner->state() == coroutine_state::suspended, "the inner lives");
      },
      {.exhaustive = all});
}

TEST(coroutine_chain_model, both_are_driven_while_somebody_looks) {
  explore([] {
    chain c;
    int through = 0;
    int direct = 0;
    {
      const thread other([&] { direct = send(*c.inner, 1); });
      const thread onlooker([&] {
        require_seen(c.inner->state());
        require_seen(c.inner->state());
      });
      through = send(*c.outer, 2);
    }
    require(through + direct != 0, "one proceeds");
    require(c.a.received == through + direct, "what was taken has arrived, and nothing else");
  });
}

TEST(coroutine_chain_model, two_of_a_chain_are_driven_at_once) {
  explore(
      [] {
        chain_of_three c;
        int to_leaf = 0;
        int to_middle = 0;
        {
          const thread other([&] { to_leaf = send(*c.leaf, 1); });
          to_middle = send(*c.middle, 2);
        }
        require(to_leaf + to_middle != 0, "one proceeds");
        require(c.a.received == to_leaf + to_middle, "what was taken has arrived, and nothing else");
        require(c.outer->state() == coroutine_state::suspended, "the outer lives");
      },
      {.exhaustive = all, .cut_short = true});
}

TEST(coroutine_chain_model, each_of_a_chain_is_driven_in_turn_while_somebody_looks) {
  explore([] {
    chain pair;
    require(send(*pair.inner, 1) == 1, "nobody else drives it");
    chain_of_three c;
    const thread onlooker([&] { require_seen(c.leaf->state()); });
    require(send(*c.middle, 1) == 1, "nobody else drives it");
    require(send(*c.leaf, 2) == 2, "nobody else drives it");
    require(send(*c.outer, 4) == 4, "nobody else drives it");
    require(c.a.received == 7, "all of it has arrived");
  });
}

// Those who look at a coroutine's root keep it: it goes once they have left, or they find another.
TEST(coroutine_chain_model, the_outer_is_cut_off_and_dropped_while_somebody_looks) {
  explore([] {
    chain_of_three c;
    const thread onlooker([&] {
      static_cast<void>(c.leaf->state());
      static_cast<void>(c.leaf->state());
    });
    require(send(*c.middle, 1) == 1, "nobody else drives it");
    c.outer.reset();
  });
}

TEST(coroutine_chain_model, the_outer_is_cut_off_and_dropped_by_the_leaf_while_somebody_looks) {
  explore([] {
    std::optional<numbers> outer;
    const auto drops = [&outer]() -> numbers {
      co_yield 0;
      outer.reset();
      co_yield 1;
      co_return 2;
    };
    numbers last = drops();
    const numbers_view leaf = last.view();
    numbers between = awaits(std::move(last));
    numbers_view middle = between.view();
    outer.emplace(started(awaits(std::move(between))));
    const thread onlooker([&] { require_seen(leaf.state()); });
    require(middle.send().is_yielded(), "it goes on without who awaited it");
  });
}

TEST(coroutine_chain_model, the_outer_is_cut_off_and_dropped_while_the_leaf_is_sent_to) {
  explore([] {
    chain_of_three c;
    int to_leaf = 0;
    int to_middle = 0;
    {
      const thread other([&] { to_leaf = send_if_alive(*c.leaf, 1); });
      to_middle = send(*c.middle, 2);
      c.outer.reset();
    }
    require(c.a.received == to_leaf + to_middle, "what was taken has arrived, and nothing else");
  });
}

// A reader of the state is behind all that the body did before, through whatever root it has.
TEST(coroutine_chain_model, who_sees_it_suspended_in_a_chain_sees_what_it_did) {
  explore(
      [] {
        int message = 0;
        const auto says = [&]() -> numbers {
          message = 1;
          co_yield 0;
          co_return 1;
        };
        numbers c = says();
        const numbers_view inner = c.view();
        std::optional<numbers> outer;
        const thread onlooker([&] {
          while (inner.state() != coroutine_state::suspended) explorer::pause();
          require(message == 1, "the message is there");
        });
        outer.emplace(started(awaits(std::move(c))));
      },
      {.exhaustive = all, .cut_short = true});
}

TEST(coroutine_chain_model, it_is_awaited_by_one_who_goes_again_while_somebody_looks) {
  explore(
      [] {
        account a;
        numbers c = collects(a);
        numbers_view inner = c.view();
        const thread onlooker([&] { static_cast<void>(inner.state()); });
        numbers outer = started(awaits(std::move(c)));
        require(outer.send(1).is_yielded(), "nobody else drives it");
      },
      {.exhaustive = all});
}

TEST(coroutine_chain_model, it_ends_while_somebody_looks) {
  explore(
      [] {
        chain c(1);
        {
          const thread onlooker([&] {
            if (c.inner->state() == coroutine_state::closed) require(c.a.received == 1 && c.a.ended == 1, "what it did is seen");
          });
          require(c.outer->send(1).returned() == 1, "it ends with what was sent");
          c.outer.reset();
        }
        require(c.inner->state() == coroutine_state::closed, "it has ended");
      },
      {.exhaustive = all});
}

TEST(coroutine_chain_model, it_ends_through_the_outer_or_directly) {
  explore(
      [] {
        chain c(1);
        int through = 0;
        int direct = 0;
        {
          const thread other([&] { direct = send_if_alive(*c.inner, 1); });
          through = send_if_alive(*c.outer, 1);
          c.outer.reset();
        }
        require(through + direct == 1, "one proceeds");
        require(c.a.received == 1 && c.a.ended == 1, "it ends once");
      },
      {.exhaustive = all});
}

TEST(coroutine_chain_model, the_outer_is_closed_while_the_inner_is_sent_to) {
  explore(
      [] {
        chain c;
        int direct = 0;
        bool closed = false;
        {
          const thread other([&] { direct = send_if_alive(*c.inner, 1); });
          closed = is_taken([&] { c.outer->close(); });
        }
        require(direct != 0 || closed, "one proceeds");
        require(c.a.received == direct, "what was taken has arrived, and nothing else");
        if (closed) require(c.a.ended == 1, "closing reaches the inner");
      },
      {.exhaustive = all});
}

TEST(coroutine_chain_model, the_outer_is_dropped_while_the_inner_is_sent_to) {
  explore(
      [] {
        chain c;
        int direct = 0;
        {
          const thread other([&] { direct = send_if_alive(*c.inner, 1); });
          c.outer.reset();
        }
        require(c.a.received == direct, "what was taken has arrived, and nothing else");
        require(direct != 0 || c.a.ended == 1, "closing reaches the inner, if nobody drives it");
        c.inner.reset();
        require(c.a.ended == 1, "it is closed once");
      },
      {.exhaustive = all});
}

TEST(coroutine_chain_model, an_outer_that_will_not_end_is_dropped_while_what_it_awaits_is_sent_to) {
  explore(
      [] {
        account a;
        numbers c = collects(a);
        numbers_view inner = c.view();
        const auto stubborn = [](numbers second) -> numbers {
          try {
            co_yield 0;
          } catch (const generator_exit&) {
          }
          co_return co_await std::move(second);
        };
        std::optional<numbers> outer = started(stubborn(std::move(c)));
        int direct = 0;
        {
          const thread other([&] {
            try {
              direct = send(inner, 1);
            } catch (const type_error&) {
              require(a.received == 0, "it was not started");
            }
          });
          outer.reset();
        }
        require(a.received == direct, "what was taken has arrived, and nothing else");
        const coroutine_state left = inner.state();
        require(left == coroutine_state::suspended || left == coroutine_state::created, "it goes on alone");
      },
      {.exhaustive = all});
}

}  // namespace
}  // namespace weft
