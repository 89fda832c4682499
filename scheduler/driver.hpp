// SPDX-License-Identifier: Apache-2.0
//
// How an idle worker sleeps when time or I/O is awaited: at most one parked worker holds this role, the others sleep on
// their parkers. The core ships a driver that knows neither time nor I/O.
#pragma once

#include "parker.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace weft::sched {

/// poll and wait: by the worker that holds the role. interrupt: any thread.
class driver {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  virtual ~driver() = default;
  /// When the next thing is due, if anything is.
  virtual std::optional<time_point> next_deadline() noexcept = 0;
  /// Makes ready what is due. True: something was.
  virtual bool poll() noexcept = 0;
  /// Sleeps until interrupted, something is due, or `nanoseconds` have passed (negative: for ever). May return early.
  virtual void wait(std::int64_t nanoseconds) noexcept = 0;
  /// Ends the current or the next wait.
  virtual void interrupt() noexcept = 0;
};

/// Sleeps on a futex, and nothing is ever due.
class futex_driver final : public driver {
 public:
  std::optional<time_point> next_deadline() noexcept override { return std::nullopt; }
  bool poll() noexcept override { return false; }
  void wait(std::int64_t nanoseconds) noexcept override { parker_.sleep(nanoseconds); }
  void interrupt() noexcept override { parker_.wake(); }

 private:
  parker parker_;
};

}  // namespace weft::sched
