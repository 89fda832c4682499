// SPDX-License-Identifier: Apache-2.0
// An array of numbers in whole pages of its own, so that a run does not depend on where the allocator happened to put it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>

namespace weft::bench {

class number_array {
 public:
  /// Element i is `value(i)`.
  template <class Value>
  number_array(std::size_t count, Value value)
      : numbers_(static_cast<std::uint32_t*>(::operator new[](count * sizeof(std::uint32_t), page))), count_(count) {
    for (std::size_t i = 0; i < count; ++i) numbers_[i] = value(i);
  }

  [[nodiscard]] std::span<std::uint32_t> all() { return {numbers_.get(), count_}; }
  [[nodiscard]] std::span<const std::uint32_t> all() const { return {numbers_.get(), count_}; }

 private:
  static constexpr std::align_val_t page{4096};
  struct freed {
    void operator()(std::uint32_t* numbers) const noexcept { ::operator delete[](numbers, page); }
  };

  std::unique_ptr<std::uint32_t[], freed> numbers_;
  std::size_t count_;
};

/// A number that looks random, another one for each `i`.
[[nodiscard]] constexpr std::uint32_t scattered(std::uint64_t i) {
  i = (i + 0x9e3779b97f4a7c15U) * 0xbf58476d1ce4e5b9U;
  i = (i ^ (i >> 29)) * 0x94d049bb133111ebU;
  return static_cast<std::uint32_t>(i >> 32);
}

/// `steps` steps of a computation that cannot be shortened and uses no memory: a few nanoseconds each.
[[nodiscard]] constexpr std::uint32_t ground(std::uint32_t x, int steps) {
  for (; steps > 0; --steps) x = (x * 1664525U + 1013904223U) ^ (x >> 7);
  return x;
}

/// How often a workload over `size` elements is repeated in a run, so that small ones take time that can be measured.
[[nodiscard]] constexpr std::size_t rounds_for(std::size_t size, std::size_t elements) { return size >= elements ? 1 : elements / size; }

}  // namespace weft::bench
