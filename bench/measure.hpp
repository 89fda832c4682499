// SPDX-License-Identifier: Apache-2.0
// One measurement: warm up once, then time one run and check both answers.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace weft::bench {

/// What one timed run gave.
struct outcome {
  bool correct = false;
  double seconds = 0;
  std::uint64_t tasks = 0;
  /// Tasks that changed the worker during the timed run; absent when the implementation does not count them.
  std::optional<std::uint64_t> steals;
  /// Of the process that computed, where that was another one than this.
  std::optional<std::int64_t> peak_rss_kib = std::nullopt;
};

/// A runner is an implementation with its threads: `Runner(threads)`, `compute(workload)` for each workload, `steals()`.
template <class Runner, class Workload>
outcome measure(int size, int threads) {
  Runner runner(threads);
  bool warm_up_correct = false;
  {
    Workload warm_up(Workload::warm_up_size(size));
    warm_up_correct = warm_up.accepts(runner.compute(warm_up));
  }
  Workload work(size);
  const std::optional<std::uint64_t> steals_before = runner.steals();

  const auto start = std::chrono::steady_clock::now();
  const auto answer = runner.compute(work);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;

  outcome result{.correct = warm_up_correct && work.accepts(answer),
                 .seconds = elapsed.count(),
                 .tasks = work.tasks(),
                 .steals = runner.steals(),
                 .peak_rss_kib = std::nullopt};
  if (result.steals) *result.steals -= *steals_before;
  return result;
}

}  // namespace weft::bench
