// SPDX-License-Identifier: Apache-2.0
// Sums of an array, again and again: one of all its elements, and one for each place.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>

#include "number_array.hpp"
#include "workload_facts.hpp"

namespace weft::bench {

/// The sum of an array, in 32 bits. A run adds up what its rounds give.
class reduce {
 public:
  static constexpr workload_facts facts{.name = "reduce",
                                        .meaning = "sum of n numbers in memory, one task an element",
                                        .smallest = 1,
                                        .largest = 200'000'000,
                                        .default_size = 1'000'000,
                                        .tiny_size = 10'000};

  explicit reduce(int size) : numbers_(static_cast<std::size_t>(size), scattered) {}

  [[nodiscard]] static int warm_up_size(int size) { return std::min(size, 1'000'000); }
  [[nodiscard]] std::span<const std::uint32_t> numbers() const { return numbers_.all(); }
  [[nodiscard]] std::size_t rounds() const { return rounds_for(numbers().size(), 100'000'000); }
  [[nodiscard]] std::uint64_t tasks() const { return numbers().size() * rounds(); }
  [[nodiscard]] bool accepts(std::uint64_t answer) const {
    return answer == std::uint64_t{std::accumulate(numbers().begin(), numbers().end(), 0U)} * rounds();
  }

 private:
  number_array numbers_;
};

/// A sum of values that take time to compute.
class heavy_reduce {
 public:
  static constexpr workload_facts facts{.name = "reduce_heavy",
                                        .meaning = "sum of n numbers that take 100 dependent steps each, one task an element",
                                        .smallest = 1,
                                        .largest = 10'000'000,
                                        .default_size = 1'000'000,
                                        .tiny_size = 1000};

  explicit heavy_reduce(int size) : size_(static_cast<std::uint32_t>(size)) {}

  [[nodiscard]] static int warm_up_size(int size) { return std::min(size, 1'000'000); }
  [[nodiscard]] std::uint32_t size() const { return size_; }
  [[nodiscard]] static constexpr std::uint32_t value(std::uint32_t i) { return ground(i, 100); }
  [[nodiscard]] std::size_t rounds() const { return rounds_for(size_, 1'000'000); }
  [[nodiscard]] std::uint64_t tasks() const { return size_ * rounds(); }
  [[nodiscard]] bool accepts(std::uint64_t answer) const {
    std::uint32_t sum = 0;
    for (std::uint32_t i = 0; i < size_; ++i) sum += value(i);
    return answer == std::uint64_t{sum} * rounds();
  }

 private:
  std::uint32_t size_;
};

/// Each place's sum of all up to it, from one array into another.
class scan {
 public:
  static constexpr workload_facts facts{.name = "scan",
                                        .meaning = "running sums of n numbers in memory into another array, one task an element",
                                        .smallest = 1,
                                        .largest = 200'000'000,
                                        .default_size = 1'000'000,
                                        .tiny_size = 10'000};

  explicit scan(int size)
      : numbers_(static_cast<std::size_t>(size), scattered), sums_(static_cast<std::size_t>(size), [](std::size_t) { return 0U; }) {}

  [[nodiscard]] static int warm_up_size(int size) { return std::min(size, 1'000'000); }
  [[nodiscard]] std::span<const std::uint32_t> in() const { return numbers_.all(); }
  /// Where the sums go.
  [[nodiscard]] std::span<std::uint32_t> numbers() { return sums_.all(); }
  [[nodiscard]] std::size_t rounds() const { return rounds_for(in().size(), 50'000'000); }
  [[nodiscard]] std::uint64_t tasks() const { return in().size() * rounds(); }
  [[nodiscard]] bool accepts(std::span<const std::uint32_t> answer) const {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < in().size(); ++i)
      if (answer[i] != (sum += in()[i])) return false;
    return answer.size() == in().size();
  }

 private:
  number_array numbers_;
  number_array sums_;
};

}  // namespace weft::bench
