// SPDX-License-Identifier: Apache-2.0
// Lets the n-th request for memory fail, whichever thread makes it: operator new in all its forms, and the library's calls of
// aligned_alloc (frames from the heap) and mmap (frames of the pool), which the linker sends here with --wrap.
//
// One source of a test program includes it. ThreadSanitizer's own operator new must give way: --allow-multiple-definition.
#pragma once

#include <sys/mman.h>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace weft::test {

/// What follows on the first failure.
enum class after_failure { works_again, fails_on };

inline constinit std::atomic<long> requests_left{-1};  // until the first failure; negative: none fails
inline constinit std::atomic<long> requests_failed{0};
inline constinit std::atomic<after_failure> follows{after_failure::works_again};

/// From its construction on `count` requests of the process are met; the next one fails.
class failing_memory {
 public:
  failing_memory(long count, after_failure then) noexcept {
    requests_failed = 0;
    follows = then;
    requests_left = count;
  }
  failing_memory(const failing_memory&) = delete;
  failing_memory& operator=(const failing_memory&) = delete;
  ~failing_memory() { stop(); }

  /// Everything succeeds again. Answers how many requests failed.
  static long stop() noexcept {
    requests_left = -1;
    return requests_failed;
  }
};

[[gnu::noinline]] inline bool must_fail() noexcept {
  long left = requests_left;
  while (left > 0)
    if (requests_left.compare_exchange_weak(left, left - 1)) return false;
  if (left < 0) return false;
  if (follows == after_failure::works_again && !requests_left.compare_exchange_strong(left, -1)) return false;
  ++requests_failed;
  return true;
}

[[gnu::noinline]] inline void* take_memory(std::size_t bytes, std::size_t alignment) noexcept {
  void* memory = nullptr;
  if (must_fail() || ::posix_memalign(&memory, alignment, bytes) != 0) return nullptr;
  return memory;
}

inline void* take_memory_or_throw(std::size_t bytes, std::size_t alignment) {
  void* const memory = take_memory(bytes, alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

/// Not inlined: g++ would take the pair of them for a mismatch.
[[gnu::noinline]] inline void give_back(void* memory) noexcept { std::free(memory); }

inline constexpr std::size_t usual = alignof(std::max_align_t);

}  // namespace weft::test

extern "C" {
void* __real_aligned_alloc(std::size_t alignment, std::size_t bytes);                                                     // NOLINT
void* __real_mmap(void* start, std::size_t bytes, int protection, int flags, int file, off_t offset);                     // NOLINT
void* __wrap_aligned_alloc(std::size_t alignment, std::size_t bytes) {                                                    // NOLINT
  return weft::test::must_fail() ? nullptr : __real_aligned_alloc(alignment, bytes);
}
void* __wrap_mmap(void* start, std::size_t bytes, int protection, int flags, int file, off_t offset) {                    // NOLINT
  if (!weft::test::must_fail()) return __real_mmap(start, bytes, protection, flags, file, offset);
  errno = ENOMEM;
  return MAP_FAILED;
}
}

void* operator new(std::size_t bytes) { return weft::test::take_memory_or_throw(bytes, weft::test::usual); }
void* operator new[](std::size_t bytes) { return weft::test::take_memory_or_throw(bytes, weft::test::usual); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return weft::test::take_memory_or_throw(bytes, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t bytes, std::align_val_t alignment) {
  return weft::test::take_memory_or_throw(bytes, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept { return weft::test::take_memory(bytes, weft::test::usual); }
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept { return weft::test::take_memory(bytes, weft::test::usual); }
void* operator new(std::size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return weft::test::take_memory(bytes, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return weft::test::take_memory(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { weft::test::give_back(memory); }
void operator delete[](void* memory) noexcept { weft::test::give_back(memory); }
void operator delete(void* memory, std::size_t) noexcept { weft::test::give_back(memory); }
void operator delete[](void* memory, std::size_t) noexcept { weft::test::give_back(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { weft::test::give_back(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { weft::test::give_back(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { weft::test::give_back(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { weft::test::give_back(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { weft::test::give_back(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { weft::test::give_back(memory); }
void operator delete(void* memory, std::align_val_t, const std::nothrow_t&) noexcept { weft::test::give_back(memory); }
void operator delete[](void* memory, std::align_val_t, const std::nothrow_t&) noexcept { weft::test::give_back(memory); }
