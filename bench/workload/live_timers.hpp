// SPDX-License-Identifier: Apache-2.0
// Timers that come and go while many others live: what a timeout costs that is not needed.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "workload_facts.hpp"

namespace weft::bench {

class live_timers {
 public:
  static constexpr workload_facts facts{.name = "timer",
                                        .meaning = "2 million times any of n live timers goes or one comes, a task each time",
                                        .smallest = 1,
                                        .largest = 10'000'000,
                                        .default_size = 1'000'000,
                                        .tiny_size = 100,
                                        .takes_threads = false};

  explicit live_timers(int live) : live_(static_cast<std::size_t>(live)) {}

  [[nodiscard]] static int warm_up_size(int live) { return std::min(live, 1000); }
  [[nodiscard]] std::size_t live() const { return live_; }
  /// So often one goes and comes again.
  [[nodiscard]] static std::uint64_t turns() { return 1'000'000; }
  /// The next one that goes, from 0.
  [[nodiscard]] std::size_t any() { return static_cast<std::size_t>(random()) % live_; }
  /// After how many nanoseconds the next one would be due: an hour and up to another.
  [[nodiscard]] std::int64_t patience() {
    constexpr std::int64_t hour = 3'600'000'000'000;
    return hour + static_cast<std::int64_t>(random()) % hour;
  }
  [[nodiscard]] static std::uint64_t tasks() { return 2 * turns(); }
  /// How many have gone that were there.
  [[nodiscard]] static bool accepts(std::uint64_t answer) { return answer == turns(); }

 private:
  std::uint64_t random() {
    state_ = state_ * 0x5851f42d4c957f2dU + 0x14057b7ef767814fU;
    return state_ >> 20;
  }

  std::size_t live_;
  std::uint64_t state_ = 1;
};

}  // namespace weft::bench
