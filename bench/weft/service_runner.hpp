// SPDX-License-Identifier: Apache-2.0
// A weft scheduler that does what services do: timers, deadlines, scopes and cancellation.
#pragma once

#include <weft/scheduler.hpp>

#include <cstdint>
#include <optional>

#include "../measure.hpp"
#include "../workload/cancelled_tree.hpp"
#include "../workload/lateness.hpp"
#include "../workload/live_timers.hpp"
#include "../workload/ready_deadlines.hpp"
#include "../workload/small_children.hpp"

namespace weft::bench {

class service_runner {
 public:
  explicit service_runner(int threads) : pool_{{.workers = threads}} {}

  timed_answer compute(live_timers& work);
  timed_answer compute(const lateness& work);
  std::uint64_t compute(const ready_deadlines& work);
  std::uint64_t compute(const small_children& work);
  timed_answer compute(const cancelled_tree& work);

  [[nodiscard]] std::optional<std::uint64_t> steals() const { return pool_.metrics().total().tasks_stolen; }

 private:
  scheduler pool_;
};

/// when_all in the place of scopes.
class joined_runner {
 public:
  explicit joined_runner(int threads) : pool_{{.workers = threads}} {}

  std::uint64_t compute(const small_children& work);

  [[nodiscard]] std::optional<std::uint64_t> steals() const { return pool_.metrics().total().tasks_stolen; }

 private:
  scheduler pool_;
};

}  // namespace weft::bench
