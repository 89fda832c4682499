// SPDX-License-Identifier: Apache-2.0
// Whether frames come from the pool or, for leak hunting, one by one from the heap: decided once, before the first frame.
#pragma once

#include <cstddef>

#include "weft/frames.hpp"

namespace weft::sched {

/// Where frames come from in this process; the first call decides.
[[nodiscard]] frame_source source_of_frames() noexcept;

/// A block from the heap, or null; aligned to a line.
[[nodiscard]] void* allocate_from_heap(std::size_t bytes) noexcept;
void release_to_heap(void* block) noexcept;

/// Blocks from the heap that are in use.
[[nodiscard]] std::size_t live_heap_frames() noexcept;

}  // namespace weft::sched
