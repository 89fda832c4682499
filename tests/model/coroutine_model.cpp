// SPDX-License-Identifier: Apache-2.0
// One coroutine that several threads hold, under every schedule: of two calls at once one proceeds, and both in turn see what the body
// did before; it is closed once, and its memory goes once.
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <utility>

#include "explored_coroutines.hpp"

namespace weft {
namespace {

using explorer::explore;
using explorer::require;
using explorer::thread;
using test::account;
using test::collects;
using test::is_taken;
using test::numbers;
using test::numbers_view;
using test::send;
using test::send_if_alive;
using test::started;

constexpr std::uint64_t all = 400'000;

TEST(coroutine_model, of_two_senders_one_proceeds_or_both_in_turn) {
  explore(
      [] {
        account a;
        numbers c = started(collects(a));
        int other_sent = 0;
        int sent = 0;
        {
          const thread other([&] { other_sent = send(c, 1); });
          sent = send(c, 2);
        }
        require(sent + other_sent != 0, "one proceeds");
        require(a.received == sent + other_sent, "what was taken has arrived, and nothing else");
      },
      {.exhaustive = all});
}

TEST(coroutine_model, of_two_who_start_it_one_does) {
  explore(
      [] {
        account a;
        numbers c = collects(a);
        bool other_did = false;
        bool did = false;
        {
          const thread other([&] { other_did = is_taken([&] { require(c.send().is_yielded(), "it yields"); }); });
          did = is_taken([&] { require(c.send().is_yielded(), "it yields"); });
        }
        require(did || other_did, "one proceeds");
        require(c.state() == coroutine_state::suspended, "it is started");
      },
      {.exhaustive = all});
}

TEST(coroutine_model, a_value_that_comes_before_the_start_is_refused_and_does_no_harm) {
  explore(
      [] {
        account a;
        numbers c = collects(a);
        int early = 0;
        bool did = false;
        {
          const thread other([&] {
            try {
              early = send(c, 1);
            } catch (const type_error&) {
              early = 0;
            }
          });
          did = is_taken([&] { require(c.send().is_yielded(), "it yields"); });
        }
        require(a.received == early, "what was refused has not arrived");
        if (!did) require(c.send().is_yielded(), "it can be started still");
      },
      {.exhaustive = all});
}

TEST(coroutine_model, a_send_against_a_close) {
  explore(
      [] {
        account a;
        numbers c = started(collects(a));
        int sent = 0;
        bool closed = false;
        {
          const thread other([&] {
            closed = is_taken([&] { c.close(); });
            if (closed) require(a.ended == 1, "whoever closed it sees its end");
          });
          sent = send_if_alive(c, 2);
        }
        require(sent != 0 || closed, "one proceeds");
        require(a.received == sent, "what was taken has arrived, and nothing else");
        require(a.ended == (closed ? 1 : 0), "it ends by being closed");
      },
      {.exhaustive = all});
}

TEST(coroutine_model, a_send_against_a_throw) {
  explore(
      [] {
        int received = 0;
        int caught = 0;
        const auto catches = [&]() -> numbers {
          for (;;) try {
              received += (co_yield received).value_or(0);
            } catch (const int thrown) {
              caught += thrown;
            }
        };
        numbers c = started(catches());
        int thrown = 0;
        int sent = 0;
        {
          const thread other([&] { thrown = is_taken([&] { static_cast<void>(c.throw_(1)); }) ? 1 : 0; });
          sent = send(c, 2);
        }
        require(sent + thrown != 0, "one proceeds");
        require(received == sent && caught == thrown, "each arrives as what it is");
      },
      {.exhaustive = all});
}

TEST(coroutine_model, who_closes_it_or_finds_it_closed_sees_its_end) {
  explore(
      [] {
        account a;
        numbers c = started(collects(a));
        const auto close = [&] {
          const bool closed = is_taken([&] { c.close(); });
          if (closed) require(a.ended == 1, "it has ended");
          return closed;
        };
        bool other_did = false;
        bool did = false;
        {
          const thread other([&] { other_did = close(); });
          did = close();
        }
        require(did || other_did, "one proceeds");
        require(a.ended == 1, "it ends once");
      },
      {.exhaustive = all});
}

TEST(coroutine_model, who_finds_it_ended_sees_what_it_did) {
  explore(
      [] {
        account a;
        numbers c = started(collects(a, 1));
        const thread other([&] { send(c, 1); });
        try {
          static_cast<void>(is_taken([&] { static_cast<void>(c.send()); }));
        } catch (const runtime_error&) {
          require(a.received == 1 && a.ended == 1, "it has ended");
        }
      },
      {.exhaustive = all});
}

TEST(coroutine_model, who_sees_its_state_sees_what_it_did) {
  explore(
      [] {
        account a;
        numbers c = collects(a, 1);
        const thread other([&] {
          static_cast<void>(c.send());
          send(c, 1);
        });
        while (c.state() != coroutine_state::closed) explorer::pause();
        require(a.received == 1 && a.ended == 1, "it has ended");
      },
      {.exhaustive = all});
}

TEST(coroutine_model, whoever_drops_it_last_closes_it) {
  explore(
      [] {
        account a;
        {
          auto c = std::make_unique<numbers>(started(collects(a)));
          const thread other([view = std::optional(c->view())]() mutable {
            require(view->state() == coroutine_state::suspended, "nobody drives it");
            view.reset();
          });
          require(c->state() == coroutine_state::suspended, "nobody drives it");
          c.reset();
        }
        require(a.ended == 1, "it is closed once");
      },
      {.exhaustive = all});
}

TEST(coroutine_model, further_references_are_counted) {
  explore(
      [] {
        account a;
        {
          std::optional<numbers> c = started(collects(a));
          std::optional<numbers_view> first = c->view();
          std::optional<numbers_view> second;
          {
            const thread other([&] { second = first; });
            c.reset();
          }
          first.reset();
          require(a.ended == 0, "one is left");
        }
        require(a.ended == 1, "it is closed once");
      },
      {.exhaustive = all});
}

TEST(coroutine_model, a_weak_reference_gives_it_or_comes_too_late) {
  explore(
      [] {
        account a;
        int sent = 0;
        {
          std::optional<numbers> c = started(collects(a));
          const thread other([&, weak = c->weak()] {
            if (auto view = weak.lock()) sent = send(*view, 1);
          });
          c.reset();
        }
        require(a.received == sent, "what was taken has arrived, and nothing else");
        require(a.ended == 1, "it is closed once");
      },
      {.exhaustive = all});
}

TEST(coroutine_model, the_last_weak_reference_frees_it) {
  explore(
      [] {
        account a;
        std::optional<numbers> c = collects(a);
        auto weak = std::optional(c->weak());
        const thread other([copy = std::optional(*weak)]() mutable { copy.reset(); });
        const thread another([&] { c.reset(); });
        auto third = std::optional(*weak);
        weak.reset();
        third.reset();
      },
      {.exhaustive = all});
}

}  // namespace
}  // namespace weft
