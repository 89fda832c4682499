// SPDX-License-Identifier: Apache-2.0
// The places of schedulers under every schedule: whoever looks at one against its end, and against the next one in its place.
#include "scheduler/places.hpp"

#include <gtest/gtest.h>

#include "explorer/explore.hpp"

namespace weft::sched {
namespace {

using explorer::explore;
using explorer::require;
using explorer::thread;

/// Stands for a scheduler: the table never looks into one.
struct stand_in {
  int alive = 1;  // plain: whoever looks at it must be ordered

  arena* as_arena() noexcept { return reinterpret_cast<arena*>(this); }
  static void look_at(arena* who) { require(reinterpret_cast<stand_in*>(who)->alive == 1, "who is found lives"); }
};

void look(std::uint16_t place) {
  const pinned_place pin(place);
  if (pin.who() != nullptr) stand_in::look_at(pin.who());
}

TEST(places_model, who_is_pinned_stays) {
  explore(
      [] {
        stand_in s;
        const std::uint16_t place = places::take(s.as_arena());
        const thread other([&] { look(place); });
        require(places::at(place) == s.as_arena(), "it is in its place");
        places::give_back(place);
        s.alive = 0;
      },
      {.exhaustive = 20'000});
}

TEST(places_model, two_pins_hold_one_scheduler) {
  explore([] {
    stand_in s;
    const std::uint16_t place = places::take(s.as_arena());
    const thread one([&] { look(place); });
    const thread two([&] { look(place); });
    places::give_back(place);
    s.alive = 0;
  });
}

// Whoever looks at all places knows of no scheduler: the table alone has to order what is read of it.
TEST(places_model, a_new_scheduler_is_found_whole) {
  explore(
      [] {
        const thread other([] { look(1); });
        stand_in s;
        s.alive = 1;
        const std::uint16_t place = places::take(s.as_arena());
        require(place == 1, "the first free one");
        places::give_back(place);
        s.alive = 0;
      },
      {.exhaustive = 20'000});
}

TEST(places_model, a_place_has_one_scheduler) {
  explore([] {
    const auto live = [] {
      stand_in s;
      const std::uint16_t place = places::take(s.as_arena());
      require(places::at(place) == s.as_arena(), "it is in its place");
      places::give_back(place);
      s.alive = 0;
    };
    const thread other(live);
    live();
  });
}

}  // namespace
}  // namespace weft::sched
