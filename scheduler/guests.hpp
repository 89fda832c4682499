// SPDX-License-Identifier: Apache-2.0
//
// Who is where: chains of tasks that stay at a scheduler which is not their home.
//
// A chain is a task and those that await it alone, up to a child of a join or the task of a root or of weft::on. It is at one
// scheduler at a time: where it runs, waits, or lies ready. Its home is where the join, the root or the on above it goes on. While the two
// differ, the chain is a guest of the one and away from the other. So a scheduler's own work is its roots, all below them that never
// left, and its guests; stop() waits for both.
//
//     enters     before it is queued there, by the thread that sends it      refused once the intake is closed
//     leaves     when it ends, goes home or goes on to a third scheduler, by the worker of the host that ran it
//
// A child that ends and passes its credit on to a sibling (detail/join.hpp) tells nobody: that sibling is at the same scheduler, so
//   both are guests there or none is, and the ends it answers for are told with its own. So a child that goes elsewhere first
//   accounts for what it answers for, and arrives with nothing but itself.
//
// Invariants
//   I1  A guest's host lives: the host's stop() waits for it, or reports it abandoned and the host is kept for good.
//   I2  A home with somebody away lives: a root, or a chain that waits there, holds it. So `away` goes down before the end of the
//       chain is told there.
//   I3  After close() the count only falls.
//
// Edges
//   E1  leave (release) -> the count() that finds no guest (acquire): roots that a guest started there are counted by whoever looks
//       at the roots afterwards. In the other order one could slip through between the two looks.
//   Entering and closing are changes of one word: a guest is before close(), and counted, or after it, and refused.
//
// Progress  lock-free; a chain that stays at home touches none of it.
// Checked   tests/unit/stop_test.cpp, tests/stress/migrate_stress.cpp, tests/model/guests_model.cpp,
//           tests/model/moving_model.cpp
#pragma once

#include "weft/detail/sync.hpp"

#include <cstddef>
#include <cstdint>

namespace weft::sched {

/// Those that stay at one scheduler.
class guests {
 public:
  /// One more. False: the intake is closed. Any thread.
  [[nodiscard]] bool enter() noexcept {
    std::uint32_t seen = word_.load(detail::relaxed);  // the CAS decides
    do {
      if ((seen & closed) != 0) return false;
    } while (!word_.compare_exchange_weak(seen, seen + 1, detail::relaxed, detail::relaxed));  // the queue publishes the guest
    return true;
  }
  /// So many less. True: stop() may be waiting for it.
  [[nodiscard]] bool leave(unsigned n) noexcept { return (word_.fetch_sub(n, detail::release) & closed) != 0; }  // E1

  /// Refuses guests from now on.
  void close() noexcept { word_.fetch_or(closed, detail::relaxed); }  // one word
  [[nodiscard]] std::size_t count() const noexcept { return word_.load(detail::acquire) & ~closed; }  // E1

 private:
  static constexpr std::uint32_t closed = std::uint32_t{1} << 31;
  detail::atomic<std::uint32_t> word_{0};  // E1
};

}  // namespace weft::sched
