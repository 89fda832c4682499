// SPDX-License-Identifier: Apache-2.0
//
// One atomic object: all stores to it in modification order, and which of them an access may meet.
//
// Shape: a vector of stores, oldest first. A new store goes to the end or, where nothing forbids it, somewhere before: then
//   it is one that other threads will never see as the newest. What a load may read is bounded below by its floor, the newest
//   store that coherence and S make it see; there is no bound above.
//
// Rules (C++20 [intro.races], [atomics.order])
//   R1  A store that happens before an access, or that was read by one that does, hides all older ones.
//   R2  S is the order of execution of seq_cst operations and fences. A seq_cst access does not meet a store older than one that
//       an earlier seq_cst access stored or read. With fences: views.hpp, and below() here.
//   R3  A read-modify-write stands right behind the store it read; nothing comes in between.
//   R4  An acquire that reads a store takes the view of its release sequence: the store and the read-modify-writes behind it.
//
// Not shown: outcomes that need S against happens-before through a release that is no seq_cst operation (C++20 allows them
//   for the sake of Power), and loads of stores yet to come, but for those that litmus tests ask for (memory_model.hpp).
#pragma once

#include <cstdint>
#include <source_location>

#include "untracked.hpp"
#include "views.hpp"

namespace weft::explorer {

struct store {
  std::uint64_t value = 0;
  std::uint32_t step = 0;     // of the thread that stored; 0: from before the exploration
  std::uint32_t s_rank = 0;   // place in S of the first seq_cst operation that stored or read it; 0: none
  std::uint8_t thread = 0;
  bool is_update = false;     // of a read-modify-write: R3
  bool carries = false;       // whether `released` says anything
  std::uint32_t read_at[most_threads] = {};  // each thread's first step that read it; 0: none
  std::source_location where;
  view released;              // R4
};

/// What an access may not go below.
struct reach {
  vector_clock ordered;          // happens before, or before a fence that counts
  std::uint32_t s_rank = 0;      // seq_cst accesses up to here in S count
};

class location {
 public:
  void begin(const void* place, unsigned bytes, std::uint64_t value) {
    place_ = place;
    bytes_ = bytes;
    stores_.clear();
    stores_.emplace_back().value = value;
  }

  [[nodiscard]] unsigned size() const noexcept { return static_cast<unsigned>(stores_.size()); }
  [[nodiscard]] store& operator[](unsigned i) noexcept { return stores_[i]; }
  [[nodiscard]] const void* place() const noexcept { return place_; }
  [[nodiscard]] unsigned bytes() const noexcept { return bytes_; }

  /// The oldest store that may be read: R1, R2.
  [[nodiscard]] unsigned floor(const reach& by) const noexcept {
    for (unsigned i = size(); i-- > 1;)
      if (is_met(stores_[i], by)) return i;
    return 0;
  }
  /// Whether something new may stand right behind store `i`: R3.
  [[nodiscard]] bool is_open_behind(unsigned i) const noexcept { return i + 1 == size() || !stores_[i + 1].is_update; }

  store& insert(unsigned at) {
    constexpr unsigned most_stores = 64;
    if (size() == most_stores && at > 1) {  // forgets the oldest: fewer outcomes, none that is wrong
      stores_.erase(stores_.begin());
      stores_.front().is_update = false;
      --at;
    }
    return *stores_.emplace(stores_.begin() + at);
  }

 private:
  static bool is_met(const store& s, const reach& by) noexcept {
    if (s.step <= by.ordered.at[s.thread]) return true;
    if (s.s_rank != 0 && s.s_rank <= by.s_rank) return true;
    for (unsigned t = 0; t < most_threads; ++t)
      if (s.read_at[t] != 0 && s.read_at[t] <= by.ordered.at[t]) return true;
    return false;
  }

  const void* place_ = nullptr;
  unsigned bytes_ = 0;
  untracked<store> stores_;
};

}  // namespace weft::explorer
