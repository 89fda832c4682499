// SPDX-License-Identifier: Apache-2.0
// Which runs a benchmark makes, in which order, and what they add up to.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "flag_values.hpp"
#include "measurement_line.hpp"

namespace weft::tool {

/// What is measured: one row of the table.
struct subject {
  sized_workload work;
  const bench::implementation_facts* implementation = nullptr;
  int threads = 1;
};

/// A run's measurement, or why there is none.
struct run_result {
  std::optional<measured_run> run;
  std::string failure;
};

/// All runs of one subject.
struct row {
  subject of;
  std::vector<double> seconds;
  std::vector<std::uint64_t> steals;
  std::uint64_t tasks = 0;
  std::int64_t peak_rss_kib = 0;
  /// Why the subject is not measured further; empty while all is well. A wrong answer is a failure.
  std::string failure;

  [[nodiscard]] bool is_complete() const { return failure.empty() && !seconds.empty(); }
  void add(const run_result& result);
  [[nodiscard]] double median_seconds() const;
  [[nodiscard]] double min_seconds() const;
  [[nodiscard]] double max_seconds() const;
  [[nodiscard]] double nanoseconds_per_task() const;
  /// Absent when the implementation does not count steals.
  [[nodiscard]] std::optional<std::uint64_t> median_steals() const;
};

/// The rows in the order of the table: by workload, thread count, implementation. Those that take no threads come once, with one;
/// what an implementation does not compute has none.
[[nodiscard]] std::vector<row> plan_rows(const workload_list& workloads, const implementation_list& implementations,
                                         const thread_list& threads);

using launch = std::function<run_result(const subject&)>;

/// Fills the rows. One workload after the other; within it A B C, A B C, so that a slow minute of the machine hits all of them alike.
/// A subject that fails is not run again.
void run_series(std::vector<row>& rows, int repetitions, const launch& launch_one);

/// The median time of the same implementation and workload with one thread, over this row's; absent without such a row.
[[nodiscard]] std::optional<double> speedup(const row& of, const std::vector<row>& all);

/// This row's median over that of the best scheduler with the same workload and threads; absent when no scheduler was measured there.
[[nodiscard]] std::optional<double> ratio_to_best(const row& of, const std::vector<row>& all);

/// How many rows have failed.
[[nodiscard]] std::size_t count_failures(const std::vector<row>& rows);

}  // namespace weft::tool
