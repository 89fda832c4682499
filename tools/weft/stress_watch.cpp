// SPDX-License-Identifier: Apache-2.0
// Samples the marks; what a hang needs to be understood is printed before the process ends, for nobody else is left to do it.
#include "stress_watch.hpp"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <future>
#include <iostream>

#include "bench_table.hpp"
#include "options.hpp"
#include "stress_report.hpp"

namespace weft::tool::stress {
namespace {

constexpr std::chrono::milliseconds tick{5};
/// What one look after another may count at most.
constexpr double longest_tick = 0.1;

progress::style style_of_stderr() { return ::isatty(STDERR_FILENO) == 1 ? progress::style::rewritten : progress::style::lines; }

std::string names_left(const std::string& name, const stop_report& report) {
  std::string text;
  for (const left_task& one : report.left)
    absl::StrAppend(&text, "  scheduler ", name, ": stop() leaves \"", one.name, "\"", one.what.empty() ? "" : ", which waits for ",
                    one.what, one.where.empty() ? "" : " at ", one.where, "\n");
  return text;
}

/// Live roots have names, and stop() tells them. It may hang like everything else: then there is no answer.
std::string names_of_live_roots(world& w) {
  constexpr std::chrono::seconds longest{3};
  std::promise<std::string> told;
  std::future<std::string> names = told.get_future();
  std::thread([&w, told = std::move(told)]() mutable {
    const stop_options at_once{.drain_for = std::chrono::milliseconds(100), .grace = std::chrono::milliseconds(0)};
    std::string text = names_left("stress", w.pool.stop(at_once));
    text += names_left("other", w.other.stop(at_once));
    told.set_value(text);
  }).detach();
  if (names.wait_for(longest) == std::future_status::ready) return names.get();
  return "  stop() does not end either\n";
}

}  // namespace

stall_watch::stall_watch(world& w) : w_(w), progress_(std::cerr, style_of_stderr()) {
  thread_ = std::thread([this] { work(); });
}

stall_watch::~stall_watch() {
  {
    const std::scoped_lock hold(lock_);
    over_ = true;
  }
  over_changed_.notify_all();
  thread_.join();
  progress_.clear();
}

std::string stall_watch::worst_moment() const {
  return absl::StrCat("round ", worst_round_.load(std::memory_order_relaxed), ", ", worst_phase_.load(std::memory_order_relaxed));
}

double stall_watch::elapsed_seconds() const noexcept { return std::chrono::duration<double>(clock::now() - start_).count(); }

void stall_watch::work() {
  const auto seen_now = [this] { return w_.done.progress() + w_.beats.load(std::memory_order_relaxed); };
  std::uint64_t seen = seen_now();
  double stall = 0;
  double looked = elapsed_seconds();
  std::unique_lock hold(lock_);
  while (!over_changed_.wait_for(hold, tick, [this] { return over_; })) {
    const double now = elapsed_seconds();
    stall += std::min(now - looked, longest_tick);
    looked = now;
    const std::uint64_t reached = seen_now();
    if (stall > worst_seconds()) {
      worst_.store(stall, std::memory_order_relaxed);
      worst_round_.store(w_.round.load(std::memory_order_relaxed), std::memory_order_relaxed);
      worst_phase_.store(w_.phase.load(std::memory_order_relaxed), std::memory_order_relaxed);
    }
    if (reached != seen) stall = 0;
    seen = reached;
    if (stall > w_.chosen.patience) give_up();
    show();
  }
}

void stall_watch::show() {
  const double elapsed = elapsed_seconds();
  const std::string of = w_.chosen.seconds > 0 ? absl::StrCat(time_text(elapsed), " of ", time_text(w_.chosen.seconds))
                                               : absl::StrCat("of ", count_text(w_.chosen.tasks), ", ", time_text(elapsed));
  progress_.show(absl::StrCat("weft stress: ", count_text(w_.done.progress()), " tasks ", of, ", worst stall ", time_text(worst_seconds())),
                 progress::seconds(elapsed));
}

void stall_watch::give_up() {
  progress_.clear();
  w_.over.store(true, std::memory_order_relaxed);
  std::uint64_t roots = 0;
  w_.schedulers.each([&roots](const std::string&, scheduler& pool) { roots += pool.metrics().roots_live; });
  const numbers round = w_.done.expected();
  w_.counts.broken(absl::StrCat("a lost wake-up or a hang: nothing happened for ", time_text(w_.chosen.patience), "; ", roots,
                                " live roots have not ended, ", round.count - w_.done.count(), " tasks of the round have not run"));
  outcome end = outcome_so_far(w_);
  end.seconds = elapsed_seconds();
  end.worst_stall = worst_seconds();
  end.worst_moment = worst_moment();
  print_report(std::cout, w_, end);
  std::cout << state_of(w_) << std::flush;
  std::cout << names_of_live_roots(w_);
  print_verdict(std::cout, w_, end);
  std::cout << std::flush;
  std::cerr << "weft stress: a law is broken: a lost wake-up or a hang\n" << std::flush;
  std::_Exit(failure);
}

}  // namespace weft::tool::stress
