// SPDX-License-Identifier: Apache-2.0
// The matrices, the block kernel that every implementation calls, and the check of the result.
#include "matmul.hpp"

#include <algorithm>
#include <new>

namespace weft::bench {
namespace {

/// Whole pages, so that a run does not depend on where the allocator happened to put a matrix.
constexpr std::align_val_t page{4096};

}  // namespace

// The side comes in at run time, as in the public suite. Do not write the constant: clang then unrolls the row and leaves it scalar.
void multiply_block(const product& leaf) noexcept {
  const int side = leaf.size;
  for (int i = 0; i < side; ++i) {
    int* c = leaf.c + static_cast<std::ptrdiff_t>(i) * leaf.stride;
    const int* a = leaf.a + static_cast<std::ptrdiff_t>(i) * leaf.stride;
    for (int k = 0; k < side; ++k) {
      const int* b = leaf.b + static_cast<std::ptrdiff_t>(k) * leaf.stride;
      const int factor = a[k];
      for (int j = 0; j < side; ++j) c[j] += factor * b[j];
    }
  }
}

matmul::matmul(int size) : size_(size), a_(filled(1)), b_(filled(1)), c_(filled(0)) {}

void matmul::freed::operator()(int* elements) const noexcept { ::operator delete[](elements, page); }

matmul::elements_pointer matmul::filled(int value) const {
  elements_pointer all(static_cast<int*>(::operator new[](elements() * sizeof(int), page)));
  std::fill_n(all.get(), elements(), value);
  return all;
}

std::uint64_t matmul::tasks() const {
  std::uint64_t leaves = 1;
  for (int size = size_; size > block; size /= 2) leaves *= 8;
  return (leaves * 8 - 1) / 7;  // leaves and all the nodes above them
}

bool matmul::accepts(std::span<const int> answer) const {
  return answer.size() == elements() && std::all_of(answer.begin(), answer.end(), [this](int element) { return element == size_; });
}

}  // namespace weft::bench
