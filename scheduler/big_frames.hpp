// SPDX-License-Identifier: Apache-2.0
//
// Frames larger than any size class: each has a mapping of its own, and a few mappings are kept for the next one.
//
// Shape: a mapping starts at a multiple of the region size, with a line that says how long it is; the frame follows. So
//   the class in the frame's address reads 0, and nobody needs its size to release it.
//
// Who touches what
//   mapping       whoever has the frame, or claimed it from `kept`
//   kept          a slot is filled by CAS from null and emptied by exchange, anyone's
//   live, mapped  added to by all; gauges
//
// Edges
//   E1  mapping   the CAS that puts it into a slot (release)  ->  the exchange that claims it (acquire)
//
// Progress  lock-free but for the system calls.
// Checked   tests/unit/frame_pool_test.cpp, tests/unit/frame_failure_test.cpp, tests/model/frame_pool_model.cpp
#pragma once

#include <cstddef>
#include <cstdint>

#include "frame_classes.hpp"

namespace weft::sched {

/// A frame of more than largest_block bytes, or null. Any thread.
[[nodiscard]] void* allocate_big_frame(std::size_t bytes) noexcept;
void release_big_frame(void* frame) noexcept;

/// Whether this is where a large frame starts that is in use, and whether `bytes` fit into it. Checked builds only.
[[nodiscard]] bool is_big_frame(const void* pointer) noexcept;
[[nodiscard]] bool big_frame_holds(const void* frame, std::size_t bytes) noexcept;

/// Unmaps what is kept for reuse; answers how many bytes.
std::size_t drop_kept_big_frames() noexcept;

/// Large frames in use, and the bytes of their mappings together with those kept.
[[nodiscard]] std::size_t live_big_frames() noexcept;
[[nodiscard]] std::size_t big_frame_bytes() noexcept;

}  // namespace weft::sched
