// SPDX-License-Identifier: Apache-2.0
// weft's parallel algorithms, one function a workload.
#include "algorithm_runner.hpp"

#include <weft/weft.hpp>

#include <cstddef>
#include <functional>

namespace weft::bench {
namespace {

template <class Body>
task<> loop(array_loop<Body>& work) {
  const std::span<std::uint32_t> numbers = work.numbers();
  for (std::size_t round = work.rounds(); round > 0; --round)
    co_await parallel_for(std::size_t{0}, numbers.size(), [=](std::size_t i) { numbers[i] = Body::next(numbers[i], i, numbers.size()); });
}

template <class Body>
std::span<const std::uint32_t> run_loop(scheduler& pool, array_loop<Body>& work) {
  sync_wait(pool, loop(work));
  return work.numbers();
}

task<std::uint64_t> sums(const reduce& work) {
  std::uint64_t sum = 0;
  for (std::size_t round = work.rounds(); round > 0; --round) {
    const std::uint32_t one = co_await parallel_reduce(work.numbers(), 0U);
    sum += one;
  }
  co_return sum;
}

task<std::uint64_t> sums(const heavy_reduce& work) {
  std::uint64_t sum = 0;
  for (std::size_t round = work.rounds(); round > 0; --round) {
    const std::uint32_t one =
        co_await parallel_reduce(0U, work.size(), 0U, std::plus<>(), [](std::uint32_t i) { return heavy_reduce::value(i); });
    sum += one;
  }
  co_return sum;
}

task<> scans(scan& work) {
  for (std::size_t round = work.rounds(); round > 0; --round) co_await parallel_scan(work.in(), work.numbers().begin());
}

task<> sorts(sort& work) {
  for (std::size_t round = 0; round < work.rounds(); ++round) co_await parallel_sort(work.array(round));
}

}  // namespace

std::span<const std::uint32_t> algorithm_runner::compute(for_loop& work) { return run_loop(pool_, work); }
std::span<const std::uint32_t> algorithm_runner::compute(heavy_loop& work) { return run_loop(pool_, work); }
std::span<const std::uint32_t> algorithm_runner::compute(skewed_loop& work) { return run_loop(pool_, work); }
std::uint64_t algorithm_runner::compute(const reduce& work) { return sync_wait(pool_, sums(work)); }
std::uint64_t algorithm_runner::compute(const heavy_reduce& work) { return sync_wait(pool_, sums(work)); }

std::span<const std::uint32_t> algorithm_runner::compute(scan& work) {
  sync_wait(pool_, scans(work));
  return work.numbers();
}

std::span<const std::uint32_t> algorithm_runner::compute(sort& work) {
  sync_wait(pool_, sorts(work));
  return work.numbers();
}

}  // namespace weft::bench
