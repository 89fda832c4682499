// SPDX-License-Identifier: Apache-2.0
//
// Where coroutines are resumed: the only file that calls .resume().
//
// run_here     runs a frame on this thread, and then whatever is left in this thread's `next`, until nothing is.
// transfer     what await_suspend and final_suspend return to go on in another frame without growing the stack.
//              clang makes that a jump in every build. g++ does so only when it optimises and no sanitizer runs, and no
//              macro tells: there each transfer is counted, and every 64th goes through `next`, so that the calls unwind.
//              The types are the same in all builds: units built with different options link.
#pragma once

#include "weft/detail/frame_head.hpp"
#include "weft/detail/sync.hpp"

#include <coroutine>
#include <utility>

namespace weft::detail {

/// What the loop of this thread is to run next, and how many transfers may still nest in it (g++).
struct trampoline {
  static constexpr int nested_transfers = 64;
  frame* next = nullptr;
  int nesting_left = nested_transfers;
};
extern thread_local constinit trampoline this_trampoline WEFT_TLS_MODEL;

#if defined(__clang__)
inline constexpr bool counts_transfers = false;
#else
inline constexpr bool counts_transfers = true;
#endif

/// Runs `first` until it suspends or ends, then what it left in `next`. Any thread; also within another run, whose transfers go on
/// being counted afterwards.
inline void run_here(frame* first) {
  const int left_before = counts_transfers ? this_trampoline.nesting_left : 0;
  for (frame* f = first; f != nullptr; f = std::exchange(this_trampoline.next, nullptr)) {
    if constexpr (counts_transfers) this_trampoline.nesting_left = trampoline::nested_transfers;
    std::coroutine_handle<>::from_address(f).resume();
  }
  if constexpr (counts_transfers) this_trampoline.nesting_left = left_before;
}

/// Runs a frame that leaves nothing to this thread's loop but what transfer() does. Cheaper than run_here: transfers are counted on from
/// where they were, and what was left is run only then.
WEFT_INLINE void run_chain(frame* f) {
  std::coroutine_handle<>::from_address(f).resume();
  if constexpr (counts_transfers)
    if (this_trampoline.next != nullptr) [[unlikely]]
      run_here(std::exchange(this_trampoline.next, nullptr));
}

/// Leaves `f` to this thread's loop: for functions that are resumed like a coroutine and return.
WEFT_INLINE void run_next(frame* f) noexcept { this_trampoline.next = f; }

/// The handle to return in order to go on in `f`.
WEFT_INLINE std::coroutine_handle<> transfer(frame* f) noexcept {
  if constexpr (counts_transfers) {
    if (--this_trampoline.nesting_left <= 0) [[unlikely]] {
      this_trampoline.nesting_left = 0;
      run_next(f);
      return std::noop_coroutine();
    }
  }
  return std::coroutine_handle<>::from_address(f);
}

}  // namespace weft::detail
