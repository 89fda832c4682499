// SPDX-License-Identifier: Apache-2.0
// The workloads as plain recursive functions: what the machine does when nothing is a task.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "../workload/fib.hpp"
#include "../workload/matmul.hpp"
#include "../workload/nqueens.hpp"
#include "../workload/skynet.hpp"

namespace weft::bench {

class serial_runner {
 public:
  explicit serial_runner(int /*threads: always this one*/) {}

  std::uint64_t compute(const fib& work);
  std::uint64_t compute(const skynet& work);
  std::uint64_t compute(const nqueens& work);
  std::span<const int> compute(matmul& work);

  [[nodiscard]] std::optional<std::uint64_t> steals() const { return std::nullopt; }
};

}  // namespace weft::bench
