// SPDX-License-Identifier: Apache-2.0
// Lets the n-th allocation of the calling thread fail. Replaces operator new, so one source of a test program includes it.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>

namespace weft::test {

/// Allocations that this thread may still make; negative: any number.
inline constinit thread_local long allocations_left = -1;
inline constinit thread_local bool an_allocation_failed = false;

/// From its construction on this thread may allocate `count` times, then everything fails until its end.
class failing_new {
 public:
  explicit failing_new(long count) noexcept {
    allocations_left = count;
    an_allocation_failed = false;
  }
  failing_new(const failing_new&) = delete;
  failing_new& operator=(const failing_new&) = delete;
  ~failing_new() { stop(); }

  /// Everything succeeds again. Answers whether something had failed.
  static bool stop() noexcept {
    allocations_left = -1;
    return an_allocation_failed;
  }
};

[[gnu::noinline]] inline void* take_memory(std::size_t bytes, std::size_t alignment) noexcept {
  if (allocations_left == 0) {
    an_allocation_failed = true;
    return nullptr;
  }
  if (allocations_left > 0) --allocations_left;
  return std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
}

inline void* take_memory_or_throw(std::size_t bytes, std::size_t alignment) {
  void* const memory = take_memory(bytes, alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace weft::test

void* operator new(std::size_t bytes) { return weft::test::take_memory_or_throw(bytes, alignof(std::max_align_t)); }
void* operator new[](std::size_t bytes) { return weft::test::take_memory_or_throw(bytes, alignof(std::max_align_t)); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return weft::test::take_memory_or_throw(bytes, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t bytes, std::align_val_t alignment) {
  return weft::test::take_memory_or_throw(bytes, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept { return weft::test::take_memory(bytes, alignof(std::max_align_t)); }
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept {
  return weft::test::take_memory(bytes, alignof(std::max_align_t));
}
void* operator new(std::size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return weft::test::take_memory(bytes, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return weft::test::take_memory(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t, const std::nothrow_t&) noexcept { std::free(memory); }
