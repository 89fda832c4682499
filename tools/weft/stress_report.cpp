// SPDX-License-Identifier: Apache-2.0
// Formats the tables, the state and the verdict of `weft stress`.
#include "stress_report.hpp"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <absl/strings/str_join.h>

#include <cmath>

#include "bench_table.hpp"
#include "stress_options.hpp"

namespace weft::tool::stress {
namespace {

std::string law(const char* name, const std::string& found, const char* meaning) {
  return absl::StrFormat("  %-22s %12s   %s\n", name, found, meaning);
}

std::string drift_text(const outcome& end) {
  if (!end.rss_drift_kib) return "-";
  return absl::StrCat(*end.rss_drift_kib < 0 ? "-" : "+", memory_text(std::abs(*end.rss_drift_kib)));
}

std::string row_of(const char* name, std::uint64_t operations, std::uint64_t tasks, const char* meaning) {
  return absl::StrFormat("  %-12s %10d %13d   %s\n", name, operations, tasks, meaning);
}

std::string metrics_of(const std::string& name, const scheduler& pool) {
  const scheduler_metrics all = pool.metrics();
  std::string text =
      absl::StrFormat("  scheduler %s: %d live roots, %d detached tasks failed\n", name, all.roots_live, all.roots_unhandled);
  absl::StrAppend(&text, "    worker        run    spawned     stolen    injected      parks      wakes  frames+-\n");
  for (std::size_t i = 0; i < all.workers.size(); ++i) {
    const worker_metrics& one = all.workers[i];
    absl::StrAppendFormat(&text, "    %6d %10d %10d %10d  %10d %10d %10d %9d\n", i, one.tasks_run, one.tasks_spawned, one.tasks_stolen,
                          one.injected, one.parks, one.wakes_sent, static_cast<std::int64_t>(one.frames_allocated - one.frames_released));
  }
  return text;
}

std::string lane_text(std::size_t lane, const lane_sight& sight) {
  // Written by the lane, only looked at here.
  const std::uint64_t first = sight.first.load(std::memory_order_relaxed);
  const std::uint64_t count = sight.count.load(std::memory_order_relaxed);
  std::string text = absl::StrCat("  lane ", lane, " ", sight.call.load(std::memory_order_relaxed));
  if (count != 0)
    absl::StrAppend(&text, "; last started: ", facts_of(sight.what.load(std::memory_order_relaxed)).name, ", tasks ", first, " to ",
                    first + count - 1);
  return text + "\n";
}

}  // namespace

bool judges_rss() noexcept {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return false;
#elif defined(__has_feature)
  return !__has_feature(thread_sanitizer) && !__has_feature(address_sanitizer);
#else
  return true;
#endif
}

outcome outcome_so_far(world& w) {
  outcome end;
  end.doubled = w.done.doubled();
  end.wrong = w.counts.wrong();
  w.schedulers.each([&end](const std::string&, scheduler& pool) { end.totals += pool.metrics().total(); });
  end.findings = w.counts.findings();
  return end;
}

void print_report(std::ostream& out, world& w, const outcome& end) {
  out << "\n  kind         operations         tasks   what they are\n";
  std::uint64_t operations = 0;
  std::uint64_t tasks = 0;
  for (std::size_t i = 0; i < kinds; ++i) {
    const kind what = static_cast<kind>(i);
    const std::uint64_t count = w.counts.of(what).operations.load(std::memory_order_relaxed);
    const std::uint64_t of_tasks = w.counts.of(what).tasks.load(std::memory_order_relaxed);
    operations += count;
    tasks += of_tasks;
    out << row_of(facts_of(what).name, count, of_tasks, facts_of(what).meaning);
  }
  const double rate = static_cast<double>(tasks) / end.seconds / 1e6;
  out << row_of("all", operations, tasks, absl::StrFormat("in %s, %.2f million a second", time_text(end.seconds), rate).c_str());

  out << "\n" << law("lost", end.lost ? absl::StrCat(*end.lost) : "-", "tasks that never ran");
  out << law("doubled", absl::StrCat(end.doubled), "tasks that ran twice, or when they were over");
  out << law("wrong results", absl::StrCat(end.wrong), "sums, failures and homes that were not what they must be");
  out << law("live frames", end.live_frames ? absl::StrCat(*end.live_frames) : "-", "coroutines left over at the end");
  out << law("worst stall", time_text(end.worst_stall),
             absl::StrCat("nothing happened (", end.worst_moment, "); at most ", time_text(w.chosen.patience)).c_str());
  const std::string allowed =
      judges_rss() ? absl::StrCat("; at most +", memory_text(most_rss_drift_kib)) : "; not judged under a sanitizer";
  out << law("RSS drift", drift_text(end), absl::StrCat("from the end of the warm-up to the end", allowed).c_str());
  out << law("stolen", absl::StrCat(end.totals.tasks_stolen), "tasks that moved to another worker");
  out << law("parked", absl::StrCat(end.totals.parks), "times a worker went to sleep");
  out << law("from outside", absl::StrCat(end.totals.injected), "tasks made ready by other threads, or sent to the end of the queue");
  out << "\n";
}

void print_verdict(std::ostream& out, world& w, const outcome& end) {
  for (const std::string& one : end.findings) out << "found: " << one << "\n";
  if (end.findings.empty())
    out << "All laws held: every task ran once, every result was right, nobody hung and nothing was left over.\n";
  else
    out << "A LAW IS BROKEN, with seed " << w.chosen.seed << ".\n";
  out << "to repeat: " << replay_command(w.chosen) << "\n";
}

std::string state_of(world& w) {
  constexpr std::size_t most_listed = 8;
  const numbers round = w.done.expected();
  const std::vector<std::uint64_t> missing = w.done.missing(most_listed);
  std::string text =
      absl::StrCat("state of round ", w.round.load(std::memory_order_relaxed), ", tasks ", round.first, " to ", round.end() - 1, "\n",
                   "  the program ", w.phase.load(std::memory_order_relaxed), "; detached tasks that have not ended: ", w.open.count(),
                   "\n", "  not run: ", round.count - w.done.count(), " tasks", missing.empty() ? "" : ": ", absl::StrJoin(missing, ", "),
                   missing.size() == most_listed ? ", .." : "", "\n");
  for (std::size_t i = 0; i < w.sights.size(); ++i) text += lane_text(i, w.sights[i]);
  const ringer::figures bell = w.bell.counted();
  absl::StrAppend(&text, "  foreign wakes: ", bell.left, " tasks went to sleep, ", bell.rung, " were woken by the program, ", bell.went_on,
                  " went on\n");
  w.schedulers.each([&text](const std::string& name, scheduler& pool) { text += metrics_of(name, pool); });
  return text;
}

std::string replay_command(const settings& of) {
  std::string text = "weft stress";
  if (of.tasks != 0) absl::StrAppend(&text, " --tasks=", of.tasks);
  if (of.seconds > 0) absl::StrAppend(&text, " --duration=", AbslUnparseFlag(time_span{of.seconds}));
  absl::StrAppend(&text, " --workers=", of.workers, " --seed=", of.seed, " --patience=", AbslUnparseFlag(time_span{of.patience}));
  if (of.planted != plant::none) absl::StrAppend(&text, " --plant=", AbslUnparseFlag(plant_choice{of.planted}));
  return text;
}

}  // namespace weft::tool::stress
