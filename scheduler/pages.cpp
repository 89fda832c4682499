// SPDX-License-Identifier: Apache-2.0
// Memory from the system, over mmap, munmap and madvise.
#include "pages.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

namespace weft::sched {
namespace {

void* map_anywhere(std::size_t bytes) noexcept {
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return memory == MAP_FAILED ? nullptr : memory;
}

}  // namespace

void* map_pages(std::size_t bytes, std::size_t alignment) noexcept {
  const int saved_errno = errno;  // a caller in the middle of something else does not expect an allocation to change it
  void* first = map_anywhere(bytes);
  if (first != nullptr && reinterpret_cast<std::uintptr_t>(first) % alignment != 0) {
    unmap_pages(first, bytes);
    first = nullptr;
    if (bytes + alignment > bytes) {  // no overflow
      if (void* wide = map_anywhere(bytes + alignment)) {
        const auto start = reinterpret_cast<std::uintptr_t>(wide);
        const std::size_t before = (alignment - start % alignment) % alignment;
        first = reinterpret_cast<void*>(start + before);
        if (before != 0) unmap_pages(wide, before);
        unmap_pages(static_cast<std::byte*>(first) + bytes, alignment - before);
      }
    }
  }
  errno = saved_errno;
  return first;
}

void unmap_pages(void* memory, std::size_t bytes) noexcept {
  const int saved_errno = errno;
  ::munmap(memory, bytes);
  errno = saved_errno;
}

bool discard_pages(void* memory, std::size_t bytes) noexcept {
  const int saved_errno = errno;
  const bool discarded = ::madvise(memory, bytes, MADV_DONTNEED) == 0;
  errno = saved_errno;
  return discarded;
}

void keep_small_pages(void* memory, std::size_t bytes) noexcept {
  const int saved_errno = errno;
  ::madvise(memory, bytes, MADV_NOHUGEPAGE);  // a kernel without huge pages refuses, and all is well
  errno = saved_errno;
}

std::size_t round_to_pages(std::size_t bytes) noexcept {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t rounded = (bytes + page - 1) & ~(page - 1);
  return rounded < bytes ? 0 : rounded;
}

}  // namespace weft::sched
