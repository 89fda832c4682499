// SPDX-License-Identifier: Apache-2.0
//
// One access or step of the library that is weakened on purpose, to see that a test misses it.
//
// WEFT_MUTANT names it, as tests/model/mutants.py does after it has found the line in the source:
//   scheduler/idle.cpp:22:acquire  the access on that line has that order (relaxed, acquire, release, acq_rel); a compare-exchange,
//                                  if it wins
//   scheduler/idle.cpp:22:failure  a compare-exchange that fails is relaxed
//   scheduler/idle.cpp:22:skip     a step (takes_step) is left out; a store or read-modify-write reads and does not write;
//                                  a compare-exchange claims to have won
//   scheduler/idle.cpp:22:split    a read-modify-write falls apart into a load and a store
//   scheduler/idle.cpp:22:late     a store, or a read-modify-write whose result nobody looks at, comes 16 operations of its thread
//                                  later, or before that sleeps, joins another or ends
//   scheduler/idle.cpp:22:silent   a futex_wake wakes nobody
//   scheduler/idle.cpp:22:old      a load reads the oldest value there is
//   barrier:skip                   the barrier of all threads does nothing
#pragma once

#include <atomic>
#include <cstdint>
#include <source_location>

namespace weft::explorer {

class mutation {
 public:
  enum class kind_of : std::uint8_t { none, order, failure, skip, split, late, silent, old };

  /// What WEFT_MUTANT asks for. Ends the process if that makes no sense.
  static const mutation& of_this_process();

  /// What becomes of the access at that place.
  [[nodiscard]] kind_of at(const std::source_location& where) const noexcept {
    return line_ != 0 && where.line() == line_ && is_file(where.file_name()) ? kind_ : kind_of::none;
  }
  [[nodiscard]] std::memory_order order() const noexcept { return order_; }
  [[nodiscard]] bool drops_barrier() const noexcept { return drops_barrier_; }

 private:
  [[nodiscard]] bool is_file(const char* name) const noexcept;

  kind_of kind_ = kind_of::none;
  std::memory_order order_ = std::memory_order_relaxed;
  bool drops_barrier_ = false;
  std::uint32_t line_ = 0;
  char file_[120] = {};
};

}  // namespace weft::explorer
