// SPDX-License-Identifier: Apache-2.0
// Formats the table of `weft bench`.
#include "bench_table.hpp"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include "build_facts.hpp"

namespace weft::tool {
namespace {

absl::string_view to_absl(std::string_view text) { return {text.data(), text.size()}; }

std::string ratio_text(const row& of, const std::vector<row>& all) {
  const auto ratio = ratio_to_best(of, all);
  if (!ratio) return "-";
  return of.of.implementation->takes_threads ? absl::StrFormat("%.2f ", *ratio) : absl::StrFormat("(%.2f)", *ratio);
}

std::string spread_text(const row& of) {
  const double percent = 100 * (of.max_seconds() - of.min_seconds()) / of.median_seconds();
  return percent < 9999.95 ? absl::StrFormat("%.1f%%", percent) : ">9999%";
}

std::string row_text(const row& of, const std::vector<row>& all) {
  const std::string subject = absl::StrFormat("%9d  %-14s", of.of.threads, to_absl(of.of.implementation->name));
  if (!of.is_complete()) return absl::StrCat(subject, "  ", of.failure.empty() ? "not measured" : of.failure, "\n");
  const auto faster = speedup(of, all);
  const auto steals = of.median_steals();
  return absl::StrFormat("%s %9s %9s %7s %8s %9.2f %9s %10s %11s\n", subject, time_text(of.median_seconds()), time_text(of.min_seconds()),
                         spread_text(of), ratio_text(of, all), of.nanoseconds_per_task(), faster ? absl::StrFormat("%.2f", *faster) : "-",
                         memory_text(of.peak_rss_kib), steals ? absl::StrCat(*steals) : "-");
}

constexpr absl::string_view heading =
    "  threads  implementation    median       min  spread    ratio   ns/task  speed-up   peak RSS      steals\n";

constexpr absl::string_view legend =
    "spread: (max - min) / median.   ns/task: median / tasks.   speed-up: own median with 1 thread / median.\n"
    "ratio: median / the best scheduler's median in the same workload with as many threads; in brackets what is\n"
    "no scheduler (serial = plain recursion, floor = weft's coroutines without any fork, and what --help lists).\n"
    "peak RSS: of one run.   steals: tasks that moved to another worker, median.   -: not known or not counted.\n";

}  // namespace

void print_table(std::ostream& out, const std::vector<row>& rows) {
  const sized_workload* current = nullptr;
  for (const row& one : rows) {
    if (current == nullptr || !(*current == one.of.work)) {
      current = &one.of.work;
      const std::string tasks = one.tasks == 0 ? "" : absl::StrCat("; ", count_text(one.tasks), " tasks");
      out << "\n" << current->workload->name << " " << current->size << ": " << current->workload->meaning << tasks << "\n" << heading;
    }
    out << row_text(one, rows);
  }
  out << "\n" << legend;
}

std::string machine_line(const machine& on) {
  const std::string model = on.cpu_model.empty() ? "unknown processor" : on.cpu_model;
  const std::string quota = on.quota_cpus ? absl::StrFormat("quota %.2f", *on.quota_cpus) : "no quota";
  return absl::StrFormat("%s; %d of %d processors usable, %s; %s, %s", model, on.affinity_cpus, on.online_cpus, quota, compiler(),
                         build_flags());
}

std::string time_text(double seconds) {
  if (seconds >= 100) return absl::StrFormat("%.0f s", seconds);
  if (seconds >= 1) return absl::StrFormat("%.*f s", seconds >= 10 ? 1 : 2, seconds);
  if (seconds >= 1e-3) return absl::StrFormat("%.*f ms", seconds >= 0.1 ? 0 : seconds >= 0.01 ? 1 : 2, seconds * 1e3);
  return absl::StrFormat("%.*f us", seconds >= 1e-4 ? 0 : seconds >= 1e-5 ? 1 : 2, seconds * 1e6);
}

std::string memory_text(std::int64_t kib) {
  if (kib < 1024) return absl::StrFormat("%d KiB", kib);
  const double mib = static_cast<double>(kib) / 1024;
  if (mib < 1024) return absl::StrFormat("%.*f MiB", mib < 100 ? 1 : 0, mib);
  return absl::StrFormat("%.1f GiB", mib / 1024);
}

std::string count_text(std::uint64_t count) {
  if (count < 1'000'000) return absl::StrCat(count);
  return absl::StrFormat("%.1f million", static_cast<double>(count) / 1e6);
}

}  // namespace weft::tool
