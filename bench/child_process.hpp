// SPDX-License-Identifier: Apache-2.0
// Starts a program, collects what it writes to its standard output, and says how it ended.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace weft::bench {

struct child_end {
  enum class kind { exited, signalled, timed_out, not_started };
  kind how = kind::not_started;
  /// Exit status, signal number or errno, as `how` says.
  int code = 0;
  std::string output;
};

/// Where PATH has a program of that name; empty if nowhere.
[[nodiscard]] std::string find_program(std::string_view name);

/// Runs `arguments` (the first is the program's path) and waits until it has ended or `limit` is over; then it is killed.
/// `tick` is called a few times a second meanwhile. The child dies with the calling thread. The caller has no other threads.
[[nodiscard]] child_end run_child(const std::vector<std::string>& arguments, std::chrono::milliseconds limit,
                                  const std::function<void()>& tick);

/// How a child that failed ended, in words for a table: "crashed: Segmentation fault".
[[nodiscard]] std::string in_words(const child_end& end);

}  // namespace weft::bench
