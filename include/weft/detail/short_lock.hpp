// SPDX-License-Identifier: Apache-2.0
//
// A futex lock for cold lists: held for a few instructions, never while user code runs.
//
// States: 0 free, 1 held, 2 held and somebody may sleep.
// Edges   E1  release in unlock -> acquire in lock: the next holder sees what the last one wrote.
// Checked tests/unit/short_lock_test.cpp, tests/model/parker_model.cpp
#pragma once

#include "weft/detail/sync.hpp"

#include <cstdint>

namespace weft::detail {

/// Works with std::scoped_lock.
class short_lock {
 public:
  void lock() noexcept {
    std::uint32_t state = 0;
    if (state_.compare_exchange_strong(state, 1, acquire, relaxed)) return;  // E1
    while (state_.exchange(2, acquire) != 0) futex_wait(state_, 2);        // E1
  }
  void unlock() noexcept {
    if (state_.exchange(0, release) == 2) futex_wake(&state_);  // E1
  }

 private:
  atomic<std::uint32_t> state_{0};  // E1
};

}  // namespace weft::detail
