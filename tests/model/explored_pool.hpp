// SPDX-License-Identifier: Apache-2.0
// What model tests of whole schedulers share: small ones, whose frames come from the heap, so that each is watched.
#pragma once

#include <thread>

#include "explorer/explore.hpp"
#include "weft/frames.hpp"
#include "weft/weft.hpp"

namespace weft::test {

/// Every frame is a block of its own: touched after its end, freed twice or left over, it is noticed.
inline const bool frames_from_heap = choose_frame_source(frame_source::heap);

/// The standard library counts who holds something shared with atomics only where a second thread has been: here the others are fibers.
inline const bool has_had_threads = [] {
  std::thread([] {}).join();
  return true;
}();

inline scheduler_options workers(int count) { return {.workers = count}; }

}  // namespace weft::test
