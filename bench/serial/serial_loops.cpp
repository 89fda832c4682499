// SPDX-License-Identifier: Apache-2.0
// Plain loops, one function a workload.
#include "serial_loops.hpp"

#include <algorithm>
#include <numeric>

namespace weft::bench {
namespace {

/// What is computed again in each round must not be taken out of the loop over them.
template <class T>
void use(T* pointer) {
  asm volatile("" : : "r"(pointer) : "memory");
}

template <class Body>
std::span<const std::uint32_t> loop(array_loop<Body>& work) {
  const std::span<std::uint32_t> numbers = work.numbers();
  for (std::size_t round = work.rounds(); round > 0; --round) {
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = Body::next(numbers[i], i, numbers.size());
    use(numbers.data());
  }
  return numbers;
}

}  // namespace

std::span<const std::uint32_t> serial_loops::compute(for_loop& work) { return loop(work); }
std::span<const std::uint32_t> serial_loops::compute(heavy_loop& work) { return loop(work); }
std::span<const std::uint32_t> serial_loops::compute(skewed_loop& work) { return loop(work); }

std::uint64_t serial_loops::compute(const reduce& work) {
  std::uint64_t sum = 0;
  for (std::size_t round = work.rounds(); round > 0; --round) {
    sum += std::accumulate(work.numbers().begin(), work.numbers().end(), 0U);
    use(work.numbers().data());
  }
  return sum;
}

std::uint64_t serial_loops::compute(const heavy_reduce& work) {
  std::uint64_t sum = 0;
  for (std::size_t round = work.rounds(); round > 0; --round) {
    std::uint32_t one = 0;
    for (std::uint32_t i = 0; i < work.size(); ++i) one += heavy_reduce::value(i);
    use(&one);
    sum += one;
  }
  return sum;
}

std::span<const std::uint32_t> serial_loops::compute(scan& work) {
  for (std::size_t round = work.rounds(); round > 0; --round) {
    std::inclusive_scan(work.in().begin(), work.in().end(), work.numbers().begin());
    use(work.numbers().data());
  }
  return work.numbers();
}

std::span<const std::uint32_t> serial_loops::compute(sort& work) {
  for (std::size_t round = 0; round < work.rounds(); ++round) std::sort(work.array(round).begin(), work.array(round).end());
  return work.numbers();
}

}  // namespace weft::bench
