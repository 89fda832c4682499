// SPDX-License-Identifier: Apache-2.0
//
// The schedulers that live in this process, each in a numbered place: how a frame, a handle or a stop that knows no more than a
// number finds one, and keeps it from being destroyed while it looks.
//
// Who touches what
//   who    its scheduler from take() to give_back(); read by all
//   pins   whoever looks at the scheduler of a place for a moment
//
// Edges
//   E1  publishing a scheduler in its place (release) -> a pin (acquire). at() needs none: its caller knows the scheduler already,
//       from a frame that has been there.
//   E2  pin: a pin (seq_cst), then who (seq_cst); give_back: clears who (seq_cst), then looks at the pins (seq_cst). One of the two
//       sees the other: the pin finds nobody, or the scheduler waits.
//   E3  unpinning (release) -> give_back's load that finds no pin (acquire).
//
// Progress  a pin is wait-free; give_back waits for pins.
// Checked   tests/model/places_model.cpp
#pragma once

#include "weft/detail/sync.hpp"
#include "weft/detail/worker.hpp"

#include <cstdint>

namespace weft::sched {

using detail::arena;

/// Places 1 to most_places; 0 is nobody's.
class places {
 public:
  /// Puts a scheduler in a free place. Throws usage_error if there is none.
  static std::uint16_t take(arena* who);
  /// Nobody finds the scheduler any more, and nobody looks at it when this returns.
  static void give_back(std::uint16_t place) noexcept;
  /// The scheduler of a place, by somebody who knows that it lives.
  [[nodiscard]] static arena* at(std::uint16_t place) noexcept;
  /// No scheduler is or was beyond this place.
  [[nodiscard]] static std::uint16_t last() noexcept;
};

/// Keeps the scheduler of a place, if there is one.
class pinned_place {
 public:
  explicit pinned_place(std::uint16_t place) noexcept;
  pinned_place(const pinned_place&) = delete;
  pinned_place& operator=(const pinned_place&) = delete;
  ~pinned_place();

  [[nodiscard]] arena* who() const noexcept { return who_; }

 private:
  std::uint16_t place_;
  arena* who_;
};

}  // namespace weft::sched
