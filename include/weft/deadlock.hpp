// SPDX-License-Identifier: Apache-2.0
//
// Tasks that can never go on, and who is told of them.
#pragma once

#include "weft/left_task.hpp"

#include <functional>
#include <string_view>
#include <vector>

namespace weft {

/// Every worker of a scheduler sleeps, nothing is ready, no timer runs, nothing is waited for that could come from outside, and there are
/// tasks that wait: for each other, or each for itself. What comes from outside is an awaitable that is not weft's, a blocking call, a
/// task of another scheduler; and while tasks of two schedulers visit each other, nobody is told.
struct deadlock_report {
  std::string_view scheduler;    // its name; good during the call
  std::vector<left_task> tasks;  // all that live
};

/// Told of a deadlock, once for the same waits; by a worker, which sleeps on afterwards. Other threads may go on to spawn tasks, cancel, or
/// stop the scheduler; the hook itself may do all but the last. It must not throw: that ends the process, with a message that names it.
using deadlock_hook = std::function<void(const deadlock_report& report)>;

/// Prints who waits for what, and where, on stderr: a hook for those who need no other.
void print_deadlock(const deadlock_report& report) noexcept;

}  // namespace weft
