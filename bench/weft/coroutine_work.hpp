// SPDX-License-Identifier: Apache-2.0
// The workloads as coroutines, written once in two orders: `forked` is what weft is for, `in_turn` awaits each child before the next one
// begins, so that the difference of the two is the price of forking and joining.
// They are static, as good as plain functions: of a function that another unit may define as well, an inline one or a template,
// clang does not conclude that the task it returns is not empty, so that its callers test for it (hot_path.md).
#pragma once

#include <weft/weft.hpp>

#include <cstddef>
#include <cstdint>

#include "../workload/matmul.hpp"
#include "../workload/nqueens.hpp"
#include "../workload/skynet.hpp"
#include "coroutine_runner.hpp"

namespace weft::bench {

template <children Order>
static task<std::uint64_t> fibonacci(int n) {
  if (n < 2) co_return static_cast<std::uint64_t>(n);
  if constexpr (Order == children::forked) {
    auto legs = when_all(fibonacci<Order>(n - 1), fibonacci<Order>(n - 2));
    co_await legs;
    co_return legs.template get<0>() + legs.template get<1>();
  } else {
    const std::uint64_t first = co_await fibonacci<Order>(n - 1);
    const std::uint64_t second = co_await fibonacci<Order>(n - 2);
    co_return first + second;
  }
}

template <children Order>
static task<std::uint64_t> sum_of_leaves(std::uint64_t first, std::uint64_t leaves) {
  if (leaves == 1) co_return first;
  const std::uint64_t step = leaves / skynet::fan_out;
  const auto child = [&](std::size_t i) { return sum_of_leaves<Order>(first + i * step, step); };
  std::uint64_t sum = 0;
  if constexpr (Order == children::forked) {
    auto sums = fork_join<skynet::fan_out>(skynet::fan_out, child);
    co_await sums;
    for (const std::uint64_t one : sums) sum += one;
  } else {
    for (std::size_t i = 0; i < skynet::fan_out; ++i) {
      const std::uint64_t one = co_await child(i);
      sum += one;
    }
  }
  co_return sum;
}

template <children Order, std::size_t N>
static task<std::uint64_t> placements(int row, board<N> queens) {
  if (row == static_cast<int>(N)) co_return 1;
  const safe_columns<N> safe(queens, row);
  const auto child = [&safe](std::size_t i) { return placements<Order, N>(safe.next_row(), safe.next_board(i)); };
  std::uint64_t sum = 0;
  if constexpr (Order == children::forked) {
    auto found = fork_join<N>(safe.count(), child);
    co_await found;
    for (const std::uint64_t one : found) sum += one;
  } else {
    for (std::size_t i = 0; i < safe.count(); ++i) {
      const std::uint64_t one = co_await child(i);
      sum += one;
    }
  }
  co_return sum;
}

template <children Order>
static task<> multiply(product whole) {
  if (whole.size <= matmul::block) {
    multiply_block(whole);
    co_return;
  }
  for (int middle = 0; middle < 2; ++middle) {
    if constexpr (Order == children::forked) {
      auto quadrants = when_all(multiply<Order>(whole.quadrant(0, middle, 0)), multiply<Order>(whole.quadrant(0, middle, 1)),
                                multiply<Order>(whole.quadrant(1, middle, 0)), multiply<Order>(whole.quadrant(1, middle, 1)));
      co_await quadrants;
    } else {
      co_await multiply<Order>(whole.quadrant(0, middle, 0));
      co_await multiply<Order>(whole.quadrant(0, middle, 1));
      co_await multiply<Order>(whole.quadrant(1, middle, 0));
      co_await multiply<Order>(whole.quadrant(1, middle, 1));
    }
  }
}

}  // namespace weft::bench
