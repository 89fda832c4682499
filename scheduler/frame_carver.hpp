// SPDX-License-Identifier: Apache-2.0
//
// Where new blocks come from: each class cuts them off one slab at a time, a batch at once.
//
// Shape: a cursor says which slab, by the region's number, and how many of its blocks are cut. When the slab is used up
//   the next one is the last that trim emptied, else that of the next region, which is made if it does not exist.
//
// Who touches what
//   cursor            advanced by CAS, anyone's; set to another slab under the growth lock, when its slab is used up
//   opened, emptied   under the growth lock
//   uncut blocks      whoever's CAS moved the cursor over them
//   carved            added to by all; a gauge
//
// Invariants
//   I1  the cursor alone says which blocks are uncut. A CAS that succeeds claims blocks that are uncut at that moment,
//       even if the slab was cut up, freed and emptied since the cursor was read.
//   I2  a slab is charged to the budget from the moment it is opened to the moment it is retired.
//   I3  a slab is retired when as many of its blocks are in trim's hands as were cut from it, and the cursor has been
//       moved off it or stands at its end: nobody has a block of it, nobody can cut one.
//
// Edges
//   E1  slab   the store that sets the cursor to a slab (release)  ->  the load or CAS that cuts a batch off it (acquire):
//              the region is seen to exist and, if the slab was emptied, the emptying is over.
//
// Progress  cutting is lock-free. A fresh slab and trim take the growth lock, under which no code of a user's runs;
//           whoever waited for it looks into the exchange again before the pool grows. fork() waits for it too, so that a
//           child finds it free.
// Checked   tests/unit/frame_pool_test.cpp, tests/unit/frame_failure_test.cpp, tests/unit/fork_test.cpp,
//           tests/stress/frame_pool_stress.cpp, tests/model/frame_pool_model.cpp
#pragma once

#include <cstddef>
#include <mutex>

#include "frame_regions.hpp"
#include "weft/detail/short_lock.hpp"

namespace weft::sched {

/// Proof that the growth lock is held: the one lock over regions, fresh slabs and trim.
using growth_hold = std::unique_lock<detail::short_lock>;
[[nodiscard]] growth_hold hold_growth() noexcept;

/// The slabs of one class.
class class_carver {
 public:
  constexpr class_carver() noexcept = default;

  /// A list of blocks that nobody has: new ones, or some that came back meanwhile. Null when memory or the limit is used
  /// up, and then nothing has changed. Any thread.
  [[nodiscard]] free_block* carve(std::size_t size_class) noexcept;

  /// Retires the slab if `free_blocks` are all that were cut from it.
  [[nodiscard]] bool try_retire(std::uint32_t number, std::uint32_t free_blocks, std::size_t size_class, const growth_hold&) noexcept;

  /// Keeps a retired slab, whose memory was given back, to be opened again.
  void keep_emptied(std::uint32_t number, std::size_t size_class, const growth_hold&) noexcept;

  /// Blocks of this class in the process, in use or free; exact when nobody carves.
  [[nodiscard]] std::size_t carved() const noexcept;

 private:
  [[nodiscard]] bool open_slab(std::size_t size_class, const growth_hold&) noexcept;

  atomic<std::uint64_t> position_{0};  // a cursor: written as the header says, read by all; E1
  atomic<std::size_t> carved_{0};      // added to by all, read by statistics
  std::uint32_t opened_ = 0;           // the newest region whose slab was ever opened
  std::uint32_t emptied_ = 0;          // a region whose slab is emptied, chained by next_slab; 0: none
};

/// The carver of a class.
class_carver& carver_of(std::size_t size_class) noexcept;

/// Bytes of all slabs in use.
[[nodiscard]] std::size_t carved_bytes() noexcept;

}  // namespace weft::sched
