// SPDX-License-Identifier: Apache-2.0
// The results of `weft stress` for people.
#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "stress_world.hpp"

namespace weft::tool::stress {

/// What has come of a run.
struct outcome {
  std::optional<std::uint64_t> lost = {};  // absent: the run hangs, and what has not run may be on its way
  std::uint64_t doubled = 0;
  std::uint64_t wrong = 0;
  std::optional<std::uint64_t> live_frames = {};  // absent: the run did not come to its end
  double worst_stall = 0;
  std::string worst_moment;
  double seconds = 0;
  std::optional<std::int64_t> rss_drift_kib = {};  // since the end of the warm-up; absent: the run was over before
  worker_metrics totals;
  std::vector<std::string> findings;
};

/// How much RSS may grow after the warm-up.
inline constexpr std::int64_t most_rss_drift_kib = 64 * 1024;
/// A sanitizer keeps memory by itself, so that growth says nothing.
[[nodiscard]] bool judges_rss() noexcept;

/// What the counters say now; the rest is the caller's.
[[nodiscard]] outcome outcome_so_far(world& w);

/// The tables: operations by kind, then laws and figures.
void print_report(std::ostream& out, world& w, const outcome& end);
/// What was found, one sentence, and how to repeat the run.
void print_verdict(std::ostream& out, world& w, const outcome& end);

/// Every worker, every lane, what has not run: for a law that is broken.
[[nodiscard]] std::string state_of(world& w);

/// The command line that repeats a run's choices.
[[nodiscard]] std::string replay_command(const settings& of);

}  // namespace weft::tool::stress
