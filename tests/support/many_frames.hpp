// SPDX-License-Identifier: Apache-2.0
// Frames by the dozen, and what is known of those of one size.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "scheduler/frame_classes.hpp"
#include "weft/detail/frame_pool.hpp"
#include "weft/frames.hpp"

namespace weft::test {

inline std::vector<void*> allocate_many(std::size_t count, std::size_t bytes) {
  std::vector<void*> frames(count);
  std::generate(frames.begin(), frames.end(), [&] { return detail::allocate_frame(bytes); });
  return frames;
}

inline void release_all(const std::vector<void*>& frames, std::size_t bytes) {
  for (void* frame : frames) detail::release_frame(frame, bytes);
}

inline frame_class_usage usage_of(std::size_t bytes) { return describe_frames().classes[sched::size_class_for(bytes) - 1]; }

}  // namespace weft::test
