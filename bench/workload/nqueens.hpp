// SPDX-License-Identifier: Apache-2.0
// Count the ways to place n queens row by row; a node forks one task for each safe column: a fan-out that is known only at run time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <utility>

#include "workload_facts.hpp"

namespace weft::bench {

/// Row r's queen stands in column board[r]. Every task has a board of its own, passed by value.
template <std::size_t N>
using board = std::array<char, N>;

/// Whether a queen in `column` of row `row` is attacked by none of the rows above.
template <std::size_t N>
[[nodiscard]] inline bool is_safe(const board<N>& queens, int row, int column) {
  for (int above = 0; above < row; ++above) {
    const int taken = queens[static_cast<std::size_t>(above)];
    const int distance = row - above;
    if (taken == column || taken == column - distance || taken == column + distance) return false;
  }
  return true;
}

template <std::size_t N>
[[nodiscard]] inline board<N> with_queen(board<N> queens, int row, int column) {
  queens[static_cast<std::size_t>(row)] = static_cast<char>(column);
  return queens;
}

/// The safe columns of a row, below the queens that stand on a board, which outlives this.
template <std::size_t N>
class safe_columns {
 public:
  // Not inlined: a coroutine saves the registers of all its code each time that it is resumed, and this needs all of them.
  [[gnu::noinline]] safe_columns(const board<N>& queens, int row) : queens_(queens), row_(row) {
    std::size_t found = 0;
    for (int column = 0; column < static_cast<int>(N); ++column) {
      if (is_safe(queens, row, column)) columns_[found++] = static_cast<char>(column);
    }
    count_ = found;
  }

  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] int next_row() const { return row_ + 1; }
  /// The board with a queen in the i-th safe column.
  [[nodiscard]] board<N> next_board(std::size_t i) const { return with_queen(queens_, row_, columns_[i]); }

 private:
  const board<N>& queens_;
  int row_;
  board<N> columns_;
  std::size_t count_;
};

class nqueens {
 public:
  static constexpr workload_facts facts{.name = "nqueens",
                                        .meaning = "placements of n queens on an n x n board, one task a safe square",
                                        .smallest = 1,
                                        .largest = 16,
                                        .default_size = 12,
                                        .suite_size = 14,
                                        .tiny_size = 6};

  explicit nqueens(int size) : size_(size) {}

  [[nodiscard]] static int warm_up_size(int size) { return size; }
  [[nodiscard]] int size() const { return size_; }
  /// The placements of 0 to n queens that stand safely in the first rows: the nodes of the search.
  [[nodiscard]] std::uint64_t tasks() const { return nodes[place()]; }
  [[nodiscard]] bool accepts(std::uint64_t answer) const { return answer == solutions[place()]; }

  /// Calls `count` with the board size as a compile-time constant.
  template <class Count>
  [[nodiscard]] std::uint64_t with_constant_size(Count count) const {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      std::uint64_t answer = 0;
      const bool found = ((place() == I && (answer = count(std::integral_constant<std::size_t, I + 1>{}), true)) || ...);
      if (!found) throw std::out_of_range("nqueens: no board of this size");
      return answer;
    }(std::make_index_sequence<facts.largest>{});
  }

 private:
  static constexpr std::array<std::uint64_t, 16> solutions{1,   0,   0,    2,     10,    4,      40,      92,
                                                           352, 724, 2680, 14200, 73712, 365596, 2279184, 14772512};
  static constexpr std::array<std::uint64_t, 16> nodes{2,    3,     6,      17,     54,      153,      552,       2057,
                                                       8394, 35539, 166926, 856189, 4674890, 27358553, 171129072, 1141190303};

  [[nodiscard]] std::size_t place() const { return static_cast<std::size_t>(size_ - 1); }

  int size_;
};

}  // namespace weft::bench
