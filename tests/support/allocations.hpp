// SPDX-License-Identifier: Apache-2.0
// Counts what this process asks of the system's allocator and of mmap. Included by one source of a test program, which then
// has malloc, its kin and mmap of its own; operator new ends in malloc and so is counted with it.
//
// Not for sanitized builds: there malloc belongs to the sanitizer.
#pragma once

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace weft::test {

struct allocation_counts {
  std::uint64_t heap = 0;      // malloc, calloc, realloc, aligned allocation, operator new
  std::uint64_t mappings = 0;  // mmap

  friend bool operator==(const allocation_counts&, const allocation_counts&) = default;
};

inline constinit std::atomic<std::uint64_t> heap_calls{0};
inline constinit std::atomic<std::uint64_t> mapping_calls{0};

/// Calls so far, of all threads.
inline allocation_counts allocations() noexcept { return {heap_calls.load(), mapping_calls.load()}; }

inline void* count_heap_call(void* result) noexcept {
  heap_calls.fetch_add(1, std::memory_order_relaxed);
  return result;
}

}  // namespace weft::test

extern "C" {

void* __libc_malloc(std::size_t bytes);                              // NOLINT: glibc's names
void* __libc_calloc(std::size_t count, std::size_t bytes);           // NOLINT
void* __libc_realloc(void* block, std::size_t bytes);                // NOLINT
void* __libc_memalign(std::size_t alignment, std::size_t bytes);     // NOLINT

void* malloc(std::size_t bytes) { return weft::test::count_heap_call(__libc_malloc(bytes)); }
void* calloc(std::size_t count, std::size_t bytes) { return weft::test::count_heap_call(__libc_calloc(count, bytes)); }
void* realloc(void* block, std::size_t bytes) { return weft::test::count_heap_call(__libc_realloc(block, bytes)); }
void* aligned_alloc(std::size_t alignment, std::size_t bytes) { return weft::test::count_heap_call(__libc_memalign(alignment, bytes)); }
int posix_memalign(void** block, std::size_t alignment, std::size_t bytes) {
  *block = weft::test::count_heap_call(__libc_memalign(alignment, bytes));
  return *block != nullptr ? 0 : ENOMEM;
}
void* mmap(void* address, std::size_t bytes, int protection, int flags, int file, off_t offset) noexcept {
  weft::test::mapping_calls.fetch_add(1, std::memory_order_relaxed);
  const long result = ::syscall(SYS_mmap, address, bytes, protection, flags, file, offset);
  return reinterpret_cast<void*>(result);
}

}  // extern "C"
