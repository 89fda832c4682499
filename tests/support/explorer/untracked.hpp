// SPDX-License-Identifier: Apache-2.0
// Memory of the engine itself: from malloc, beside the operator new of the explored program.
#pragma once

#include <cstdlib>
#include <new>
#include <vector>

namespace weft::explorer {

template <class T>
struct untracked_allocator {
  using value_type = T;
  untracked_allocator() noexcept = default;
  template <class U>
  untracked_allocator(const untracked_allocator<U>&) noexcept {}  // NOLINT: as the standard asks
  T* allocate(std::size_t n) {
    if (void* p = std::malloc(n * sizeof(T))) return static_cast<T*>(p);
    throw std::bad_alloc();
  }
  void deallocate(T* p, std::size_t) noexcept { std::free(p); }
  bool operator==(const untracked_allocator&) const noexcept { return true; }
};

template <class T>
using untracked = std::vector<T, untracked_allocator<T>>;

}  // namespace weft::explorer
