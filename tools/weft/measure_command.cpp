// SPDX-License-Identifier: Apache-2.0
// `weft measure`: one workload, one implementation, one run; the result is a line of JSON.
#include <absl/flags/flag.h>

#include <iostream>

#include "commands.hpp"
#include "flag_values.hpp"
#include "measurement_line.hpp"

ABSL_FLAG(weft::tool::sized_workload, measure_workload, weft::tool::default_workloads().items.front(), "what to run");
ABSL_FLAG(weft::tool::implementation_choice, measure_implementation, {weft::bench::implementations().data()}, "who runs it");
ABSL_FLAG(weft::tool::thread_count, measure_threads, {}, "on how many threads");

namespace weft::tool {
namespace {

int run_measure(const std::vector<std::string>&) {
  const sized_workload work = absl::GetFlag(FLAGS_measure_workload);
  const auto* implementation = absl::GetFlag(FLAGS_measure_implementation).implementation;
  const bench::measurement measure = bench::find_measurement(work.workload->name, implementation->name);
  if (measure == nullptr) {
    std::cerr << "weft measure: " << implementation->name << " does not compute " << work.workload->name << "; weft does\n";
    return wrong_use;
  }
  const int threads = implementation->takes_threads && work.workload->takes_threads ? absl::GetFlag(FLAGS_measure_threads).value : 1;

  measured_run run;
  run.outcome = measure(work.size, threads);
  run.peak_rss_kib = run.outcome.peak_rss_kib.value_or(own_peak_rss_kib());
  std::cout << to_line(run) << std::flush;
  return std::cout && run.outcome.correct ? success : failure;
}

}  // namespace

subcommand measure_command() {
  return {"measure",
          "runs one workload once, after a warm-up, in this process and prints one line of JSON (good under a profiler)",
          {{"workload", "NAME:SIZE", "measure_workload", "what to run"},
           {"implementation", "NAME", "measure_implementation", "who runs it"},
           {"threads", "N", "measure_threads", "how many threads work; what has no use for more takes one"}},
          run_measure,
          {}};
}

}  // namespace weft::tool
