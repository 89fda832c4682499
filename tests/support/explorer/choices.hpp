// SPDX-License-Identifier: Apache-2.0
// Where a schedule's choices come from: seeded at random in several ways, or one after the other until none is left.
#pragma once

#include <cstdint>
#include <string>

#include "untracked.hpp"

namespace weft::explorer {

/// How a schedule is chosen.
enum class strategy : std::uint8_t {
  uniform,     // any thread at any step
  sticky,      // mostly the same thread
  priorities,  // PCT: the highest of random priorities runs, which change at two random steps
  exhaustive,  // all schedules within the bounds, depth first
};

/// The choices of one schedule after the other. Engine only: its memory is not the explored program's.
class choices {
 public:
  /// Bounds of the exhaustive strategy, for each schedule.
  static constexpr unsigned most_preemptions = 2;
  static constexpr unsigned most_oddities = 2;  // stale loads, spurious failures, early wakes
  static constexpr unsigned change_points = 2;  // PCT of depth 3

  void begin(strategy how, std::uint64_t seed, std::uint32_t expected_steps);
  /// Repeats the schedule that `replay()` named. False: no such name.
  bool begin(const std::string& name);
  /// Exhaustive: goes on to the next schedule. False: there is none.
  bool advance();
  /// Names this schedule, so that begin(name) repeats it.
  [[nodiscard]] std::string replay() const;

  [[nodiscard]] strategy how() const noexcept { return how_; }
  /// One of `count` threads that can run; `current` is the index of the one that runs, or count if it cannot go on.
  unsigned thread(const unsigned* threads, unsigned count, unsigned current);
  /// The same where the running one waits for others.
  unsigned other_thread(const unsigned* threads, unsigned count, unsigned current);
  /// Whether something legal and odd is to happen, that random schedules do once in `one_in`.
  bool oddity(unsigned one_in);
  /// Which of `count` stores to read, 0 the newest.
  unsigned store(unsigned count);
  /// One of `count` values to guess.
  unsigned value(unsigned count) { return how_ == strategy::exhaustive ? branch_of(count) : static_cast<unsigned>(next() % count); }
  void thread_starts(unsigned thread);

 private:
  struct branch {
    std::uint16_t taken, count;
  };
  std::uint64_t next() noexcept;
  unsigned branch_of(unsigned count);
  unsigned by_priority(const unsigned* threads, unsigned count, unsigned current);

  strategy how_ = strategy::uniform;
  std::uint64_t seed_ = 0, random_ = 0;
  std::uint32_t expected_steps_ = 0, step_ = 0, change_at_[change_points] = {};
  std::uint32_t priority_[8] = {}, lowest_ = 0, in_a_row_ = 0;
  unsigned stale_one_in_ = 0, switch_one_in_ = 0;
  untracked<branch> path_;
  std::size_t depth_ = 0;
  unsigned preemptions_ = 0, oddities_ = 0;
};

}  // namespace weft::explorer
