// SPDX-License-Identifier: Apache-2.0
// oneTBB's parallel algorithms, one function a workload.
#include "tbb_loops.hpp"

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>
#include <tbb/parallel_reduce.h>
#include <tbb/parallel_scan.h>
#include <tbb/parallel_sort.h>

#include <functional>

namespace weft::bench {
namespace {

using indices = tbb::blocked_range<std::size_t>;

/// Calls `once` for each round, on a thread of the arena.
template <class Once>
void repeat(tbb::task_arena& arena, std::size_t rounds, Once once) {
  arena.execute([&] {
    for (std::size_t round = 0; round < rounds; ++round) once(round);
  });
}

template <class Body>
std::span<const std::uint32_t> loop(tbb::task_arena& arena, array_loop<Body>& work) {
  const std::span<std::uint32_t> numbers = work.numbers();
  repeat(arena, work.rounds(), [=](std::size_t) {
    tbb::parallel_for(indices(0, numbers.size()), [=](const indices& part) {
      for (std::size_t i = part.begin(); i != part.end(); ++i) numbers[i] = Body::next(numbers[i], i, numbers.size());
    });
  });
  return numbers;
}

template <class Value>
std::uint64_t sum_of(tbb::task_arena& arena, std::size_t rounds, std::size_t count, Value value) {
  std::uint64_t sum = 0;
  repeat(arena, rounds, [&](std::size_t) {
    sum += tbb::parallel_reduce(
        indices(0, count), 0U,
        [value](const indices& part, std::uint32_t so_far) {
          for (std::size_t i = part.begin(); i != part.end(); ++i) so_far += value(i);
          return so_far;
        },
        std::plus<>());
  });
  return sum;
}

}  // namespace

std::span<const std::uint32_t> tbb_loops::compute(for_loop& work) { return loop(arena_, work); }
std::span<const std::uint32_t> tbb_loops::compute(heavy_loop& work) { return loop(arena_, work); }
std::span<const std::uint32_t> tbb_loops::compute(skewed_loop& work) { return loop(arena_, work); }

std::uint64_t tbb_loops::compute(const reduce& work) {
  return sum_of(arena_, work.rounds(), work.numbers().size(), [numbers = work.numbers()](std::size_t i) { return numbers[i]; });
}

std::uint64_t tbb_loops::compute(const heavy_reduce& work) {
  return sum_of(arena_, work.rounds(), work.size(), [](std::size_t i) { return heavy_reduce::value(static_cast<std::uint32_t>(i)); });
}

std::span<const std::uint32_t> tbb_loops::compute(scan& work) {
  const std::span<const std::uint32_t> in = work.in();
  const std::span<std::uint32_t> out = work.numbers();
  repeat(arena_, work.rounds(), [=](std::size_t) {
    tbb::parallel_scan(
        indices(0, in.size()), 0U,
        [=](const indices& part, std::uint32_t sum, bool is_final) {
          if (is_final) {
            for (std::size_t i = part.begin(); i != part.end(); ++i) out[i] = sum += in[i];
          } else {
            for (std::size_t i = part.begin(); i != part.end(); ++i) sum += in[i];
          }
          return sum;
        },
        std::plus<>());
  });
  return out;
}

std::span<const std::uint32_t> tbb_loops::compute(sort& work) {
  repeat(arena_, work.rounds(), [&](std::size_t round) { tbb::parallel_sort(work.array(round).begin(), work.array(round).end()); });
  return work.numbers();
}

}  // namespace weft::bench
