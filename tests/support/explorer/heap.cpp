// SPDX-License-Identifier: Apache-2.0
// The list of one schedule's blocks; newest first, for most are freed soon.
#include "heap.hpp"

#include <sys/mman.h>

#include <algorithm>

namespace weft::explorer {

void* heap::allocate(std::size_t bytes, std::size_t alignment, std::uint32_t code) noexcept {
  if (memory_ == nullptr) {
    void* const mapped = ::mmap(nullptr, most_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED) return nullptr;
    memory_ = static_cast<char*>(mapped);
  }
  const std::size_t line = std::max<std::size_t>(alignment, 16);
  const std::size_t start = (used_ + line - 1) / line * line;
  if (bytes > most_bytes || start > most_bytes - bytes) return nullptr;
  used_ = start + std::max<std::size_t>(bytes, 1);
  blocks_.push_back({memory_ + start, bytes, code, 0});
  return memory_ + start;
}

heap::block* heap::find(const void* start) noexcept {
  for (std::size_t i = blocks_.size(); i-- > 0;)
    if (blocks_[i].start == start) return &blocks_[i];
  return nullptr;
}

const heap::block* heap::leaked() const noexcept {
  for (const block& b : blocks_)
    if (b.freed_by == 0) return &b;
  return nullptr;
}

void heap::clear() noexcept {
  blocks_.clear();
  used_ = 0;
}

}  // namespace weft::explorer
