// SPDX-License-Identifier: Apache-2.0
// Looks on as `weft stress` runs: shows progress, measures the longest time in which nothing happened, and ends a run that hangs.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "progress.hpp"
#include "stress_world.hpp"

namespace weft::tool::stress {

/// Something has happened when a task was marked or the program has beaten. Time in which this process itself was stopped counts only a
/// little, for whoever closes a laptop has lost no wake-up.
class stall_watch {
 public:
  /// On a stall over the patience the watch prints what it knows and ends the process with status 1.
  explicit stall_watch(world& w);
  stall_watch(const stall_watch&) = delete;
  stall_watch& operator=(const stall_watch&) = delete;
  ~stall_watch();

  /// The longest stall so far.
  [[nodiscard]] double worst_seconds() const noexcept { return worst_.load(std::memory_order_relaxed); }
  /// The round in which that was, and what the program was at.
  [[nodiscard]] std::string worst_moment() const;
  [[nodiscard]] double elapsed_seconds() const noexcept;

 private:
  using clock = std::chrono::steady_clock;

  void work();
  void show();
  [[noreturn]] void give_up();

  world& w_;
  const clock::time_point start_ = clock::now();
  progress progress_;
  std::mutex lock_;
  std::condition_variable over_changed_;
  bool over_ = false;              // with lock_ held
  std::atomic<double> worst_{0};   // only the watch writes it
  std::atomic<std::uint64_t> worst_round_{0};             // the same
  std::atomic<const char*> worst_phase_{"is starting"};  // the same
  std::thread thread_;             // last: it uses all of the above
};

}  // namespace weft::tool::stress
