// SPDX-License-Identifier: Apache-2.0
//
// Coroutine frames from per-thread lists of free blocks: the few instructions that every task pays.
//
// Shape: the process owns regions of 2 MiB, cut into 32 slabs of 64 KiB. Slab k of every region holds blocks of size
//   class k and nothing else, so bits 16..20 of a block's address are its class: a frame carries no header, and whoever
//   frees one needs neither its size nor a look at the slab. Slab 0 of a region holds the region's own records; a frame
//   too big for any class starts at such an address too, so its class reads 0.
//
//   A list is a chain of free blocks ended by a sentinel. Each free block knows how many stand below it (depth), so a
//   list is full or empty by what its first block says:
//     empty     the sentinel has no next              -> allocate goes to refill
//     full      the first block's depth is the limit  -> release goes to spill
//   A thread that is no worker has lists whose only block is a sentinel that is empty and full at once. The same
//   sentinel in every list turns the pool into plain malloc, for leak hunting. Neither costs the hot path a branch.
//   A class that should keep fewer blocks has a sentinel that starts deeper.
//
// Who touches what
//   frame_cache   its own thread only, but for `allocated` and `released`, which others may read. The foreign cache
//                 belongs to no thread and is never written.
//   free blocks   whoever holds the list they are in; lists travel whole, through scheduler/frame_exchange.hpp
//   sentinels     nobody: they are read-only
//
// Progress  bounded; refill and spill are lock-free exchanges of whole lists, but for a fresh slab (system call).
// Checked   tests/unit/frame_pool_test.cpp, tests/stress/frame_pool_stress.cpp, tests/model/frame_pool_model.cpp
// From      Bonwick and Adams 2001 (magazines); the class in the address is ours.
#pragma once

#include "weft/detail/sync.hpp"

#include <cstddef>
#include <cstdint>
#include <new>

namespace weft::detail {

inline constexpr std::size_t line_bytes = 64;                      // every block is aligned to a cache line
inline constexpr std::size_t slab_bits = 16;
inline constexpr std::size_t class_bits = 5;
inline constexpr std::size_t class_count = std::size_t{1} << class_bits;
inline constexpr std::size_t small_bytes = 1024;                   // up to here a class is a multiple of a line
inline constexpr std::size_t list_limit = 256;                     // blocks in a full list of the smallest class

/// A block nobody uses. The rest of its bytes are dead.
struct free_block {
  free_block* next;   // null only in a sentinel
  std::size_t depth;  // blocks from here down to the sentinel, plus where the sentinel starts
};

/// The sentinel that is empty and full at once: every list of a thread that is no worker, and list 0 of every cache.
extern const free_block foreign_block;

/// The free frames one thread keeps, by size class; `worker` derives from it. Foreign until it is opened.
struct alignas(line_bytes) frame_cache {
  atomic<std::uint64_t> allocated{0};  // frames handed out here: written by its thread, read by metrics; in the line of the
                                       // small classes' lists, which are written with it
  free_block* lists[class_count];
  atomic<std::uint64_t> released{0};   // frames given up here, as of the last publish: same
  free_block* spares[class_count]{};   // a full list of each class, or null
  std::int64_t drawn = 0;              // blocks that came from the shared pool, less those that went back
  std::size_t kept = 0;                // free blocks here, as of the last publish
  bool is_open = false;

  constexpr frame_cache() noexcept {
    for (free_block*& list : lists) list = const_cast<free_block*>(&foreign_block);  // nobody writes a sentinel
  }
};

/// Gives a cache lists of its own, before its thread first uses it. Only a cache that is not open.
void frame_cache_open(frame_cache& cache) noexcept;

/// Makes live_frames() and `released` see what this thread has done so far: before it parks. Its own thread.
void frame_cache_publish(frame_cache& cache) noexcept;

/// Hands everything it keeps to the shared pool and makes it foreign again. Its own thread, or after that has ended.
void frame_cache_close(frame_cache& cache) noexcept;

/// The cache of this thread: its worker, or one shared sentinel for threads that are no worker. Never null.
/// A coroutine may resume on another thread: never keep it across a suspension point.
extern thread_local constinit frame_cache* current_cache WEFT_TLS_MODEL;
WEFT_READS_THREAD frame_cache& this_cache() noexcept { return *current_cache; }

/// Slow paths, compiled in scheduler/slab.cpp. `refill` answers null when there is no memory: it must not throw itself,
/// for an exception that leaves a function which keeps all registers brings none of them back to the landing pad.
WEFT_COLD void* refill(std::size_t size_class) noexcept;
WEFT_COLD void spill(void* block, std::size_t size_class) noexcept;
[[noreturn, gnu::noinline, gnu::cold]] void throw_bad_alloc();
void* allocate_large(std::size_t bytes);  // throws std::bad_alloc
void release_large(void* block, std::size_t bytes) noexcept;

/// What a debug build checks and a sanitizer is told, before a block is used again and after it is given up.
void check_allocated(void* block, std::size_t bytes) noexcept;
void check_released(void* block, std::size_t bytes) noexcept;  // bytes 0: unknown, the class tells

constexpr std::size_t small_class(std::size_t bytes) noexcept { return (bytes + line_bytes - 1) / line_bytes; }

inline std::size_t class_of(const void* block) noexcept {
  return (reinterpret_cast<std::uintptr_t>(block) >> slab_bits) & (class_count - 1);
}

/// A block of `size_class` from this thread's list. Any thread. Throws std::bad_alloc.
WEFT_INLINE void* take_block(std::size_t size_class) {
  frame_cache& cache = this_cache();
  free_block*& list = cache.lists[size_class];
  void* block = list;
  free_block* next = list->next;
  if (next == nullptr) [[unlikely]] {
    block = refill(size_class);
    if (block == nullptr) throw_bad_alloc();
  } else {
    list = next;
    cache.allocated.store(cache.allocated.load(relaxed) + 1, relaxed);  // only this thread writes it
  }
  return block;
}

/// Puts a block on the list of its class. Any thread.
WEFT_INLINE void put_block(frame_cache& cache, void* block) noexcept {
  free_block*& list = cache.lists[class_of(block)];
  free_block* below = list;
  const std::size_t depth = below->depth + 1;
  if (depth > list_limit) [[unlikely]] {
    return spill(block, class_of(block));
  }
  list = ::new (block) free_block{below, depth};
}

/// A block of at least `bytes` bytes, aligned to a line. Any thread. Throws std::bad_alloc.
WEFT_INLINE void* allocate_frame(std::size_t bytes) {
  if (bytes > small_bytes) return allocate_large(bytes);
  void* block = take_block(small_class(bytes));
  if constexpr (checked_frames) check_allocated(block, bytes);
  return block;
}

/// Gives back a block of which only the address is known: what a frame that frees itself calls. `cache` is this thread's.
WEFT_INLINE void release_frame(frame_cache& cache, void* block) noexcept {
  if constexpr (checked_frames) check_released(block, 0);
  put_block(cache, block);
}

/// Gives back a block whose size is known. Any thread.
WEFT_INLINE void release_frame(void* block, std::size_t bytes) noexcept {
  if (bytes > small_bytes) return release_large(block, bytes);
  if constexpr (checked_frames) check_released(block, bytes);
  put_block(this_cache(), block);
}

}  // namespace weft::detail
