// SPDX-License-Identifier: Apache-2.0
// One measurement: warm up once, then time one run and check both answers.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <type_traits>

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

/// Runs from the moment it is made.
class stopwatch {
 public:
  [[nodiscard]] double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// The answer of a runner that times itself, where what is to be timed needs things made before and ended after it.
struct timed_answer {
  std::uint64_t value = 0;
  double seconds = 0;
};

template <class Answer>
inline constexpr bool is_timed = std::is_same_v<std::remove_const_t<Answer>, timed_answer>;

template <class Workload, class Answer>
bool is_accepted(const Workload& work, const Answer& answer) {
  if constexpr (is_timed<Answer>)
    return work.accepts(answer.value);
  else
    return work.accepts(answer);
}

/// A runner is an implementation with its threads: `Runner(threads)`, `compute(workload)` for each workload, `steals()`.
template <class Runner, class Workload>
outcome measure(int size, int threads) {
  Runner runner(threads);
  bool warm_up_correct = false;
  {
    Workload warm_up(Workload::warm_up_size(size));
    warm_up_correct = is_accepted(warm_up, runner.compute(warm_up));
  }
  Workload work(size);
  const std::optional<std::uint64_t> steals_before = runner.steals();

  const stopwatch time;
  const auto answer = runner.compute(work);
  double seconds = time.seconds();
  if constexpr (is_timed<decltype(answer)>) seconds = answer.seconds;

  outcome result{.correct = warm_up_correct && is_accepted(work, answer),
                 .seconds = seconds,
                 .tasks = work.tasks(),
                 .steals = runner.steals(),
                 .peak_rss_kib = std::nullopt};
  if (result.steals) *result.steals -= *steals_before;
  return result;
}

}  // namespace weft::bench
