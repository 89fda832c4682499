// SPDX-License-Identifier: Apache-2.0
// fib(n) = n < 2 ? n : fib(n-1) + fib(n-2), one task a call: nothing but forks and joins.
#pragma once

#include <algorithm>
#include <cstdint>

#include "workload_facts.hpp"

namespace weft::bench {

class fib {
 public:
  static constexpr workload_facts facts{.name = "fib",
                                        .meaning = "Fibonacci number n by naive recursion, one task a call",
                                        .smallest = 0,
                                        .largest = 50,
                                        .default_size = 34,
                                        .suite_size = 39,
                                        .tiny_size = 12};

  explicit fib(int n) : n_(n) {}

  [[nodiscard]] static int warm_up_size(int n) { return std::min(n, 30); }
  [[nodiscard]] int n() const { return n_; }
  /// Every call is a task: calls(n) = 1 + calls(n-1) + calls(n-2), which is 2 fib(n+1) - 1.
  [[nodiscard]] std::uint64_t tasks() const { return 2 * by_iteration(n_ + 1) - 1; }
  [[nodiscard]] bool accepts(std::uint64_t answer) const { return answer == by_iteration(n_); }

 private:
  [[nodiscard]] static std::uint64_t by_iteration(int n) {
    std::uint64_t current = 0;
    std::uint64_t next = 1;
    for (int i = 0; i < n; ++i) {
      const std::uint64_t sum = current + next;
      current = next;
      next = sum;
    }
    return current;
  }

  int n_;
};

}  // namespace weft::bench
