// SPDX-License-Identifier: Apache-2.0
//
// How many threads a scheduler has for calls that block, and how much may wait for them.
#pragma once

#include <chrono>
#include <cstddef>

namespace weft {

/// The most threads for blocking calls that one scheduler can have.
inline constexpr int max_blocking_threads = 10'000;

/// The threads on which run_blocking() calls its functions. None is started before it is needed.
struct blocking_options {
  int min_threads = 0;                                          // so many, once started, stay until the scheduler stops
  int max_threads = 64;                                         // never more at a time
  std::chrono::nanoseconds keep_alive = std::chrono::seconds(10);  // a thread above the minimum that has nothing to do ends after that
  std::size_t queue = 1024;                                     // calls for which there is no thread: beyond, try_run_blocking() refuses
};

}  // namespace weft
