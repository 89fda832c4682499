// SPDX-License-Identifier: Apache-2.0
// A weft scheduler that computes every workload, its children forked (`weft`) or awaited in turn (`floor`).
#pragma once

#include <weft/scheduler.hpp>

#include <cstdint>
#include <optional>
#include <span>

#include "../workload/fib.hpp"
#include "../workload/matmul.hpp"
#include "../workload/nqueens.hpp"
#include "../workload/skynet.hpp"

namespace weft::bench {

/// In which order the children of a task run: all at once, or one after the other.
enum class children { forked, in_turn };

template <children Order>
class coroutine_runner {
 public:
  explicit coroutine_runner(int threads) : pool_{{.workers = threads}} {}

  std::uint64_t compute(const fib& work);
  std::uint64_t compute(const skynet& work);
  std::uint64_t compute(const nqueens& work);
  std::span<const int> compute(matmul& work);

  [[nodiscard]] std::optional<std::uint64_t> steals() const { return pool_.metrics().total().tasks_stolen; }

 private:
  scheduler pool_;
};

extern template class coroutine_runner<children::forked>;
extern template class coroutine_runner<children::in_turn>;

using weft_runner = coroutine_runner<children::forked>;
using floor_runner = coroutine_runner<children::in_turn>;

}  // namespace weft::bench
