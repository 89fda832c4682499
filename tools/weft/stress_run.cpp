// SPDX-License-Identifier: Apache-2.0
// Rounds of numbered tasks: opened, started by the lanes, waited for, and judged. What the end must show comes after the last one.
#include "stress_run.hpp"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <unistd.h>
#include <weft/frames.hpp>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <memory>
#include <thread>
#include <vector>

#include "options.hpp"
#include "stress_report.hpp"
#include "stress_watch.hpp"

namespace weft::tool::stress {
namespace {

constexpr std::uint64_t largest_round = 65536;
constexpr std::uint64_t largest_quiet_round = 4096;
/// In so many runs of a few tasks, too, the lanes meet again and again.
constexpr std::uint64_t fewest_rounds = 16;

std::uint64_t round_size(const settings& chosen) {
  if (chosen.tasks == 0) return largest_round;
  return std::clamp<std::uint64_t>(chosen.tasks / fewest_rounds, 256, largest_round);
}

std::int64_t rss_kib() {
  std::int64_t total_pages = 0;
  std::int64_t resident_pages = 0;
  std::ifstream("/proc/self/statm") >> total_pages >> resident_pages;
  return resident_pages * (::sysconf(_SC_PAGESIZE) / 1024);
}

/// Suspends and tells nobody.
struct for_ever {
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<>) const noexcept {}
  void await_resume() const noexcept {}
};

task<> never_ends() { co_await for_ever{}; }

void plant_before_rounds(world& w) {
  switch (w.chosen.planted) {
    case plant::leak: return spawn_detached(w.pool, never_ends(), {.name = "planted: never ends"});
    case plant::race: return sync_wait(w.pool, race_on_purpose());
    case plant::use_after_free: return sync_wait(w.pool, use_after_free_on_purpose());
    case plant::none:
    case plant::lost_wakeup:   // in the ringer
    case plant::double_run:    // in world::enter
    case plant::overflow: return;  // in the ringer
  }
}

class rounds {
 public:
  rounds(world& w, const stall_watch& watch) : w_(w), watch_(watch) {}

  void run_all() {
    plant_before_rounds(w_);
    const std::uint64_t most = round_size(w_.chosen);
    while (!is_over() && !w_.counts.is_broken()) {
      const bool is_quiet = round_ % 4 == 3;
      std::uint64_t size = is_quiet ? std::min(most, largest_quiet_round) : most;
      if (w_.chosen.tasks != 0) size = std::min(size, w_.chosen.tasks - done_);
      run_one({done_, size}, is_quiet);
      judge();
      done_ += size;
      ++round_;
      if (!warm_rss_ && is_warm()) warm_rss_ = rss_kib();
    }
    if (warm_rss_) drift_ = rss_kib() - *warm_rss_;
  }

  [[nodiscard]] std::optional<std::int64_t> rss_drift_kib() const noexcept { return drift_; }

 private:
  [[nodiscard]] bool is_over() const {
    if (w_.chosen.seconds > 0 && watch_.elapsed_seconds() >= w_.chosen.seconds) return true;
    return w_.chosen.tasks != 0 && done_ >= w_.chosen.tasks;
  }
  /// After a quarter of the run.
  [[nodiscard]] bool is_warm() const {
    if (w_.chosen.seconds > 0 && watch_.elapsed_seconds() >= w_.chosen.seconds / 4) return true;
    return w_.chosen.tasks != 0 && done_ >= w_.chosen.tasks / 4;
  }

  void run_one(numbers tasks, bool is_quiet) {
    w_.round.store(round_, std::memory_order_relaxed);  // shown, like what follows
    w_.done.open(tasks);
    w_.phase.store("waits for its lanes", std::memory_order_relaxed);
    const std::size_t used = is_quiet ? 1 : lanes;
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < used; ++i)
      threads.emplace_back([this, i, tasks, used, is_quiet] { run_lane(w_, i, tasks.piece(i, used), is_quiet ? mix::quiet : mix::all); });
    for (std::thread& one : threads) one.join();
    w_.phase.store("waits for detached tasks", std::memory_order_relaxed);
    w_.open.wait_for_room(0);
    w_.phase.store("judges a round", std::memory_order_relaxed);
  }

  void judge() {
    constexpr std::size_t most_listed = 8;
    if (const std::uint64_t lost = w_.done.expected().count - w_.done.count(); lost != 0) {
      w_.counts.lost.fetch_add(lost, std::memory_order_relaxed);
      w_.counts.broken(absl::StrCat("lost: ", lost, " tasks never ran, among them ", absl::StrJoin(w_.done.missing(most_listed), ", ")));
    }
    if (const std::uint64_t doubled = w_.done.doubled(); doubled != 0)
      w_.counts.broken(absl::StrCat("doubled: a task ran that had run already, so many times: ", doubled));
    if (!w_.bell.buffer_is_whole()) w_.counts.broken("overflow: somebody wrote past the end of the program's buffer of foreign wakes");
  }

  world& w_;
  const stall_watch& watch_;
  std::uint64_t done_ = 0;
  std::uint64_t round_ = 0;
  std::optional<std::int64_t> warm_rss_;
  std::optional<std::int64_t> drift_;
};

void stop_and_judge(world& w, scheduler& pool, const char* name) {
  const auto half_the_patience = std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(w.chosen.patience / 2));
  const stop_report report = pool.stop({.drain_for = half_the_patience});
  w.beats.fetch_add(1, std::memory_order_relaxed);
  for (const left_task& one : report.left)
    w.counts.broken(absl::StrCat("leak: \"", one.name, "\" did not end; stop() of scheduler ", name, " abandoned it"));
}

void judge_end(world& w) {
  const std::uint64_t planned = w.counts.failures_planned.load(std::memory_order_relaxed);
  const std::uint64_t seen = w.counts.failures_seen.load(std::memory_order_relaxed);
  if (planned != seen)
    w.counts.wrong_result(absl::StrCat("wrong result: ", planned, " detached tasks failed, and the hook was told of ", seen));
}

void judge_memory(ledger& counts, const outcome& end, std::size_t frames_before) {
  if (*end.live_frames != 0)
    counts.broken(absl::StrCat("leak: ", *end.live_frames, " frames are left over; there were ", frames_before, " before"));
  if (judges_rss() && end.rss_drift_kib.value_or(0) > most_rss_drift_kib)
    counts.broken(absl::StrCat("memory: RSS has grown by ", *end.rss_drift_kib, " KiB since the warm-up"));
}

}  // namespace

int run_and_report(const settings& chosen) {
  const std::size_t frames_before = live_frames();
  const auto w = std::make_unique<world>(chosen, round_size(chosen));
  outcome end;
  std::string state;
  {
    stall_watch watch(*w);
    rounds all(*w, watch);
    all.run_all();
    if (w->counts.is_broken()) state = state_of(*w);
    w->phase.store("stops its schedulers", std::memory_order_relaxed);
    stop_and_judge(*w, w->pool, "stress");
    stop_and_judge(*w, w->other, "other");
    judge_end(*w);
    end = outcome_so_far(*w);
    end.lost = w->counts.lost.load(std::memory_order_relaxed);
    end.rss_drift_kib = all.rss_drift_kib();
    end.seconds = watch.elapsed_seconds();
    end.worst_stall = watch.worst_seconds();
    end.worst_moment = watch.worst_moment();
  }
  // Nothing of weft runs any more.
  end.live_frames = live_frames() - frames_before;
  judge_memory(w->counts, end, frames_before);
  end.findings = w->counts.findings();
  if (!end.findings.empty() && state.empty()) state = state_of(*w);
  print_report(std::cout, *w, end);
  std::cout << state;
  print_verdict(std::cout, *w, end);
  std::cout << std::flush;
  if (!end.findings.empty()) std::cerr << "weft stress: a law is broken: " << end.findings.front() << "\n";
  return std::cout && end.findings.empty() ? success : failure;
}

}  // namespace weft::tool::stress
