// SPDX-License-Identifier: Apache-2.0
// The workloads over arrays with oneTBB's parallel algorithms, as its users write them: with its own choice of grains.
#pragma once

#include <tbb/global_control.h>
#include <tbb/task_arena.h>

#include <cstdint>
#include <optional>
#include <span>

#include "../workload/loops.hpp"
#include "../workload/sort.hpp"
#include "../workload/sums.hpp"

namespace weft::bench {

class tbb_loops {
 public:
  /// The calling thread is one of the `threads`.
  explicit tbb_loops(int threads)
      : limit_(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(threads)), arena_(threads) {}

  std::span<const std::uint32_t> compute(for_loop& work);
  std::span<const std::uint32_t> compute(heavy_loop& work);
  std::span<const std::uint32_t> compute(skewed_loop& work);
  std::uint64_t compute(const reduce& work);
  std::uint64_t compute(const heavy_reduce& work);
  std::span<const std::uint32_t> compute(scan& work);
  std::span<const std::uint32_t> compute(sort& work);

  /// oneTBB does not tell.
  [[nodiscard]] std::optional<std::uint64_t> steals() const { return std::nullopt; }

 private:
  tbb::global_control limit_;
  tbb::task_arena arena_;
};

}  // namespace weft::bench
