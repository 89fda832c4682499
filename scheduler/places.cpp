// SPDX-License-Identifier: Apache-2.0
//
// The table of places. The edges are those of places.hpp:
//   E1  a scheduler in its place     E2  a pin against giving back     E3  the last pin
#include "places.hpp"

#include "weft/detail/expects.hpp"

#include <pthread.h>

namespace weft::sched {

using detail::relaxed;
using detail::release;
using detail::seq_cst;

namespace {

struct place_entry {
  detail::atomic<arena*> who;           // E1, E2
  detail::atomic<std::uint32_t> pins;   // E2, E3; never leaves: the table outlives every scheduler
};

place_entry table[detail::tag::home_ids + 1];
detail::atomic<std::uint16_t> last_taken{0};  // only grows; a hint for whoever looks at all

// A forked child has none of the threads that hold pins, and would wait for them to let go of a place.
[[maybe_unused]] const int forgets_pins = pthread_atfork(nullptr, nullptr, [] {
  for (std::uint16_t place = last_taken.load(relaxed); place != 0; --place) table[place].pins.store(0, relaxed);  // it has one thread
});

}  // namespace

std::uint16_t places::take(arena* who) {
  for (std::uint16_t place = 1; place <= detail::tag::home_ids; ++place) {
    std::uint16_t last = last_taken.load(relaxed);  // before the scheduler is in its place: a hint is never short of it
    while (last < place && !last_taken.compare_exchange_weak(last, place, relaxed, relaxed)) {
    }
    arena* none = nullptr;
    if (table[place].who.compare_exchange_strong(none, who, release, relaxed)) return place;  // E1
  }
  detail::reject("scheduler", "too many schedulers in this process: at most 16383 can live at a time");
}

void places::give_back(std::uint16_t place) noexcept {
  constexpr std::int64_t moment = 100'000;  // nanoseconds: a pin is only held to look
  place_entry& entry = table[place];
  entry.who.store(nullptr, seq_cst);  // E2
  while (const std::uint32_t held = entry.pins.load(seq_cst)) detail::futex_wait(entry.pins, held, moment);  // E2 E3
}

arena* places::at(std::uint16_t place) noexcept {
  return table[place].who.load(relaxed);  // who knows that it lives has heard of it from there: that orders it
}

std::uint16_t places::last() noexcept { return last_taken.load(relaxed); }  // a hint, see take()

pinned_place::pinned_place(std::uint16_t place) noexcept : place_(place), who_(nullptr) {
  if (table[place].who.load(relaxed) == nullptr) return;  // most are empty; a pin decides about the others
  table[place].pins.fetch_add(1, seq_cst);                // E2
  who_ = table[place].who.load(seq_cst);                  // E1 E2
  if (who_ == nullptr) table[place].pins.fetch_sub(1, relaxed);  // nothing was looked at; passes on the E3 of earlier ones
}

pinned_place::~pinned_place() {
  if (who_ != nullptr) table[place_].pins.fetch_sub(1, release);  // E3
}

}  // namespace weft::sched
