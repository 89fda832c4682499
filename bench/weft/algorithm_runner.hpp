// SPDX-License-Identifier: Apache-2.0
// The workloads over arrays with weft's parallel algorithms, each round awaited by one task.
#pragma once

#include <weft/scheduler.hpp>

#include <cstdint>
#include <optional>
#include <span>

#include "../workload/loops.hpp"
#include "../workload/sort.hpp"
#include "../workload/sums.hpp"

namespace weft::bench {

class algorithm_runner {
 public:
  explicit algorithm_runner(int threads) : pool_{{.workers = threads}} {}

  std::span<const std::uint32_t> compute(for_loop& work);
  std::span<const std::uint32_t> compute(heavy_loop& work);
  std::span<const std::uint32_t> compute(skewed_loop& work);
  std::uint64_t compute(const reduce& work);
  std::uint64_t compute(const heavy_reduce& work);
  std::span<const std::uint32_t> compute(scan& work);
  std::span<const std::uint32_t> compute(sort& work);

  [[nodiscard]] std::optional<std::uint64_t> steals() const { return pool_.metrics().total().tasks_stolen; }

 private:
  scheduler pool_;
};

}  // namespace weft::bench
