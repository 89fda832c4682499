// SPDX-License-Identifier: Apache-2.0
// Weft's coroutines and generators driven by a loop on the one thread that calls, without a scheduler.
#pragma once

#include <cstdint>
#include <optional>

#include "../workload/depth.hpp"
#include "../workload/send.hpp"
#include "../workload/values.hpp"

namespace weft::bench {

class driven_runner {
 public:
  explicit driven_runner(int /*threads: always this one*/) {}

  std::uint64_t compute(const send& work);
  std::uint64_t compute(const depth& work);
  std::uint64_t compute(const values& work);

  [[nodiscard]] std::optional<std::uint64_t> steals() const { return std::nullopt; }
};

/// The same with every chain of awaits cut down to one.
class flat_runner {
 public:
  explicit flat_runner(int threads) : driven_(threads) {}

  std::uint64_t compute(const depth& /*work*/) { return driven_.compute(depth(1)); }

  [[nodiscard]] std::optional<std::uint64_t> steals() const { return std::nullopt; }

 private:
  driven_runner driven_;
};

}  // namespace weft::bench
