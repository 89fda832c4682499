// SPDX-License-Identifier: Apache-2.0
// The workloads on oneTBB, as its users write them: task_group, all children but one forked, the last run in place, then wait.
#pragma once

#include <tbb/global_control.h>
#include <tbb/task_arena.h>

#include <cstdint>
#include <optional>
#include <span>

#include "../workload/fib.hpp"
#include "../workload/matmul.hpp"
#include "../workload/nqueens.hpp"
#include "../workload/skynet.hpp"

namespace weft::bench {

class tbb_runner {
 public:
  /// The calling thread is one of the `threads`.
  explicit tbb_runner(int threads)
      : limit_(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(threads)), arena_(threads) {}

  std::uint64_t compute(const fib& work);
  std::uint64_t compute(const skynet& work);
  std::uint64_t compute(const nqueens& work);
  std::span<const int> compute(matmul& work);

  /// oneTBB does not tell.
  [[nodiscard]] std::optional<std::uint64_t> steals() const { return std::nullopt; }

 private:
  tbb::global_control limit_;
  tbb::task_arena arena_;
};

}  // namespace weft::bench
