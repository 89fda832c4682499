// SPDX-License-Identifier: Apache-2.0
//
// What a model test is written with: explore(body) runs the body under many schedules of its threads, and fails with the
// interleaving if one of them breaks a rule: a require() that does not hold, a data race, a use after free, a leak, a deadlock.
//
// WEFT_SCHEDULES  how many random schedules each explore() runs (default: a short dose)
// WEFT_SEED       where the random choices start
// WEFT_REPLAY     the name of one schedule, as a failure prints it: only that one runs, and is printed
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "explorer/explored_atomic.hpp"

namespace weft::explorer {

/// How to explore.
struct settings {
  double share = 1;                  // of WEFT_SCHEDULES, for bodies that take long
  std::uint64_t exhaustive = 0;      // how many schedules of the bounded exhaustive walk at most; 0: none
  bool cut_short = false;            // the walk may stop there; else it fails if it does not come to its end
  unsigned guesses = 0;              // threads (bit 0: the body itself) whose loads may read stores yet to come
  bool warms_up = true;              // one schedule first whose memory is not watched: what is made once for good is made then
  bool patient = false;              // deadlines pass only when nothing else can happen
  bool has_barrier = true;           // else barrier_all_threads() says no, as an old system does
  bool keeps_memory = false;         // the body leaves memory to the process: leaks are not looked for
  std::uint32_t longest = 20'000;    // steps of a schedule, beyond which it is taken not to end
};

/// What came of it.
struct outcome {
  std::uint64_t schedules = 0;       // random ones and those of the walk; or the one that warms up, if that fails
  std::uint64_t walked = 0;          // those of the exhaustive walk
  std::uint64_t dropped = 0;         // guesses that were not justified
  std::uint32_t most_steps = 0;
  bool walked_all = false;           // the exhaustive walk came to its end
  std::map<std::string, std::uint64_t> seen;  // what bodies have recorded, and how often
  std::string failure;               // the first line says what; empty: none
  std::string replay;                // names the failing schedule
};

/// Runs `body` as the first thread of each schedule.
outcome try_explore(const std::function<void()>& body, const settings& how = {});

/// The same in a test: a failure is printed and ends the process, for the library's own state is then anything.
void explore(const std::function<void()>& body, const settings& how = {});

/// Ends the schedule as failed unless `holds`.
void require(bool holds, const char* rule);

/// Notes how this schedule came out, if it counts.
void record(const char* text);

/// Another thread of the schedule.
class thread {
 public:
  explicit thread(std::function<void()> body);
  thread(const thread&) = delete;
  thread& operator=(const thread&) = delete;
  ~thread() { join(); }
  void join();

 private:
  std::function<void()> body_;
  unsigned number_;
  bool joined_ = false;
};

/// A fence, which the library itself does not use.
void fence(std::memory_order order);

/// Lets other threads run; for loops that wait.
void pause();

}  // namespace weft::explorer
