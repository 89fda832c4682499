// SPDX-License-Identifier: Apache-2.0
// The table of C's handles under every schedule: what a token stands for arrives, goes once and after everybody, and dead tokens find
// nothing, however slots come back.
#include "coro/c_table.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "explorer/explore.hpp"

namespace weft::coro {
namespace {

using explorer::explore;
using explorer::require;
using explorer::thread;

constexpr c_kind object = c_kind::object;
constexpr std::uint64_t all = 400'000;

/// What tokens stand for here: plain, so that an order that is missing is a race. A thread writes to the one that is its own.
struct thing {
  int written[2] = {0, 0};
};

void destroy(void* what) {
  auto* const t = static_cast<thing*>(what);
  if (t == nullptr) return;
  t->written[0] = t->written[1] = -1;  // after whoever wrote to it
  delete t;
}
/// A call by thread `by`, if the token is alive.
bool use(c_table& table, c_token token, int by) {
  const c_found found = table.pin(token, object);
  if (found.access != c_access::granted) return false;
  require(++static_cast<thing*>(found.thing)->written[by] > 0, "it has not gone");
  destroy(table.unpin(token));
  return true;
}
/// Gives a reference up. Whether there was one.
bool release_one(c_table& table, c_token token) {
  const c_found found = table.release_reference(token, object);
  destroy(found.thing);
  return found.access == c_access::granted;
}

TEST(c_table_model, what_a_token_stands_for_arrives_with_it) {
  explore(
      [] {
        c_table table;
        atomic<std::uint64_t> told{0};
        thread other([&] {
          const auto token = c_token::of(reinterpret_cast<void*>(told.load(relaxed)));
          use(table, token, 1);  // told without an order, it may find nothing
        });
        auto* const made = new thing;
        made->written[1] = 5;
        const c_token token = table.make(object, made);
        told.store(reinterpret_cast<std::uint64_t>(token.handle()), relaxed);
        other.join();
        require(release_one(table, token), "it was alive");
      },
      {.exhaustive = all});
}

TEST(c_table_model, the_last_of_two_references_sees_what_was_done_with_the_other) {
  explore(
      [] {
        c_table table;
        auto* const made = new thing;
        const c_token token = table.make(object, made);
        require(table.retain(token, object) == c_access::granted, "one more");
        const auto use_and_release = [&](int by) {
          require(use(table, token, by), "a reference is ours");
          ++made->written[by];  // as a program does with what it has given to an object
          require(release_one(table, token), "it was alive");
        };
        {
          const thread other([&] { use_and_release(1); });
          use_and_release(0);
        }
        require(!use(table, token, 0), "it has gone");
      },
      {.exhaustive = all});
}

TEST(c_table_model, a_call_keeps_what_is_released_too_often_meanwhile) {
  explore(
      [] {
        c_table table;
        const c_token token = table.make(object, new thing);
        {
          const thread other([&] { use(table, token, 1); });
          require(use(table, token, 0), "its reference is ours");
          require(release_one(table, token), "it was alive");
          require(!release_one(table, token), "it is dead, whoever is at work with it");
          require(table.retain(token, object) == c_access::stale, "and stays it");
        }
        require(!use(table, token, 0), "it has gone");
      },
      {.exhaustive = all});
}

TEST(c_table_model, references_come_and_go_in_two_threads) {
  explore(
      [] {
        c_table table;
        const c_token token = table.make(object, new thing);
        {
          const thread other([&] {
            if (table.retain(token, object) != c_access::granted) return;
            require(use(table, token, 1), "a reference is ours");
            require(release_one(table, token), "it was alive");
          });
          require(release_one(table, token), "it was alive");
        }
        require(!use(table, token, 0), "it has gone");
      },
      {.exhaustive = all});
}

/// Makes tokens and gives them up, each of its own thing.
void make_and_release(c_table& table, int by, int times) {
  for (int i = 0; i < times; ++i) {
    const c_token token = table.make(object, new thing);
    require(!token.is_null(), "there is room");
    require(use(table, token, by), "it is alive");
    require(release_one(table, token), "it was alive");
    require(!use(table, token, by), "it has gone");
  }
}

TEST(c_table_model, slots_come_back_whole) {
  explore(
      [] {
        c_table table;
        const thread other([&] { make_and_release(table, 1, 2); });
        make_and_release(table, 0, 2);
      },
      {.exhaustive = 100'000, .cut_short = true});
}

TEST(c_table_model, a_slot_is_made_for_one_however_the_free_ones_are_taken_and_given_back) {
  explore(
      [] {
        c_table table;
        const c_token first = table.make(object, new thing);
        const c_token second = table.make(object, new thing);
        require(release_one(table, first) && release_one(table, second), "two are free");
        c_token others;
        {
          thread other([&] { others = table.make(object, new thing); });
          const c_token one = table.make(object, new thing);
          const c_token kept = table.make(object, new thing);
          require(release_one(table, one), "it was alive");
          require(use(table, kept, 0), "it is alive");
          other.join();
          const c_token next = table.make(object, new thing);
          require(others.index != kept.index && next.index != kept.index && next.index != others.index, "three tokens, three slots");
          require(release_one(table, kept) && release_one(table, next), "it was alive");
        }
        require(use(table, others, 0) && release_one(table, others), "it was alive");
      },
      {.exhaustive = all});
}

TEST(c_table_model, two_who_need_a_new_segment_get_one) {
  explore(
      [] {
        c_table table;
        const c_token first = table.make(object, new thing);  // the first segment is full
        c_token others;
        c_token own;
        {
          const thread other([&] { others = table.make(object, new thing); });
          own = table.make(object, new thing);
        }
        require(own.index != others.index, "two tokens, two slots");
        for (const c_token token : {first, own, others}) require(release_one(table, token), "it was alive");
      },
      {.exhaustive = all});
}

}  // namespace
}  // namespace weft::coro
