// SPDX-License-Identifier: Apache-2.0
// Arrays of scattered numbers, to be sorted: as many of n as come to a million elements, one after the other.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>

#include "number_array.hpp"
#include "workload_facts.hpp"

namespace weft::bench {

class sort {
 public:
  static constexpr workload_facts facts{.name = "sort",
                                        .meaning = "sorts n scattered numbers, one task an element",
                                        .smallest = 1,
                                        .largest = 200'000'000,
                                        .default_size = 1'000'000,
                                        .tiny_size = 10'000};

  explicit sort(int size) : size_(static_cast<std::size_t>(size)), numbers_(size_ * rounds(), scattered) {}

  [[nodiscard]] static int warm_up_size(int size) { return std::min(size, 1'000'000); }
  [[nodiscard]] std::size_t rounds() const { return rounds_for(size_, 1'000'000); }
  /// The array of a round.
  [[nodiscard]] std::span<std::uint32_t> array(std::size_t round) { return numbers_.all().subspan(round * size_, size_); }
  [[nodiscard]] std::span<std::uint32_t> numbers() { return numbers_.all(); }
  [[nodiscard]] std::uint64_t tasks() const { return size_ * rounds(); }
  [[nodiscard]] bool accepts(std::span<const std::uint32_t> answer) const {
    for (std::size_t round = 0; round < rounds(); ++round) {
      const auto sorted = answer.subspan(round * size_, size_);
      if (!std::is_sorted(sorted.begin(), sorted.end())) return false;
      std::uint64_t expected = 0;
      for (std::size_t i = 0; i < size_; ++i) expected += scattered(round * size_ + i);
      if (std::accumulate(sorted.begin(), sorted.end(), std::uint64_t{0}) != expected) return false;
    }
    return true;
  }

 private:
  std::size_t size_;
  number_array numbers_;
};

}  // namespace weft::bench
