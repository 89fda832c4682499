// SPDX-License-Identifier: Apache-2.0
//
// The memory that explored threads see: C++20's, for atomics by histories (location.hpp), for the rest by happens-before
// (shadow.hpp).
//
// Loads of stores yet to come (LB): only if a test asks, for most schedules that guess are in vain. A load then guesses a value
//   that some earlier schedule stored there; a later store of it justifies the guess if nothing orders it behind the load. Nobody behind
//   the load in happens-before may touch the place meanwhile, nor may a schedule end with an open guess: it is dropped, and counts for
//   nothing.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <source_location>
#include <utility>

#include "choices.hpp"
#include "location.hpp"
#include "shadow.hpp"

namespace weft::explorer {

using std::memory_order;

/// An atomic operation as the explored program asked for it.
struct operation {
  const void* place;
  unsigned bytes;
  memory_order order;
  memory_order failure;  // of a compare-exchange
  const std::source_location* where;
};

class memory_model {
 public:
  /// What an operation met: for the trace.
  struct note {
    std::uint64_t value = 0;   // read, or written
    unsigned behind = 0;       // stores in modification order that it did not meet
    unsigned by = 0;           // the thread that stored what was read
    bool guessed = false;
  };

  explicit memory_model(choices& c) : choices_(c) {}

  /// Of an exploration: no value has been seen anywhere.
  void forget_values() noexcept { seen_values_.clear(); }
  /// Of what looks like an address, only those are guessed: other memory may be gone.
  void guess_addresses(std::uintptr_t from, std::uintptr_t to) noexcept {
    addresses_from_ = from;
    addresses_to_ = to;
  }
  /// Of a schedule.
  void begin(unsigned guesses) noexcept;
  void end() noexcept { used_ = 0; }

  void start_thread(unsigned parent, unsigned child) noexcept;
  void join_thread(unsigned waiting, unsigned ended) noexcept;

  std::uint64_t load(unsigned t, const operation& op);
  /// The oldest value that a load may read.
  std::uint64_t oldest(unsigned t, const operation& op);
  void write(unsigned t, const operation& op, std::uint64_t value);
  /// Reads a value and puts update(value) behind it.
  template <class Update>
  std::uint64_t update(unsigned t, const operation& op, Update update) {
    location& l = at(t, op, touch::atomic_write);
    const unsigned i = choose(t, l, op.order, true, nullptr);
    const std::uint64_t before = read(t, l, i, op.order);
    put(t, l, i + 1, update(before), op, true);
    return before;
  }
  /// False, and `expected` is what was read, if that differs.
  bool compare_exchange(unsigned t, const operation& op, std::uint64_t& expected, std::uint64_t desired);
  void fence(unsigned t, memory_order order) noexcept;
  /// A futex's look at its word: `lock` is what the kernel's lock for the word has passed on.
  std::uint64_t look(unsigned t, const operation& op, const view& lock);
  /// What passes on along a lock of the kernel, and back.
  void pass_on(unsigned t, view& lock) noexcept;

  /// An access that is no atomic one, within one granule. The conflict, if there is one.
  conflict touch_plain(unsigned t, std::uintptr_t address, unsigned bytes, touch how, std::uint32_t code) noexcept;
  /// The block is gone: from now on nobody may touch it.
  conflict free_range(unsigned t, std::uintptr_t address, std::size_t bytes, std::uint32_t block, std::uint32_t code) noexcept;
  /// Memory that comes from a place the explorer does not see: whatever was noted about it is over.
  void forget_range(std::uintptr_t address, std::size_t bytes) noexcept;

  [[nodiscard]] shadow& plain() noexcept { return shadow_; }
  [[nodiscard]] const note& last() const noexcept { return last_; }
  [[nodiscard]] conflict last_conflict() const noexcept { return conflict_; }
  void clear_conflict() noexcept { conflict_ = {}; }
  [[nodiscard]] bool is_refuted() const noexcept { return refuted_; }
  /// Whether a schedule that ended now would be dropped.
  [[nodiscard]] bool is_in_doubt() const noexcept { return refuted_ || !guesses_.empty(); }

 private:
  using value_set = std::set<std::uint64_t, std::less<>, untracked_allocator<std::uint64_t>>;
  struct guess {
    const void* place;
    std::uint64_t value;
    std::uint32_t step;
    unsigned thread;
    unsigned floor;
    std::uint32_t s_rank;
    bool acquires;
  };

  location& at(unsigned t, const operation& op, touch how);
  reach reach_of(unsigned t, memory_order order) const noexcept;
  /// `expected`: of a compare-exchange: a store of that value can only be read where an update can follow.
  unsigned choose(unsigned t, location& l, memory_order order, bool updates, const std::uint64_t* expected);
  std::uint64_t read(unsigned t, location& l, unsigned i, memory_order order);
  void put(unsigned t, location& l, unsigned i, std::uint64_t value, const operation& op, bool is_update);
  bool try_guess(unsigned t, location& l, memory_order order, std::uint64_t& value);
  void check_guesses(unsigned t, const location& l) noexcept;
  void justify(unsigned t, location& l, unsigned i, const store& made) noexcept;

  choices& choices_;
  shadow shadow_;
  untracked<location> locations_;
  unsigned used_ = 0;
  thread_view threads_[most_threads];
  std::uint8_t stale_in_a_row_[most_threads] = {};
  vector_clock fenced_;          // happens before some seq_cst fence
  std::uint32_t s_rank_ = 0;     // length of S
  note last_;
  conflict conflict_;
  unsigned guessing_ = 0;  // threads, as bits
  bool refuted_ = false;
  std::uintptr_t addresses_from_ = 0, addresses_to_ = 0;
  untracked<guess> guesses_;
  std::map<const void*, value_set, std::less<>, untracked_allocator<std::pair<const void* const, value_set>>> seen_values_;
};

}  // namespace weft::explorer
