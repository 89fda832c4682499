// SPDX-License-Identifier: Apache-2.0
// `weft replay`: programs of the coroutine protocol, run with coroutines of the library, compared with what was recorded of CPython.
#include <absl/flags/flag.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>

#include "commands.hpp"
#include "flag_values.hpp"
#include "replay_modes.hpp"
#include "replay_options.hpp"
#include "replay_trace.hpp"

ABSL_FLAG(weft::tool::mode_choice, replay_mode, {}, "which threads");
ABSL_FLAG(weft::tool::comparison_level, replay_level, {}, "how much of a trace");
ABSL_FLAG(weft::tool::thread_count, replay_workers, {4}, "workers");
ABSL_FLAG(weft::tool::race_count, replay_races, {}, "races of a program");
ABSL_FLAG(bool, replay_compare, false, "compare");

namespace weft::tool {
namespace {

using namespace replay;  // of all that follows

/// One run of the command.
class replaying {
 public:
  replaying() {
    if (mode_ != replay_mode::single) workers_.emplace(scheduler_options{.workers = absl::GetFlag(FLAGS_replay_workers).value});
  }

  /// Runs one program, and prints what came of it. Throws malformed.
  void run(const program& p, const std::string& where) {
    if (mode_ == replay_mode::race)
      race(p, where);
    else
      trace(p, where);
  }

  /// Says what came of all of them, if they were compared.
  [[nodiscard]] int conclude() const {
    if (!compares_) return std::cout.flush() ? success : failure;
    std::cout << "weft replay: " << programs_ << " programs, " << (differing_ == 0 ? "none" : absl::StrCat(differing_))
              << (differing_ == 1 ? " differs" : " differ") << " (mode " << name_of(mode_);
    if (mode_ == replay_mode::race)
      std::cout << ", " << races_ << " races, " << refused_ << " with one refused";
    else
      std::cout << ", level " << level_;
    if (mode_ == replay_mode::migrate) std::cout << ", " << moves_.moved << " of " << moves_.operations << " operations moved";
    if (told_otherwise_ > 0) std::cout << ", " << told_otherwise_ << " with A21 in CPython's words";
    std::cout << ")\n" << std::flush;
    if (programs_ == 0) std::cerr << "weft replay: there was nothing to compare\n";
    return differing_ == 0 && programs_ > 0 && std::cout ? success : failure;
  }

 private:
  observed observe(const program& p, bool tells_of_passing_on) {
    const viewpoint from{level_ == 2, tells_of_passing_on};
    observed seen = workers_ ? run_on(*workers_, p, from, moves_) : run_here(p, from);
    if (level_ == 1) seen.trace = without_contexts(std::move(seen.trace));
    return seen;
  }

  void trace(const program& p, const std::string& where) {
    observed seen = observe(p, false);
    if (!compares_) return print(p, "trace", std::move(seen.trace));
    if (!p.line.contains("trace") || !p.line["trace"].is_array()) throw malformed("there is no \"trace\" to compare with");
    const json recorded = level_ == 2 ? p.line["trace"] : without_contexts(p.line["trace"]);
    ++programs_;
    auto found = first_difference(recorded, seen.trace);
    if (found && seen.has_met_passing_on) {  // CPython and weft refuse with different exceptions there, and either may be recorded
      found = first_difference(recorded, observe(p, true).trace);
      told_otherwise_ += !found;
    }
    if (!found) return;
    ++differing_;
    std::cout << where << ": program " << p.title() << " differs at event " << found->event << " of " << recorded.size() << "\n"
              << told(*found, recorded);
  }

  void race(const program& p, const std::string& where) {
    if (!p.race) return;
    ++programs_;
    json outcomes = json::array();
    for (json& outcome : race_on(*workers_, p, absl::GetFlag(FLAGS_replay_races).value)) {
      ++races_;
      refused_ += outcome[0] == busy() || outcome[1] == busy();
      if (std::find(outcomes.begin(), outcomes.end(), outcome) == outcomes.end()) outcomes.push_back(std::move(outcome));
    }
    if (!compares_) return print(p, "outcomes", std::move(outcomes));
    for (const json& outcome : outcomes) {
      const json& legal = p.race->legal;
      if (std::find(legal.begin(), legal.end(), outcome) != legal.end()) continue;
      ++differing_;
      std::cout << where << ": program " << p.title() << " differs in its race\n  legal     ";
      for (const json& one : legal) std::cout << (&one == &legal.front() ? "" : "\n            ") << compact(one);
      std::cout << "\n  seen      " << compact(outcome) << "\n";
      return;
    }
  }

  static const json& busy() {
    static const json result = json::array({"exc", "VE", "coroutine already executing"});
    return result;
  }

  static void print(const program& p, const char* member, json what) {
    json line = p.line;
    line[member] = std::move(what);
    std::cout << compact(line) << "\n";
  }

  const replay_mode mode_ = absl::GetFlag(FLAGS_replay_mode).value;
  const int level_ = absl::GetFlag(FLAGS_replay_level).value;
  const bool compares_ = absl::GetFlag(FLAGS_replay_compare);
  std::optional<scheduler> workers_;
  moves moves_;
  std::size_t programs_ = 0, differing_ = 0, told_otherwise_ = 0, races_ = 0, refused_ = 0;
};

/// Runs the programs of a file; gives the line to print if they cannot be read.
std::optional<std::string> run_all(replaying& all, std::istream& from, const std::string& name) {
  std::string line;
  for (std::size_t number = 1; std::getline(from, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const std::string where = absl::StrCat(name, ":", number);
    try {
      all.run(read_program(line), where);
    } catch (const malformed& e) {
      return absl::StrCat(where, ": ", e.what());
    }
  }
  if (from.bad()) return absl::StrCat(name, ": cannot be read");
  return std::nullopt;
}

int run_replay(const std::vector<std::string>& files) {
  replaying all;
  std::optional<std::string> fault;
  if (files.empty()) fault = run_all(all, std::cin, "stdin");
  for (const std::string& name : files) {
    std::ifstream file(name);
    if (!fault) fault = file ? run_all(all, file, name) : absl::StrCat(printable(name), ": cannot be read");
  }
  if (!fault) return all.conclude();
  std::cout << std::flush;
  std::cerr << "weft replay: " << *fault << "\n";
  return wrong_use;
}

}  // namespace

subcommand replay_command() {
  return {
      "replay",
      "runs programs of Python's coroutine protocol with coroutines of weft, and compares what is seen with what CPython did",
      {{"mode", "MODE", "replay_mode",
        "single: this thread; migrate: every operation on a worker of a scheduler; race: the two operations of each race at once, on two"},
       {"level", "1|2", "replay_level", "1: without the contexts of exceptions; 2: with them"},
       {"workers", "N", "replay_workers", "workers of the scheduler, in modes migrate and race"},
       {"races", "N", "replay_races", "how often each program is raced, in mode race"},
       {"compare", "", "replay_compare", "compares with the recorded traces, or legal outcomes, instead of printing what is seen"}},
      run_replay,
      "Programs are lines of JSON, of which tests/protocol tells. Each is printed with what was seen as its \"trace\", or \"outcomes\".\n"
      "Exit status: 0; 1 if a program differs or there was nothing to compare; 2 for options and programs that cannot be used.\n",
      "FILE"};
}

}  // namespace weft::tool
