// SPDX-License-Identifier: Apache-2.0
// Loops over an array, each element changed by itself, again and again: with a cheap body, with a dear one, and with one that is dear for
// the last eighth alone.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "number_array.hpp"
#include "workload_facts.hpp"

namespace weft::bench {

/// `Body`: its facts; `elements`, how many are done in a run at least; and `next(x, i, n)`, the element i of n after x.
template <class Body>
class array_loop : public Body {
 public:
  explicit array_loop(int size) : numbers_(static_cast<std::size_t>(size), scattered) {}

  [[nodiscard]] static int warm_up_size(int size) { return std::min(size, 1'000'000); }
  [[nodiscard]] std::span<std::uint32_t> numbers() { return numbers_.all(); }
  [[nodiscard]] std::size_t rounds() const { return rounds_for(numbers_.all().size(), Body::elements); }
  [[nodiscard]] std::uint64_t tasks() const { return numbers_.all().size() * rounds(); }
  /// Looks at some of the elements: at all it would take as long as the run.
  [[nodiscard]] bool accepts(std::span<const std::uint32_t> answer) const {
    const std::size_t n = numbers_.all().size();
    for (std::size_t i = 0; i < n; i += n - i > 1000 ? 997 : 1) {
      std::uint32_t x = scattered(i);
      for (std::size_t round = rounds(); round > 0; --round) x = Body::next(x, i, n);
      if (answer[i] != x) return false;
    }
    return answer.size() == n;
  }

 private:
  number_array numbers_;
};

struct cheap_body {
  static constexpr workload_facts facts{.name = "for",
                                        .meaning = "a loop over n elements with a cheap body that can be vectorised, one task an element",
                                        .smallest = 1,
                                        .largest = 200'000'000,
                                        .default_size = 1'000'000,
                                        .tiny_size = 10'000};
  static constexpr std::size_t elements = 100'000'000;
  [[nodiscard]] static constexpr std::uint32_t next(std::uint32_t x, std::size_t, std::size_t) { return x * 3 + 1; }
};

struct dear_body {
  static constexpr workload_facts facts{.name = "for_heavy",
                                        .meaning = "a loop over n elements with a body of 100 dependent steps, one task an element",
                                        .smallest = 1,
                                        .largest = 10'000'000,
                                        .default_size = 1'000'000,
                                        .tiny_size = 1000};
  static constexpr std::size_t elements = 1'000'000;
  [[nodiscard]] static constexpr std::uint32_t next(std::uint32_t x, std::size_t, std::size_t) { return ground(x, 100); }
};

struct skewed_body {
  static constexpr workload_facts facts{.name = "for_skewed",
                                        .meaning = "the same, 400 steps for the last eighth of the elements and one for the others",
                                        .smallest = 1,
                                        .largest = 10'000'000,
                                        .default_size = 1'000'000,
                                        .tiny_size = 1000};
  static constexpr std::size_t elements = 1'000'000;
  [[nodiscard]] static constexpr std::uint32_t next(std::uint32_t x, std::size_t i, std::size_t n) {
    return ground(x, i >= n - n / 8 ? 400 : 1);
  }
};

using for_loop = array_loop<cheap_body>;
using heavy_loop = array_loop<dear_body>;
using skewed_loop = array_loop<skewed_body>;

}  // namespace weft::bench
