// SPDX-License-Identifier: Apache-2.0
// The list of one schedule's blocks; newest first, for most are freed soon.
#include "heap.hpp"

#include <algorithm>

namespace weft::explorer {

void* heap::allocate(std::size_t bytes, std::size_t alignment, std::uint32_t code) noexcept {
  const std::size_t line = std::max<std::size_t>(alignment, 16);
  const std::size_t rounded = (std::max<std::size_t>(bytes, 1) + line - 1) / line * line;
  void* const start = std::aligned_alloc(line, rounded);
  if (start != nullptr) blocks_.push_back({start, bytes, code, 0});
  return start;
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
  for (const block& b : blocks_) std::free(b.start);
  blocks_.clear();
}

}  // namespace weft::explorer
