// SPDX-License-Identifier: Apache-2.0
// The deque under every schedule: each item goes to one taker, whole, through growth and the race for the last one.
#include "weft/detail/deque.hpp"

#include <gtest/gtest.h>

#include "explorer/explore.hpp"

namespace weft::detail {
namespace {

using explorer::explore;
using explorer::require;
using explorer::thread;

/// What an item's maker writes and its taker reads, neither of them an atomic.
struct item {
  int made = 0;
  int taken = 0;
};

void make(item& i) { i.made = 1; }
void take(item* i) {
  if (i == nullptr) return;
  require(i->made == 1, "an item comes with what its maker wrote");
  require(++i->taken == 1, "an item is taken once");
}
void take_all(deque<item>& d) {
  while (item* const i = d.as_owner().pop()) take(i);
}
/// Tries until the deque says that it is empty.
void steal_all(deque<item>& d) {
  for (;;) {
    const stolen<item> got = d.as_thief().steal();
    if (got.outcome == steal_outcome::empty) return;
    take(got.item);
  }
}
template <std::size_t N>
void require_all_taken(const item (&items)[N]) {
  for (const item& i : items) require(i.taken == 1, "every item is taken");
}
bool push(deque<item>& d, item& i) {
  make(i);
  return d.as_owner().push(&i);
}

TEST(deque_model, the_last_item_goes_to_one_of_two) {
  explore(
      [] {
        deque<item> d(2);
        item items[2];
        for (item& i : items) require(push(d, i), "there is memory");
        {
          const thread thief([&] { take(d.as_thief().steal().item); });
          take(d.as_owner().pop());
          take(d.as_owner().pop());
        }
        take_all(d);
        require_all_taken(items);
      },
      {.exhaustive = 20'000});
}

TEST(deque_model, items_pushed_while_two_thieves_look) {
  explore(
      [] {
        deque<item> d(2);
        item items[3];
        {
          const thread first([&] { take(d.as_thief().steal().item); });
          const thread second([&] { take(d.as_thief().steal().item); });
          require(push(d, items[0]), "there is memory");
          require(push(d, items[1]), "there is memory");
          take(d.as_owner().pop());
          require(push(d, items[2]), "there is memory");
        }
        take_all(d);
        require_all_taken(items);
      },
      {.exhaustive = 20'000});
}

TEST(deque_model, growth_under_a_thief) {
  explore([] {
    deque<item> d(2, ~std::uint64_t{0} - 1);  // positions pass over zero on the way
    item items[5];
    {
      const thread thief([&] {
        take(d.as_thief().steal().item);
        take(d.as_thief().steal().item);
      });
      for (item& i : items) require(push(d, i), "there is memory");
      take(d.as_owner().pop());
    }
    require(d.as_owner().capacity() >= 4, "it has grown");
    take_all(d);
    require_all_taken(items);
  });
}

TEST(deque_model, slots_are_used_again_only_after_they_were_read) {
  explore([] {
    deque<item> d(2);
    item items[4];
    {
      const thread thief([&] {
        take(d.as_thief().steal().item);
        take(d.as_thief().steal().item);
      });
      for (item& i : items) {
        require(push(d, i), "there is memory");
        take(d.as_owner().pop());
      }
    }
    take_all(d);
    require_all_taken(items);
  });
}

// A taken item belongs to its taker, who may free it: the owner must not look at what a thief has taken from a slot.
TEST(deque_model, a_taken_item_may_be_freed_at_once) {
  explore([] {
    deque<item> d(2);
    const auto free_it = [](item* i) {
      take(i);
      delete i;
    };
    {
      const thread thief([&] {
        free_it(d.as_thief().steal().item);
        free_it(d.as_thief().steal().item);
      });
      for (int n = 0; n < 3; ++n) {
        auto* const i = new item;
        require(push(d, *i), "there is memory");
      }
      free_it(d.as_owner().pop());
    }
    while (item* const i = d.as_owner().pop()) free_it(i);
  });
}

TEST(deque_model, several_at_once_and_quietly) {
  explore([] {
    deque<item> d(2);
    item items[3];
    {
      const thread thief([&] { steal_all(d); });
      for (item& i : items) make(i);
      auto own = d.as_owner();
      const std::uint64_t b = own.bottom();
      require(own.has_room(b, 3), "there is memory");
      own.put_reversed(b, 3, [&](std::uint64_t i) { return &items[i]; });
      own.advance(b + 3);
      take(own.pop());
    }
    take_all(d);
    require_all_taken(items);
  });
}

// The two steps that the end of a task makes: take a position back, and look whether it is the last.
TEST(deque_model, taking_back_in_two_steps) {
  explore([] {
    deque<item> d(2);
    item items[2];
    for (item& i : items) require(push(d, i), "there is memory");
    {
      const thread thief([&] { steal_all(d); });
      auto own = d.as_owner();
      for (int n = 0; n < 2; ++n) {
        const std::uint64_t position = own.take_back();
        take(own.is_last(position) ? own.pop_last(position) : own.at(position));
      }
    }
    take_all(d);
    require_all_taken(items);
  });
}

// Loads run ahead of what stands before them: a slot is read after it was filled again, top after bottom. What was stolen is
// looked at when all is over, for a schedule that fails before its guesses are justified does not count.
TEST(deque_model, loads_that_run_ahead) {
  explore(
      [] {
        deque<item> d(2);
        item items[4];
        item* stolen_items[2] = {};
        {
          const thread first([&] { stolen_items[0] = d.as_thief().steal().item; });
          const thread second([&] { stolen_items[1] = d.as_thief().steal().item; });
          require(push(d, items[0]), "there is memory");
          require(push(d, items[1]), "there is memory");
          take(d.as_owner().pop());
          require(push(d, items[2]), "there is memory");
          require(push(d, items[3]), "there is memory");
          take(d.as_owner().pop());
          take(d.as_owner().pop());
        }
        for (item* const i : stolen_items) take(i);
        take_all(d);
        require_all_taken(items);
      },
      {.share = 4, .guesses = 0b110});
}

TEST(deque_model, a_slot_that_is_filled_again_while_it_is_read) {
  explore(
      [] {
        deque<item> d(2);
        item items[3];
        item* stolen_items[2] = {};
        {
          const thread thief([&] { stolen_items[0] = d.as_thief().steal().item; });
          for (item& i : items) require(push(d, i), "there is memory");
        }
        for (item* const i : stolen_items) take(i);
        take_all(d);
        require_all_taken(items);
      },
      {.share = 4, .guesses = 0b10});
}

TEST(deque_model, top_read_ahead_of_the_last_pop) {
  explore(
      [] {
        deque<item> d(2);
        item items[2];
        for (item& i : items) require(push(d, i), "there is memory");
        item* stolen_items[2] = {};
        {
          const thread thief([&] { stolen_items[0] = d.as_thief().steal().item; });
          take(d.as_owner().pop());
          take(d.as_owner().pop());
        }
        for (item* const i : stolen_items) take(i);
        take_all(d);
        require_all_taken(items);
      },
      {.share = 4, .guesses = 0b10});
}

// E5: whoever announces that he sleeps and then finds nothing has been seen by whoever pushed.
TEST(deque_model, a_push_sees_a_sleeper_or_is_seen) {
  explore(
      [] {
        deque<item> d(2);
        item one;
        atomic<int> asleep{0};
        bool found = false;
        bool woken = false;
        {
          const thread sleeper([&] {
            asleep.exchange(1, seq_cst);
            found = !d.as_thief().is_empty();
          });
          require(push(d, one), "there is memory");
          woken = asleep.load(seq_cst) == 1;
        }
        require(found || woken, "one of the two sees the other");
      },
      {.exhaustive = 20'000});
}

}  // namespace
}  // namespace weft::detail
