// SPDX-License-Identifier: Apache-2.0
// Plain recursion, one function a workload.
#include "serial_runner.hpp"

namespace weft::bench {
namespace {

std::uint64_t fibonacci(int n) {
  if (n < 2) return static_cast<std::uint64_t>(n);
  return fibonacci(n - 1) + fibonacci(n - 2);
}

std::uint64_t sum_of_leaves(std::uint64_t first, std::uint64_t leaves) {
  if (leaves == 1) return first;
  const std::uint64_t step = leaves / skynet::fan_out;
  std::uint64_t sum = 0;
  for (std::uint64_t child = 0; child < skynet::fan_out; ++child) sum += sum_of_leaves(first + child * step, step);
  return sum;
}

template <std::size_t N>
std::uint64_t placements(int row, board<N> queens) {
  if (row == static_cast<int>(N)) return 1;
  std::uint64_t sum = 0;
  for (int column = 0; column < static_cast<int>(N); ++column) {
    if (is_safe(queens, row, column)) sum += placements<N>(row + 1, with_queen(queens, row, column));
  }
  return sum;
}

void multiply(const product& whole) {
  if (whole.size <= matmul::block) return multiply_block(whole);
  for (int middle = 0; middle < 2; ++middle) {
    multiply(whole.quadrant(0, middle, 0));
    multiply(whole.quadrant(0, middle, 1));
    multiply(whole.quadrant(1, middle, 0));
    multiply(whole.quadrant(1, middle, 1));
  }
}

}  // namespace

std::uint64_t serial_runner::compute(const fib& work) { return fibonacci(work.n()); }

std::uint64_t serial_runner::compute(const skynet& work) { return sum_of_leaves(0, work.leaves()); }

std::uint64_t serial_runner::compute(const nqueens& work) {
  return work.with_constant_size([](auto size) { return placements<size()>(0, {}); });
}

std::span<const int> serial_runner::compute(matmul& work) {
  multiply(work.whole());
  return work.result();
}

}  // namespace weft::bench
