// SPDX-License-Identifier: Apache-2.0
// Fork and join with tbb::task_group, one function a workload.
#include "tbb_runner.hpp"

#include <tbb/task_group.h>

#include <array>
#include <numeric>

namespace weft::bench {
namespace {

std::uint64_t fibonacci(int n) {
  if (n < 2) return static_cast<std::uint64_t>(n);
  std::uint64_t forked = 0;
  tbb::task_group group;
  group.run([&forked, n] { forked = fibonacci(n - 1); });
  const std::uint64_t in_place = fibonacci(n - 2);
  group.wait();
  return forked + in_place;
}

std::uint64_t sum_of_leaves(std::uint64_t first, std::uint64_t leaves) {
  if (leaves == 1) return first;
  const std::uint64_t step = leaves / skynet::fan_out;
  std::array<std::uint64_t, skynet::fan_out> sums;
  tbb::task_group group;
  for (std::size_t child = 0; child + 1 < sums.size(); ++child) {
    group.run([&sums, child, first, step] { sums[child] = sum_of_leaves(first + child * step, step); });
  }
  sums.back() = sum_of_leaves(first + (sums.size() - 1) * step, step);
  group.wait();
  return std::accumulate(sums.begin(), sums.end(), std::uint64_t{0});
}

template <std::size_t N>
std::uint64_t placements(int row, board<N> queens) {
  if (row == static_cast<int>(N)) return 1;
  const safe_columns<N> safe(queens, row);
  if (safe.count() == 0) return 0;
  std::array<std::uint64_t, N> found;
  const std::size_t last = safe.count() - 1;
  const auto place = [&](std::size_t child) { found[child] = placements<N>(safe.next_row(), safe.next_board(child)); };
  tbb::task_group group;
  for (std::size_t child = 0; child < last; ++child) group.run([&place, child] { place(child); });
  place(last);
  group.wait();
  return std::accumulate(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(safe.count()), std::uint64_t{0});
}

void multiply(const product& whole) {
  if (whole.size <= matmul::block) return multiply_block(whole);
  for (int middle = 0; middle < 2; ++middle) {
    tbb::task_group group;
    group.run([&whole, middle] { multiply(whole.quadrant(0, middle, 0)); });
    group.run([&whole, middle] { multiply(whole.quadrant(0, middle, 1)); });
    group.run([&whole, middle] { multiply(whole.quadrant(1, middle, 0)); });
    multiply(whole.quadrant(1, middle, 1));
    group.wait();
  }
}

}  // namespace

std::uint64_t tbb_runner::compute(const fib& work) {
  return arena_.execute([&] { return fibonacci(work.n()); });
}

std::uint64_t tbb_runner::compute(const skynet& work) {
  return arena_.execute([&] { return sum_of_leaves(0, work.leaves()); });
}

std::uint64_t tbb_runner::compute(const nqueens& work) {
  return arena_.execute([&] { return work.with_constant_size([](auto size) { return placements<size()>(0, {}); }); });
}

std::span<const int> tbb_runner::compute(matmul& work) {
  arena_.execute([&] { multiply(work.whole()); });
  return work.result();
}

}  // namespace weft::bench
