// SPDX-License-Identifier: Apache-2.0
// Sums up what the hand-written generator yields.
#include "plain_runner.hpp"

#include "plain_generator.hpp"

namespace weft::bench {

std::uint64_t plain_runner::compute(const values& work) {
  std::uint64_t sum = 0;
  for (const std::uint64_t value : plain_counts(work.count())) sum += value;
  return sum;
}

}  // namespace weft::bench
