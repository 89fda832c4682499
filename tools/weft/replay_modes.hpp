// SPDX-License-Identifier: Apache-2.0
// The ways in which a program is run: by one thread, by the workers of a scheduler in turn, and with two operations at once.
#pragma once

#include <weft/scheduler.hpp>

#include <cstddef>
#include <vector>

#include "replay_machine.hpp"
#include "replay_program.hpp"

namespace weft::tool::replay {

struct observed {
  json trace;
  /// Whether it depends on the viewpoint's tells_of_passing_on.
  bool has_met_passing_on = false;
};

/// Runs the program on this thread.
[[nodiscard]] observed run_here(const program& p, viewpoint from);

/// Where operations ran.
struct moves {
  std::size_t operations = 0;
  /// Those on another worker than the one before.
  std::size_t moved = 0;
};
/// Runs each operation as a task of its own, one after the other.
[[nodiscard]] observed run_on(scheduler& workers, const program& p, viewpoint from, moves& count);

/// Races the two operations of the program's plan, each time from the start, as tasks that two workers take if they can: of each race
/// [result of first, result of second, state of slot 0].
[[nodiscard]] std::vector<json> race_on(scheduler& workers, const program& p, int races);

}  // namespace weft::tool::replay
