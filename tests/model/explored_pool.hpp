// SPDX-License-Identifier: Apache-2.0
// What model tests of whole schedulers share: small ones, whose frames come from the heap, so that each is watched.
#pragma once

#include "explorer/explore.hpp"
#include "weft/frames.hpp"
#include "weft/weft.hpp"

namespace weft::test {

/// Every frame is a block of its own: touched after its end, freed twice or left over, it is noticed.
inline const bool frames_from_heap = choose_frame_source(frame_source::heap);

inline scheduler_options workers(int count) { return {.workers = count}; }

}  // namespace weft::test
