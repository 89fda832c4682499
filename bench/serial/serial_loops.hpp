// SPDX-License-Identifier: Apache-2.0
// The workloads over arrays as plain loops, and the standard library's sort.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "../workload/loops.hpp"
#include "../workload/sort.hpp"
#include "../workload/sums.hpp"

namespace weft::bench {

class serial_loops {
 public:
  explicit serial_loops(int /*threads: always this one*/) {}

  std::span<const std::uint32_t> compute(for_loop& work);
  std::span<const std::uint32_t> compute(heavy_loop& work);
  std::span<const std::uint32_t> compute(skewed_loop& work);
  std::uint64_t compute(const reduce& work);
  std::uint64_t compute(const heavy_reduce& work);
  std::span<const std::uint32_t> compute(scan& work);
  std::span<const std::uint32_t> compute(sort& work);

  [[nodiscard]] std::optional<std::uint64_t> steals() const { return std::nullopt; }
};

}  // namespace weft::bench
