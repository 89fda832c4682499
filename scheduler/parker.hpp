// SPDX-License-Identifier: Apache-2.0
//
// How one worker sleeps. Who sleeps, and whom to wake, is idle.hpp's business.
//
// States of the token, and what each call does in each:
//             awake (0)             asleep (1)              notified (2)
//   sleep     -> asleep, waits      cannot be               -> awake, returns true
//   wake      -> notified           -> notified, futex      stays notified
// The sleeper returns false if its time is over; a wake that comes later is kept for the next sleep.
//
// Edges   E1  wake's exchange (release) -> sleep's exchange that finds notified (acquire): what was made ready
//             before the wake is seen. An exchange, not a test and store: a wake between them would be lost.
// Checked tests/unit/parker_test.cpp, tests/stress/park_stress.cpp, tests/model/parker_model.cpp
#pragma once

#include "weft/detail/sync.hpp"

#include <cstdint>

namespace weft::sched {

/// One sleeper, any number of wakers.
class parker {
 public:
  /// Sleeps until woken, or for `nanoseconds` (negative: for ever). True: woken; the wake is used up. Owner only.
  bool sleep(std::int64_t nanoseconds) noexcept {
    std::uint32_t seen = awake;
    if (token_.compare_exchange_strong(seen, asleep, detail::relaxed, detail::relaxed))  // take_wake orders
      detail::futex_wait(token_, asleep, nanoseconds);
    return take_wake();
  }

  /// Uses up a wake, if there is one. Owner only.
  bool take_wake() noexcept { return token_.exchange(awake, detail::acquire) == notified; }  // E1

  /// Wakes the sleeper, or the next sleep. Any thread. The parker must outlive the call.
  void wake() noexcept {
    if (token_.exchange(notified, detail::release) == asleep) detail::futex_wake(&token_);  // E1
  }

 private:
  enum : std::uint32_t { awake, asleep, notified };
  detail::atomic<std::uint32_t> token_{awake};  // E1
};

}  // namespace weft::sched
