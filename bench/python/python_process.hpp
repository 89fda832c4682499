// SPDX-License-Identifier: Apache-2.0
// CPython as an implementation: a process of python3 that times its own loop and hands back its answers, which are checked here.
#pragma once

#include <cstdint>
#include <string_view>

#include "../measure.hpp"

namespace weft::bench {

/// The program that computes: measured.py.
extern const std::string_view python_source;

/// What it printed.
struct python_answers {
  std::uint64_t warm_up = 0;
  std::uint64_t answer = 0;
  double seconds = 0;
  std::int64_t peak_rss_kib = 0;
};

/// Computes a workload in a process of the python3 that PATH leads to. Throws std::runtime_error if there is none or it fails.
[[nodiscard]] python_answers compute_in_python(std::string_view workload, int warm_up_size, int size);

/// measure() with python3.
template <class Workload>
outcome measure_in_python(int size, int /*threads*/) {
  const Workload warm_up(Workload::warm_up_size(size));
  const Workload work(size);
  const python_answers python = compute_in_python(Workload::facts.name, Workload::warm_up_size(size), size);
  return {.correct = warm_up.accepts(python.warm_up) && work.accepts(python.answer),
          .seconds = python.seconds,
          .tasks = work.tasks(),
          .steals = std::nullopt,
          .peak_rss_kib = python.peak_rss_kib};
}

}  // namespace weft::bench
