// SPDX-License-Identifier: Apache-2.0
//
// What the explorer knows of every 8 bytes that the explored program touches: who accessed them last, whether they belong to
// a freed block, which atomics lie in them.
//
// Two accesses that overlap, one of them a write, not both atomic, and not ordered by happens-before, are a data race. The
// newest few accesses are kept; that a race with an older one goes unseen is possible, that one is made up is not.
#pragma once

#include <cstddef>
#include <cstdint>

#include "untracked.hpp"
#include "views.hpp"

namespace weft::explorer {

enum class touch : std::uint8_t { read = 0, write = 1, atomic_read = 2, atomic_write = 3 };

struct access {
  std::uint32_t step;
  std::uint32_t code;  // return address, from the start of the program
  std::uint8_t thread;
  std::uint8_t mask;   // of the 8 bytes
  touch how;
};

struct granule {
  static constexpr unsigned kept = 6;

  std::uintptr_t key = 0;
  std::uint32_t schedule = 0;    // in which all this was noted
  std::uint32_t freed_block = 0; // index + 1 of the freed block that it belongs to
  std::uint8_t used = 0;
  std::uint16_t location[8] = {};  // of the atomic that starts at that byte: index + 1
  access last[kept] = {};
};

/// What a new access conflicts with.
struct conflict {
  enum kind_of : std::uint8_t { none, race, use_after_free } kind = none;
  access other = {};
};

class shadow {
 public:
  shadow() : table_(table_size) {}

  /// Forgets everything.
  void clear() noexcept {
    ++schedule_;
    count_ = 0;
  }
  [[nodiscard]] bool is_nearly_full() const noexcept { return count_ > table_size / 4 * 3; }

  /// The granule that holds `address`.
  granule& at(std::uintptr_t address) noexcept {
    const std::uintptr_t key = address >> 3;
    for (std::size_t i = (key * 0x9e3779b97f4a7c15U) >> (64 - table_bits);; i = (i + 1) & (table_size - 1)) {
      granule& g = table_[i];
      if (g.schedule == schedule_) {
        if (g.key == key) return g;
        continue;
      }
      ++count_;
      g = granule{};
      g.key = key;
      g.schedule = schedule_;
      return g;
    }
  }

  /// Notes an access that lies within one granule.
  static conflict note(granule& g, const access& made, const vector_clock& seen) noexcept;

 private:
  static constexpr unsigned table_bits = 17;
  static constexpr std::size_t table_size = std::size_t{1} << table_bits;

  untracked<granule> table_;
  std::uint32_t schedule_ = 1;
  std::size_t count_ = 0;
};

inline conflict shadow::note(granule& g, const access& made, const vector_clock& seen) noexcept {
  if (g.freed_block != 0) return {conflict::use_after_free, {}};
  const auto writes = [](touch t) { return (static_cast<unsigned>(t) & 1U) != 0; };
  const auto is_atomic = [](touch t) { return (static_cast<unsigned>(t) & 2U) != 0; };
  unsigned left = 0;
  for (unsigned i = 0; i < g.used; ++i) {
    const access& old = g.last[i];
    const bool overlaps = (old.mask & made.mask) != 0;
    if (overlaps && old.thread != made.thread && (writes(old.how) || writes(made.how)) && !(is_atomic(old.how) && is_atomic(made.how)) &&
        !seen.covers(old.thread, old.step))
      return {conflict::race, old};
    // What conflicts with the old one and not with the new one does not exist: the old one may go.
    const bool covered = (old.mask & ~made.mask) == 0 && (old.thread == made.thread || seen.covers(old.thread, old.step));
    const bool as_strong = writes(made.how) >= writes(old.how) && is_atomic(made.how) <= is_atomic(old.how);
    if (!(covered && as_strong)) g.last[left++] = old;
  }
  if (left == granule::kept) {
    for (unsigned i = 1; i < left; ++i) g.last[i - 1] = g.last[i];
    --left;
  }
  g.last[left++] = made;
  g.used = static_cast<std::uint8_t>(left);
  return {};
}

}  // namespace weft::explorer
