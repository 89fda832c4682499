// SPDX-License-Identifier: Apache-2.0
// C += A * B on square int matrices of ones, split into quadrants down to small blocks: much work in each leaf, and a barrier in each node.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "workload_facts.hpp"

namespace weft::bench {

/// Three equal square parts of the matrices, each given by its first element; rows are `stride` elements apart.
struct product {
  const int* a;
  const int* b;
  int* c;
  int size;
  int stride;

  /// The product of a's quadrant (row, middle) and b's quadrant (middle, column), which adds to c's quadrant (row, column).
  [[nodiscard]] product quadrant(int row, int middle, int column) const {
    const int half = size / 2;
    return {a + at(row * half, middle * half), b + at(middle * half, column * half), c + at(row * half, column * half), half, stride};
  }

 private:
  [[nodiscard]] std::ptrdiff_t at(int row, int column) const { return static_cast<std::ptrdiff_t>(row) * stride + column; }
};

/// The leaf of the recursion, the same machine code for every implementation.
void multiply_block(const product& leaf) noexcept;

class matmul {
 public:
  static constexpr workload_facts facts{.name = "matmul",
                                        .meaning = "product of two n x n int matrices, one task a quadrant product",
                                        .smallest = 32,
                                        .largest = 8192,
                                        .default_size = 1024,
                                        .suite_size = 2048,
                                        .tiny_size = 128,
                                        .powers_of_two = true};
  static constexpr int block = 32;

  /// A and B hold ones, C zeros.
  explicit matmul(int size);

  [[nodiscard]] static int warm_up_size(int size) { return size; }
  [[nodiscard]] product whole() { return {a_.get(), b_.get(), c_.get(), size_, size_}; }
  /// What has been added to C so far: the answer, once the whole product has been computed.
  [[nodiscard]] std::span<const int> result() const { return {c_.get(), elements()}; }
  [[nodiscard]] std::uint64_t tasks() const;
  [[nodiscard]] bool accepts(std::span<const int> answer) const;

 private:
  struct freed {
    void operator()(int* elements) const noexcept;
  };
  using elements_pointer = std::unique_ptr<int[], freed>;

  [[nodiscard]] std::size_t elements() const { return static_cast<std::size_t>(size_) * static_cast<std::size_t>(size_); }
  [[nodiscard]] elements_pointer filled(int value) const;

  int size_;
  elements_pointer a_;
  elements_pointer b_;
  elements_pointer c_;
};

}  // namespace weft::bench
