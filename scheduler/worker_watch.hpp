// SPDX-License-Identifier: Apache-2.0
//
// Looks, on a thread of its own, for workers that do not come back from a task. Where it is off there is no thread, and workers say
// nothing.
//
// Who touches what
//   stint      its worker writes what it does, the watchdog reads it and marks what it has told: under the stint's lock
//   leaving_   stop() sets it, then wakes the thread, which reads it after each sleep: the parker's edge orders the two
//
// Cost    while it is on: two turns of a lock that nobody else wants and a look at the clock for each pick-up; one turn for each wait
// Checked tests/unit/watchdog_test.cpp
#pragma once

#include "parker.hpp"
#include "threads.hpp"
#include "weft/detail/root.hpp"
#include "weft/detail/short_lock.hpp"
#include "weft/task_hooks.hpp"

#include <chrono>
#include <optional>
#include <source_location>
#include <vector>

namespace weft::sched {

/// What one worker is at.
class stint {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Its worker begins with a part of a task, or of none that it knows.
  void begin(const detail::root* of) noexcept;
  /// It has gone on after a wait.
  void note(const std::source_location& where) noexcept;
  /// It is back.
  void end() noexcept;

  /// A copy of what has lasted.
  struct held {
    char task[detail::root::name_bytes];
    std::chrono::nanoseconds lasted;
    std::source_location where;
  };
  /// What it is at, if that has lasted for longer than `threshold` and was not told yet: it counts as told then.
  [[nodiscard]] std::optional<held> overlong(std::chrono::nanoseconds threshold) noexcept;

 private:
  detail::short_lock lock_;
  char task_[detail::root::name_bytes] = {};
  time_point since_;
  std::source_location where_;
  bool is_running_ = false;
  bool is_told_ = false;
};

class worker_watch {
 public:
  /// `scheduler`: its name, which lives as long as it. Throws usage_error.
  worker_watch(watchdog_options options, const char* scheduler);
  worker_watch(const worker_watch&) = delete;
  worker_watch& operator=(const worker_watch&) = delete;
  ~worker_watch() = default;

  [[nodiscard]] bool is_on() const noexcept { return options_.threshold > std::chrono::nanoseconds::zero(); }
  /// Starts looking at workers, numbered as they come, that live until stop(). Throws std::system_error, std::bad_alloc.
  void start(std::vector<stint*> workers);
  /// Ends, and joins the thread, if it was started.
  void stop() noexcept;

 private:
  void look() noexcept;
  void tell(const stint::held& what, int worker) noexcept;

  const watchdog_options options_;
  const char* const scheduler_;
  std::vector<stint*> workers_;
  parker bed_;
  detail::atomic<bool> leaving_{false};  // set once, by stop()
  std::optional<thread> thread_;
};

}  // namespace weft::sched
