// SPDX-License-Identifier: Apache-2.0
//
// Cutting slabs into blocks. Rules, invariants and edges: frame_carver.hpp.
//
// Edges
//   E1  slab   the store that sets the cursor to a slab (release)  ->  the CAS that cuts a batch off it (acquire):
//             what is known of its region, and what a thread that had its blocks before did with them. Batches cut before are
//             read-modify-writes and pass it on.
#include "frame_carver.hpp"

#include <algorithm>
#include <new>

#include "foreign_bins.hpp"
#include "fork_lock.hpp"
#include "frame_budget.hpp"
#include "frame_checks.hpp"
#include "frame_exchange.hpp"
#include "frame_trim.hpp"

namespace weft::sched {
namespace {

using detail::acquire;
using detail::relaxed;
using detail::release;

/// A slab, by the number of its region, and how many of its blocks are cut; number 0 is no slab.
struct cursor {
  std::uint32_t number = 0;
  std::uint32_t cut = 0;

  static cursor unpack(std::uint64_t word) noexcept { return {static_cast<std::uint32_t>(word >> 32), static_cast<std::uint32_t>(word)}; }
  std::uint64_t packed() const noexcept { return std::uint64_t{number} << 32 | cut; }
  bool is_used_up(std::size_t size_class) const noexcept { return number == 0 || cut == blocks_per_slab(size_class); }
};

constinit detail::short_lock growth;

[[maybe_unused]] const int fork_waits = hold_over_forks<growth>();

constinit class_carver carvers[class_count];
constinit atomic<std::size_t> slabs_open{0};  // written under the lock, read by statistics

/// Makes a list of the blocks from a cursor up to a place, the lowest first.
free_block* chain_blocks(cursor from, std::uint32_t end, std::size_t size_class) noexcept {
  region& in = region_numbered(from.number);
  free_block* below = empty_list(size_class);
  for (std::uint32_t place = end; place-- > from.cut;) {
    std::byte* memory = block_at(in, size_class, place);
    if constexpr (detail::checked_frames) poison_fresh(memory, size_class);
    below = ::new (memory) free_block{below, below->depth + 1};
  }
  return below;
}

}  // namespace

growth_hold hold_growth() noexcept { return growth_hold(growth); }

class_carver& carver_of(std::size_t size_class) noexcept { return carvers[size_class]; }

free_block* class_carver::carve(std::size_t size_class) noexcept {
  std::uint64_t seen = position_.load(relaxed);  // the CAS orders
  for (;;) {
    const cursor at = cursor::unpack(seen);
    if (!at.is_used_up(size_class)) {
      const std::uint32_t end = std::min(at.cut + batch_blocks(size_class), blocks_per_slab(size_class));
      if (!position_.compare_exchange_weak(seen, cursor{at.number, end}.packed(), acquire, relaxed)) continue;  // E1
      carved_.fetch_add(end - at.cut, relaxed);  // a gauge
      return chain_blocks(at, end, size_class);
    }
    const growth_hold hold = hold_growth();
    if (free_block* list = exchange_of(size_class).take_list(size_class)) return list;
    seen = position_.load(relaxed);  // the CAS orders
    if (!cursor::unpack(seen).is_used_up(size_class)) continue;
    if (!open_slab(size_class, hold)) {
      empty_bins(size_class);
      return exchange_of(size_class).take_list(size_class);
    }
    seen = position_.load(relaxed);  // the CAS orders
  }
}

bool class_carver::open_slab(std::size_t size_class, const growth_hold& hold) noexcept {
  if (!charge_or_trim(slab_bytes, hold)) return false;
  std::uint32_t number = emptied_;
  if (number != 0) {
    emptied_ = region_numbered(number).notes[size_class].next_slab;
  } else {
    number = opened_ + 1;
    if (number > region_count() && !add_region()) {
      discharge(slab_bytes);
      return false;
    }
    opened_ = number;
  }
  slabs_open.fetch_add(1, relaxed);                      // a gauge
  position_.store(cursor{number, 0}.packed(), release);  // E1
  return true;
}

bool class_carver::try_retire(std::uint32_t number, std::uint32_t free_blocks, std::size_t size_class, const growth_hold&) noexcept {
  std::uint64_t seen = position_.load(relaxed);  // only compared; the blocks are trim's already
  const bool is_current = cursor::unpack(seen).number == number;
  if (free_blocks != (is_current ? cursor::unpack(seen).cut : blocks_per_slab(size_class))) return false;
  // Another thread may cut a batch at this moment: then the slab is in use again and stays.
  if (is_current && !position_.compare_exchange_strong(seen, cursor{}.packed(), relaxed, relaxed)) return false;  // nothing is published
  carved_.fetch_sub(free_blocks, relaxed);  // a gauge
  slabs_open.fetch_sub(1, relaxed);         // a gauge
  discharge(slab_bytes);
  return true;
}

void class_carver::keep_emptied(std::uint32_t number, std::size_t size_class, const growth_hold&) noexcept {
  region_numbered(number).notes[size_class].next_slab = emptied_;
  emptied_ = number;
}

std::size_t class_carver::carved() const noexcept {
  return carved_.load(relaxed);  // a gauge
}

std::size_t carved_bytes() noexcept {
  return slabs_open.load(relaxed) * slab_bytes;  // a gauge
}

}  // namespace weft::sched
