// SPDX-License-Identifier: Apache-2.0
//
// Who waits for what, so that reports can tell: a list per worker of the waits that began on it. Per worker, and not per task, so that
// the children of one task that wait and wake all the time do not meet in one lock.
//
// Who touches what: the list only under its lock. A wait is listed by the worker that runs its frame, before anybody can wake it, and
//   taken out by the worker that goes on in it, before the frame can end. So a listed wait lives, and so do its name, its level and
//   the root above. It wakes at the scheduler where it waits: the worker of the list lives as long.
// Stop: who cancels all waits of a scheduler says so first, then goes through the lists. A wait is listed first, then asks: either it
//   is found, or it finds that it is cancelled.
// Cost: two locks, mostly uncontended, for a wait that suspends; a fork-join touches none of it.
// Checked: tests/unit/wait_report_test.cpp, tests/model/waits_model.cpp
#pragma once

#include "weft/detail/root.hpp"
#include "weft/detail/short_lock.hpp"
#include "weft/detail/waiter.hpp"

#include <cstddef>
#include <cstdint>
#include <source_location>
#include <vector>

namespace weft::sched {

/// A wait as it was a moment ago.
struct seen_wait {
  const detail::root* top;   // whose task waits: an address to compare, no more
  const detail::waiter* which;  // as above
  bool is_external;
  const char* what;
  std::source_location where;
  char name[detail::root::name_bytes];
};

/// Which waits of its tasks a stop cancels.
enum class cancelled_waits : std::uint8_t { none, unshielded, all };

/// Of a scheduler's own tasks, or of others.
enum class whose : bool { its_own, of_others };

/// The waits that began on one worker.
class wait_list {
 public:
  void add(detail::waiter& w) noexcept;
  void remove(detail::waiter& w) noexcept;
  /// Whether there is one that others than this scheduler may end.
  [[nodiscard]] bool has_external() noexcept;
  /// Copies waits of a scheduler's own tasks, or of all others, behind what is there, the oldest first. Takes memory for what it finds.
  void copy_to(std::vector<seen_wait>& seen, const detail::arena* home, whose which);
  /// Cancels waits of tasks of `home`, and makes their frames ready. True: tasks of it may go on by that, or by themselves, for what they
  /// wait for in a shield.
  [[nodiscard]] bool cancel_those_of(const detail::arena* home, cancelled_waits which) noexcept;

 private:
  detail::short_lock lock_;
  detail::waiter* oldest_ = nullptr;
  detail::waiter* newest_ = nullptr;
  std::size_t external_ = 0;
};

}  // namespace weft::sched
