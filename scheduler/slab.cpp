// SPDX-License-Identifier: Apache-2.0
//
// The slow paths of frames: what a thread does when its own list is empty or full, or when it has none.
//
// Shape: each class of a cache has the list in use and, behind it, at most one spare list that is full. Refill takes the
//   spare, else a list from the exchange, else new blocks. Spill makes the full list the spare and sends the old spare to
//   the exchange. So between two visits to the exchange there is at least a list's worth of work, whatever the pattern.
//
// Who touches what
//   an open cache      its own thread
//   a foreign cache    nobody: it is read only
//   cached             added to by all; a gauge
//
// Edges
//   There are none: blocks travel by the edges of frame_exchange.hpp, foreign_bins.hpp, frame_carver.hpp and
//   big_frames.hpp.
//
// Checked   tests/unit/frame_pool_test.cpp, tests/stress/frame_pool_stress.cpp
// From      Bonwick and Adams 2001: the pair of magazines.
#include "big_frames.hpp"
#include "cached_frames.hpp"
#include "foreign_bins.hpp"
#include "frame_carver.hpp"
#include "frame_exchange.hpp"
#include "frame_source.hpp"
#include "weft/detail/frame_pool.hpp"

#include <new>
#include <utility>

namespace weft::sched {
namespace {

using detail::frame_cache;
using detail::relaxed;

constinit atomic<std::size_t> cached{0};  // free blocks in open caches as last published; added to by all

/// Counts what is not counted on the hot path. A cache that is not open is shared, and counts nothing.
void count_allocated(frame_cache& cache) noexcept {
  if (cache.is_open) cache.allocated.store(cache.allocated.load(relaxed) + 1, relaxed);  // only this thread writes it
}

/// Blocks that did not come from a list of this cache, or do not go to one, pass it by.
void count_passing(frame_cache& cache, std::int64_t blocks) noexcept {
  if (cache.is_open) cache.drawn += blocks;
}

void* take_from_fresh_list(frame_cache& cache, std::size_t size_class) noexcept {
  free_block* list = std::exchange(cache.spares[size_class], nullptr);
  if (list == nullptr) {
    list = exchange_of(size_class).take_list(size_class);
    if (list == nullptr) list = carver_of(size_class).carve(size_class);
    if (list == nullptr) return nullptr;
    cache.drawn += static_cast<std::int64_t>(length_of(list, size_class));
  }
  cache.lists[size_class] = list->next;
  return list;
}

void give_list(frame_cache& cache, free_block* list, std::size_t size_class) noexcept {
  cache.drawn -= static_cast<std::int64_t>(length_of(list, size_class));
  exchange_of(size_class).give_list(list, size_class);
}

void put_on_fresh_list(frame_cache& cache, void* block, std::size_t size_class) noexcept {
  free_block* full = cache.lists[size_class];
  free_block* spare = std::exchange(cache.spares[size_class], full);
  if (spare != nullptr) give_list(cache, spare, size_class);
  free_block* empty = empty_list(size_class);
  cache.lists[size_class] = ::new (block) free_block{empty, empty->depth + 1};
}

/// Makes the gauge say `kept`, and `released` follow from it: what came in and is neither here nor handed out was released.
void publish(frame_cache& cache, std::size_t kept) noexcept {
  cached.fetch_add(kept - cache.kept, relaxed);  // a gauge; the difference may be negative, modulo 2^64
  cache.kept = kept;
  const std::uint64_t allocated = cache.allocated.load(relaxed);  // only this thread writes it
  cache.released.store(allocated + kept - static_cast<std::uint64_t>(cache.drawn), relaxed);  // a counter
}

}  // namespace

std::size_t cached_frames() noexcept {
  return cached.load(relaxed);  // a gauge
}

}  // namespace weft::sched

namespace weft::detail {

constinit const free_block foreign_block{nullptr, list_limit};

void frame_cache_open(frame_cache& cache) noexcept {
  cache.is_open = true;
  if (sched::source_of_frames() == frame_source::heap) return;  // then the sentinel in every list stays
  for (std::size_t k = 1; k < class_count; ++k) cache.lists[k] = sched::empty_list(k);
}

void frame_cache_publish(frame_cache& cache) noexcept {
  std::size_t kept = 0;
  for (std::size_t k = 1; k < class_count; ++k) {
    if (cache.lists[k]->next != nullptr) kept += sched::length_of(cache.lists[k], k);
    if (cache.spares[k] != nullptr) kept += sched::length_of(cache.spares[k], k);
  }
  sched::publish(cache, kept);
}

void frame_cache_close(frame_cache& cache) noexcept {
  for (std::size_t k = 1; k < class_count; ++k) {
    if (cache.lists[k]->next != nullptr) sched::give_list(cache, cache.lists[k], k);
    if (free_block* spare = std::exchange(cache.spares[k], nullptr)) sched::give_list(cache, spare, k);
    cache.lists[k] = const_cast<free_block*>(&foreign_block);
  }
  sched::publish(cache, 0);
  cache.is_open = false;
}

void* refill(std::size_t size_class) noexcept {
  frame_cache& cache = this_cache();
  void* block = nullptr;
  if (sched::source_of_frames() == frame_source::heap) {
    block = sched::allocate_from_heap(sched::block_bytes[size_class]);
    if (block != nullptr) sched::count_passing(cache, 1);
  } else if (cache.is_open) {
    block = sched::take_from_fresh_list(cache, size_class);
  } else {
    block = sched::take_foreign(size_class);
  }
  if (block != nullptr) sched::count_allocated(cache);
  return block;
}

void spill(void* block, std::size_t size_class) noexcept {
  frame_cache& cache = this_cache();
  if (sched::source_of_frames() == frame_source::heap) {
    sched::release_to_heap(block);
    sched::count_passing(cache, -1);
  } else if (size_class == 0) {
    sched::release_big_frame(block);
    sched::count_passing(cache, -1);
  } else if (cache.is_open) {
    sched::put_on_fresh_list(cache, block, size_class);
  } else {
    sched::give_foreign(block, size_class);
  }
}

void throw_bad_alloc() { throw std::bad_alloc(); }

void* allocate_large(std::size_t bytes) {
  void* block = nullptr;
  if (bytes <= sched::largest_block) {
    block = take_block(sched::size_class_for(bytes));
  } else {
    const bool from_heap = sched::source_of_frames() == frame_source::heap;
    block = from_heap ? sched::allocate_from_heap(bytes) : sched::allocate_big_frame(bytes);
    if (block == nullptr) throw_bad_alloc();
    sched::count_passing(this_cache(), 1);
    sched::count_allocated(this_cache());
  }
  if constexpr (checked_frames) check_allocated(block, bytes);
  return block;
}

void release_large(void* block, std::size_t bytes) noexcept {
  if constexpr (checked_frames) check_released(block, bytes);
  put_block(this_cache(), block);
}

}  // namespace weft::detail
