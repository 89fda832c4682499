// SPDX-License-Identifier: Apache-2.0
// Schedulers whose workers know which of them they belong to.
#pragma once

#include <weft/scheduler.hpp>

#include <utility>

namespace weft::test {

inline constinit thread_local int place_of_thread = 0;

/// The number of the place that runs the caller; 0 on a thread that is no worker of one. Not inlined: a coroutine that moves
/// must not keep the address of the old thread's number.
[[gnu::noinline]] inline int here() noexcept { return place_of_thread; }

/// A scheduler with a number.
class place : public scheduler {
 public:
  explicit place(int number, int workers = 1) : scheduler(numbered(number, {.workers = workers})) {}

 private:
  static scheduler_options numbered(int number, scheduler_options options) {
    options.on_worker_start = [number](int) { place_of_thread = number; };
    return options;
  }
};

}  // namespace weft::test
