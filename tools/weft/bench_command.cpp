// SPDX-License-Identifier: Apache-2.0
// `weft bench`: plans the runs, starts a process for each, and reports.
#include <absl/flags/commandlineflag.h>
#include <absl/flags/flag.h>
#include <absl/flags/reflection.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <unistd.h>
#include <weft/topology.hpp>
#include <weft/version.hpp>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iostream>

#include "bench/child_process.hpp"
#include "bench_json.hpp"
#include "bench_table.hpp"
#include "commands.hpp"
#include "flag_values.hpp"
#include "progress.hpp"
#include "series.hpp"

ABSL_FLAG(weft::tool::workload_list, workloads, weft::tool::default_workloads(), "what is run");
ABSL_FLAG(bool, suite, false, "the sizes of the public suite");
ABSL_FLAG(weft::tool::implementation_list, implementations, weft::tool::all_implementations(), "who runs it");
ABSL_FLAG(weft::tool::thread_list, threads, {}, "thread counts");
ABSL_FLAG(weft::tool::repetition_count, repetitions, {}, "runs of each");
ABSL_FLAG(weft::tool::time_limit, timeout, {}, "longest run");
ABSL_FLAG(weft::tool::file_name, json, {}, "report file");

namespace weft::tool {
namespace {

/// Starts the runs, each in a process of its own, and says where things stand.
class launcher {
 public:
  launcher(std::size_t runs, time_limit limit)
      : runs_(runs),
        limit_(limit),
        progress_(std::cerr, ::isatty(STDERR_FILENO) == 1 ? progress::style::rewritten : progress::style::lines) {}
  ~launcher() { progress_.clear(); }
  launcher(const launcher&) = delete;
  launcher& operator=(const launcher&) = delete;

  run_result operator()(const subject& what) {
    const std::string name(what.implementation->name);
    const std::string work = AbslUnparseFlag(what.work);
    const std::string where = absl::StrFormat("%s %s, %d thread%s", work, name, what.threads, what.threads == 1 ? "" : "s");
    const auto tick = [&] {
      const auto elapsed = std::chrono::steady_clock::now() - start_;
      progress_.show(absl::StrFormat("weft bench: %d of %d runs done, now %s", done_, runs_, where), elapsed);
    };
    tick();
    const bench::child_end end = bench::run_child(
        {"/proc/self/exe", "measure", "--workload=" + work, "--implementation=" + name, "--threads=" + absl::StrCat(what.threads)},
        std::chrono::seconds(limit_.seconds), tick);
    ++done_;
    // A wrong answer comes with exit status 1 and a line; the line says more than the status.
    auto run = from_line(end.output);
    if (run && end.how == bench::child_end::kind::exited && (end.code == 0 || !run->outcome.correct)) return {run, {}};
    return {std::nullopt, bench::in_words(end)};
  }

 private:
  std::size_t runs_;
  std::size_t done_ = 0;
  time_limit limit_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  progress progress_;
};

/// What no single option can know of. The report is opened before anything is measured, for a path that cannot be written must not cost
/// minutes; what it holds stays until the end.
std::optional<std::string> find_misuse(const std::string& report) {
  const absl::CommandLineFlag* chosen = absl::FindCommandLineFlag("workloads");
  if (absl::GetFlag(FLAGS_suite) && chosen->CurrentValue() != chosen->DefaultValue()) {
    return "--suite chooses the workloads; give it or --workloads, not both";
  }
  if (report.empty() || std::ofstream(report, std::ios::app)) return std::nullopt;
  return absl::StrCat("--json=", printable(report), ": ", std::strerror(errno), "; a file that can be written is needed");
}

/// Takes out the rows of implementations whose program this machine does not have, and says so once for each.
void leave_out_the_missing(std::vector<row>& rows) {
  for (const bench::implementation_facts& one : bench::implementations()) {
    if (one.program.empty() || !bench::find_program(one.program).empty()) continue;
    if (std::erase_if(rows, [&one](const row& of) { return of.of.implementation == &one; }) > 0) {
      std::cerr << "weft bench: " << one.name << " is left out: there is no " << one.program << " in PATH\n";
    }
  }
}

bool write_json(const std::string& path, const std::vector<row>& rows) {
  std::ofstream file(path, std::ios::trunc);
  file << to_json(rows).dump(2) << "\n" << std::flush;
  return static_cast<bool>(file);
}

thread_list chosen_threads(const machine& on) {
  thread_list threads = absl::GetFlag(FLAGS_threads);
  if (!threads.items.empty()) return threads;
  threads.items.push_back(1);
  if (on.default_workers > 1) threads.items.push_back(std::min(on.default_workers, thread_count::most));
  return threads;
}

std::string list_of_choices() {
  std::string text = "workloads\n";
  for (const bench::workload_facts& one : bench::workloads()) {
    const std::string sizes = absl::StrCat(one.smallest, " to ", one.largest, one.powers_of_two ? ", powers of two" : "");
    text += absl::StrFormat("  %-12s %s; sizes %s\n", std::string(one.name), std::string(one.meaning), sizes);
  }
  text += "\nimplementations\n";
  for (const bench::implementation_facts& one : bench::implementations()) {
    text += absl::StrFormat("  %-12s %s\n", std::string(one.name), std::string(one.meaning));
  }
  return text;
}

int run_bench(const std::vector<std::string>&) {
  const std::string report = absl::GetFlag(FLAGS_json).path;
  if (const auto error = find_misuse(report)) {
    std::cerr << "weft bench: " << *error << "\n";
    return wrong_use;
  }
  const machine on = describe_machine();
  const int repetitions = absl::GetFlag(FLAGS_repetitions).value;
  const workload_list workloads = absl::GetFlag(FLAGS_suite) ? suite_workloads() : absl::GetFlag(FLAGS_workloads);
  std::vector<row> rows = plan_rows(workloads, absl::GetFlag(FLAGS_implementations), chosen_threads(on));

  if (rows.empty()) {
    std::cerr << "weft bench: none of --implementations computes any of --workloads; weft computes all\n";
    return wrong_use;
  }
  leave_out_the_missing(rows);
  if (rows.empty()) {
    std::cerr << "weft bench: nothing is left to run\n";
    return failure;
  }

  std::cout << "weft " << version << " on " << machine_line(on) << "\n" << std::flush;
  {
    launcher start(rows.size() * static_cast<std::size_t>(repetitions), absl::GetFlag(FLAGS_timeout));
    run_series(rows, repetitions, std::ref(start));
  }
  print_table(std::cout, rows);
  std::cout << std::flush;

  bool all_well = static_cast<bool>(std::cout);
  if (!report.empty() && !write_json(report, rows)) {
    std::cerr << "weft bench: " << printable(report) << " could not be written\n";
    all_well = false;
  }
  if (const std::size_t failures = count_failures(rows); failures > 0) {
    std::cerr << "weft bench: " << failures << " of " << rows.size() << " rows failed\n";
    all_well = false;
  }
  return all_well ? success : failure;
}

}  // namespace

subcommand bench_command() {
  return {
      "bench",
      "measures weft against oneTBB, serial code and CPython; every run is a process of its own, every answer is checked",
      {{"workloads", "NAME:SIZE,...", "workloads", "what is run; without :SIZE the default size of that workload"},
       {"suite", "", "suite", "runs the workloads of the public suite at its sizes (fib:39, skynet:8, nqueens:14, matmul:2048) instead"},
       {"implementations", "NAME,...", "implementations", "who runs it"},
       {"threads", "N,...", "threads", "thread counts; by default 1 and what the machine leaves us. what has no use for more takes one"},
       {"repetitions", "N", "repetitions", "runs of each; the implementations take turns"},
       {"timeout", "SECONDS", "timeout", "a run that takes longer is stopped and fails"},
       {"json", "FILE", "json", "writes the results there, too"}},
      run_bench,
      list_of_choices()};
}

}  // namespace weft::tool
