// SPDX-License-Identifier: Apache-2.0
// Hand-written coroutines that know nothing but their one task.
#pragma once

#include <cstdint>
#include <optional>

#include "../workload/values.hpp"

namespace weft::bench {

class plain_runner {
 public:
  explicit plain_runner(int /*threads: always this one*/) {}

  std::uint64_t compute(const values& work);

  [[nodiscard]] std::optional<std::uint64_t> steals() const { return std::nullopt; }
};

}  // namespace weft::bench
