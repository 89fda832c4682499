// SPDX-License-Identifier: Apache-2.0
//
// The free blocks that no thread keeps: for each size class two lock-free stacks of whole lists.
//
// Shape: a stack's head is one word, {name of the first list's first block, tag}. What lies below a list is said by the
//   link that belongs to its first block, in the region's records (scheduler/frame_regions.hpp).
//
//     head ─► list ─link─► list ─link─► 0          `full`: lists of list_blocks(k); `partial`: shorter ones
//              │            │
//            blocks       blocks, down to the sentinel of the class
//
//   Full lists are what workers exchange. Partial ones are left by threads that end and by collisions in the bins of
//   foreign threads (scheduler/foreign_bins.hpp), who also use them up first.
//
// Who touches what
//   head    written by CAS, anyone's
//   link    written by whoever pushes the list, read by whoever tries to pop it
//   blocks  by whoever popped the list, from the CAS that took it to the CAS that gives it back
//   pooled  added to by all; a gauge
//
// Invariants
//   I1  a block is in at most one list, and a list is in a stack or in one thread's hands.
//   I2  a popper reads no byte of a block before the list is its own: blocks in use are written by plain stores. That is
//       why links lie beside the blocks and not in them. They are never unmapped, so a slow popper may read a stale one.
//   I3  each push moves the tag. A popper that slept while its list was taken and pushed again over other lists, and so
//       holds a stale link, fails its CAS. (A pop need not: for the same name to come back, somebody has to push it.)
//
// Edges
//   E1  list   push's CAS (release)  ->  a popper's load and CAS of head (acquire): the popper sees the links
//              and blocks. All writes of head are read-modify-writes, so each continues the release sequences of all
//              pushes before it, and a list pushed long ago arrives as well as the last one.
//   Links are relaxed: a stale one is dropped by I3, the right one arrives with E1.
//
// Progress  lock-free: a failed CAS means that another one succeeded.
// Cost      one CAS a list.
// Checked   tests/unit/frame_exchange_test.cpp, tests/stress/frame_exchange_stress.cpp (I3), tests/stress/frame_pool_stress.cpp,
//           tests/model/frame_exchange_model.cpp, tests/model/frame_pool_model.cpp
// From      Treiber 1986 with IBM's counted pointer; Bonwick and Adams 2001 for the depot of full magazines.
#pragma once

#include <cstddef>
#include <cstdint>

#include "frame_regions.hpp"

namespace weft::sched {

/// The sentinel below every list of a class, in caches and here.
extern const std::array<free_block, class_count> empty_blocks;

inline free_block* empty_list(std::size_t size_class) noexcept {
  return const_cast<free_block*>(&empty_blocks[size_class]);  // nobody writes a sentinel
}

/// How many blocks a list of that class holds; the caller owns it.
inline std::size_t length_of(const free_block* list, std::size_t size_class) noexcept { return list->depth - empty_depth(size_class); }

/// What the head of a stack says: the first list, and how many pushes there have been.
struct stack_head {
  block_name first = 0;
  std::uint32_t tag = 0;

  static constexpr stack_head unpack(std::uint64_t word) noexcept {
    return {static_cast<block_name>(word), static_cast<std::uint32_t>(word >> 32)};
  }
  constexpr std::uint64_t packed() const noexcept { return std::uint64_t{tag} << 32 | first; }

  stack_head pushed(block_name list) const noexcept { return {list, tag + (detail::takes_step() ? 1U : 0U)}; }  // I3
  constexpr stack_head popped(block_name below) const noexcept { return {below, tag}; }
};

/// A stack of lists of one class.
class list_stack {
 public:
  constexpr list_stack() noexcept = default;

  void push(free_block* list, std::size_t size_class) noexcept;

  /// The newest list, or null.
  [[nodiscard]] free_block* pop(std::size_t size_class) noexcept;

  /// All lists at once, newest first: the name of the first, or 0. `list_below` leads on, until that list is pushed again.
  [[nodiscard]] block_name take_all() noexcept;
  [[nodiscard]] static block_name list_below(block_name list, std::size_t size_class) noexcept;

 private:
  atomic<std::uint64_t> head_{0};  // a stack_head: written by CAS, anyone's; E1
};

/// The shared free blocks of one class. Any thread.
class alignas(detail::line_bytes) class_exchange {
 public:
  constexpr class_exchange() noexcept = default;

  /// A list, full if there is one; null if there is none at all.
  [[nodiscard]] free_block* take_list(std::size_t size_class) noexcept;

  /// A list that is not full, or null.
  [[nodiscard]] free_block* take_partial(std::size_t size_class) noexcept;

  void give_list(free_block* list, std::size_t size_class) noexcept;

  /// All lists, as two chains (full, partial); they count as taken when `count_taken` is told their blocks.
  [[nodiscard]] std::array<block_name, 2> take_all() noexcept;
  void count_taken(std::size_t blocks) noexcept;

  /// Blocks here; exact when nobody gives or takes.
  [[nodiscard]] std::size_t pooled() const noexcept;

 private:
  list_stack full_;
  list_stack partial_;
  atomic<std::int64_t> pooled_{0};  // added to by all, read by statistics
};

/// The exchange of a class.
class_exchange& exchange_of(std::size_t size_class) noexcept;

}  // namespace weft::sched
