// SPDX-License-Identifier: Apache-2.0
//
// What checked builds (debug and AddressSanitizer) know about each block. detail::check_allocated and check_released,
// declared with the hot path, are compiled here; other builds call none of it.
//
// Shape: a bit for each block says whether it is handed out. A free block is filled with a pattern behind its link, and
//   under AddressSanitizer nobody may touch it there; nor, in a frame that is in use, what lies behind its end.
//
// Who touches what
//   live bits   by read-modify-writes: whoever allocates or releases that block; a wrong release may do so at any time
//   pattern     whoever frees the block, and whoever gets it next
//
// Edges
//   There are none: an honest block brings its bit along by the edges of the pool, a wrong one is reported either way.
//
// Checked   tests/unit/frame_checks_test.cpp
#pragma once

#include <cstddef>

namespace weft::sched {

/// Prepares a block that has just been cut from its slab, before its link is written.
void poison_fresh(std::byte* block, std::size_t size_class) noexcept;

}  // namespace weft::sched
