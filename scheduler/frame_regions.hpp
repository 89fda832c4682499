// SPDX-License-Identifier: Apache-2.0
//
// The address space that frames live in: regions, their records, and short names for blocks.
//
// Shape: a region is 2 MiB, aligned to its size. Its slab 0 is this struct; slab k holds the blocks of class k, side by
//   side and without a header. Regions are numbered from 1 as they are made and are never unmapped, so a block has a
//   short name that fits 32 bits and stays valid: region number and place in the slab. 0 names no block.
//
// Who touches what
//   number         written when the region is made
//   trim's notes   under the growth lock (scheduler/frame_carver.hpp)
//   links          whoever pushes the list that starts with that block (scheduler/frame_exchange.hpp)
//   live           checked builds, whoever allocates or releases that block (scheduler/frame_checks.cpp)
//   directory      written once by whoever makes the region of that number, under the growth lock
//
// Invariants
//   I1  whoever holds a block or its name got it from a chain of events that began with the making of its region. So
//       reading the directory needs no order of its own.
//   I2  the pages come zeroed, and zero is a valid value of everything here: a region's records are never initialised,
//       for that would touch all their pages.
//
// Progress  lookups are bounded; making a region is a system call, under the growth lock.
// Checked   tests/unit/frame_pool_test.cpp, tests/unit/frame_failure_test.cpp
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "frame_classes.hpp"

namespace weft::sched {

using detail::atomic;
using detail::free_block;

/// Names a block: region number above, place in its slab below.
using block_name = std::uint32_t;

inline constexpr unsigned place_bits = 10;
inline constexpr std::uint32_t region_limit = std::uint32_t{1} << (32 - place_bits);
inline constexpr std::uint32_t directory_span = 2048;  // regions that one piece of the directory knows

/// Sums over the classes below `size_class`, so that per-class arrays can lie in one.
constexpr std::uint32_t links_before(std::size_t size_class) noexcept {
  std::uint32_t sum = 0;
  for (std::size_t k = 1; k < size_class; ++k) sum += blocks_per_slab(k);
  return sum;
}
constexpr std::uint32_t live_words(std::size_t size_class) noexcept { return (blocks_per_slab(size_class) + 63) / 64; }
constexpr std::uint32_t live_words_before(std::size_t size_class) noexcept {
  std::uint32_t sum = 0;
  for (std::size_t k = 1; k < size_class; ++k) sum += live_words(k);
  return sum;
}

/// What trim notes about one slab; the chains run through region numbers.
struct slab_notes {
  std::uint32_t free_blocks;
  std::uint32_t next_slab;
  bool is_retired;
};

struct region {
  std::uint32_t number;
  slab_notes notes[class_count];                        // by class; under the growth lock
  atomic<std::uint64_t> live[live_words_before(class_count)];  // a bit a block: handed out; checked builds
  atomic<block_name> links[links_before(class_count)];  // the list below the one that starts with that block
  atomic<region*> directory[directory_span];            // in the first region of each span: the regions of that span
};
static_assert(sizeof(region) <= slab_bytes);
static_assert(blocks_per_slab(1) <= std::uint32_t{1} << place_bits);

/// Makes one more region, or answers false and changes nothing. Under the growth lock.
[[nodiscard]] bool add_region() noexcept;

/// Regions made so far. Any thread.
[[nodiscard]] std::uint32_t region_count() noexcept;

/// The region of that number, which exists. Any thread.
[[nodiscard]] region& region_numbered(std::uint32_t number) noexcept;

/// The region that a block of ours lies in.
inline region& region_of(const void* block) noexcept {
  return *reinterpret_cast<region*>(reinterpret_cast<std::uintptr_t>(block) & ~(region_bytes - 1));
}

inline std::byte* slab_start(region& in, std::size_t size_class) noexcept {
  return reinterpret_cast<std::byte*>(&in) + size_class * slab_bytes;
}

/// A block's place in its slab, counted from 0; the address is that of a block of ours.
std::uint32_t place_of(const void* block, std::size_t size_class) noexcept;

/// The block at a place, which may not have been cut yet.
std::byte* block_at(region& in, std::size_t size_class, std::uint32_t place) noexcept;

/// A block's name, and back.
block_name name_of(const free_block* block, std::size_t size_class) noexcept;
free_block* named_block(block_name name, std::size_t size_class) noexcept;

/// The link of the list that starts with the block of that name.
atomic<block_name>& link_of(block_name name, std::size_t size_class) noexcept;

}  // namespace weft::sched
