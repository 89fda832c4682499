// SPDX-License-Identifier: Apache-2.0
//
// What a scheduler can tell of its tasks as they run: hooks for each of them, and a watchdog for those that hold their worker.
#pragma once

#include <chrono>
#include <functional>
#include <source_location>
#include <string_view>

namespace weft {

/// Told of the tasks of a scheduler that were spawned, posted or run from outside, by the names they were spawned with; what these await
/// and join counts as theirs. Called by several threads at once, in the middle of the scheduler: they must be quick, must not throw (that
/// ends the process, with a message that names the hook), and must neither stop nor destroy a scheduler. Free where they are absent.
struct task_hooks {
  std::function<void(std::string_view task)> on_spawn = {};    // before it can run; by the thread that spawns it
  std::function<void(std::string_view task)> on_pick_up = {};  // a worker begins or goes on with a part of it; by that worker
  // A part of it begins a wait for something; by the worker that ran it. It may be over before it suspends.
  std::function<void(std::string_view task, std::string_view what)> on_suspend = {};
  std::function<void(std::string_view task)> on_finish = {};  // it has ended, or was not accepted after all; once for each on_spawn
};

/// A task that holds its worker.
struct held_worker {
  std::string_view task;              // as in spawn_options; good during the call
  int worker = 0;
  std::chrono::nanoseconds held_for{0};
  std::source_location where;         // of the last wait that has ended since the worker picked the task up; line 0: there was none
};

/// Reports tasks that keep their worker for long without going back to it. A computation that forks and joins does, too.
struct watchdog_options {
  std::chrono::nanoseconds threshold{0};  // longer is told, once each time; 0: no watchdog. It looks four times in so long
  // Called by a thread of its own while the task goes on; must not throw, and must return for the scheduler to end. Absent: printed.
  std::function<void(const held_worker& held)> on_held = {};
};

}  // namespace weft
