// SPDX-License-Identifier: Apache-2.0
// Plans and runs a benchmark, and does its arithmetic.
#include "series.hpp"

#include <algorithm>

namespace weft::tool {
namespace {

/// The middle of an odd number of values, the mean of the two middle ones of an even number.
template <class Value>
Value median(std::vector<Value> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  if (values.size() % 2 == 1) return values[middle];
  return values[middle - 1] + (values[middle] - values[middle - 1]) / 2;
}

bool same_race(const row& left, const row& right) { return left.of.work == right.of.work && left.of.threads == right.of.threads; }

}  // namespace

void row::add(const run_result& result) {
  if (!result.run) {
    failure = result.failure;
    return;
  }
  const measured_run& run = *result.run;
  tasks = run.outcome.tasks;
  peak_rss_kib = std::max(peak_rss_kib, run.peak_rss_kib);
  if (!run.outcome.correct) {
    failure = "wrong answer";
    return;
  }
  seconds.push_back(run.outcome.seconds);
  if (run.outcome.steals) steals.push_back(*run.outcome.steals);
}

double row::median_seconds() const { return median(seconds); }

double row::min_seconds() const { return *std::min_element(seconds.begin(), seconds.end()); }

double row::max_seconds() const { return *std::max_element(seconds.begin(), seconds.end()); }

double row::nanoseconds_per_task() const { return median_seconds() * 1e9 / static_cast<double>(tasks); }

std::optional<std::uint64_t> row::median_steals() const {
  if (steals.empty()) return std::nullopt;
  return median(steals);
}

std::vector<row> plan_rows(const workload_list& workloads, const implementation_list& implementations, const thread_list& threads) {
  std::vector<int> counts = threads.items;
  std::sort(counts.begin(), counts.end());
  const bool one_is_asked_for = counts.front() == 1;
  if (!one_is_asked_for) counts.insert(counts.begin(), 1);

  std::vector<row> rows;
  for (const sized_workload& work : workloads.items) {
    for (const int count : counts) {
      for (const bench::implementation_facts* implementation : implementations.items) {
        const bool takes_threads = implementation->takes_threads && work.workload->takes_threads;
        const bool is_due = takes_threads ? count != 1 || one_is_asked_for : count == 1;
        const bool runs = is_due && bench::find_measurement(work.workload->name, implementation->name) != nullptr;
        if (runs) rows.emplace_back().of = {work, implementation, count};
      }
    }
  }
  return rows;
}

void run_series(std::vector<row>& rows, int repetitions, const launch& launch_one) {
  for (auto first = rows.begin(); first != rows.end();) {
    const auto last = std::find_if(first, rows.end(), [first](const row& one) { return !(one.of.work == first->of.work); });
    for (int repetition = 0; repetition < repetitions; ++repetition) {
      for (auto one = first; one != last; ++one) {
        if (one->failure.empty()) one->add(launch_one(one->of));
      }
    }
    first = last;
  }
}

std::optional<double> speedup(const row& of, const std::vector<row>& all) {
  const auto alone = std::find_if(all.begin(), all.end(), [&of](const row& one) {
    return one.of.work == of.of.work && one.of.implementation == of.of.implementation && one.of.threads == 1 && one.is_complete();
  });
  if (alone == all.end() || !of.is_complete()) return std::nullopt;
  return alone->median_seconds() / of.median_seconds();
}

std::optional<double> ratio_to_best(const row& of, const std::vector<row>& all) {
  std::optional<double> best;
  for (const row& one : all) {
    if (!same_race(one, of) || !one.of.implementation->takes_threads || !one.is_complete()) continue;
    best = std::min(best.value_or(one.median_seconds()), one.median_seconds());
  }
  if (!best || !of.is_complete()) return std::nullopt;
  return of.median_seconds() / *best;
}

std::size_t count_failures(const std::vector<row>& rows) {
  return static_cast<std::size_t>(std::count_if(rows.begin(), rows.end(), [](const row& one) { return !one.is_complete(); }));
}

}  // namespace weft::tool
