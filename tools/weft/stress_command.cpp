// SPDX-License-Identifier: Apache-2.0
// `weft stress`: random work of every kind, with every task counted, for whoever wants to trust the library on a machine of their own.
#include <absl/flags/flag.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <weft/topology.hpp>
#include <weft/version.hpp>

#include <iostream>
#include <random>

#include "bench_table.hpp"
#include "commands.hpp"
#include "flag_values.hpp"
#include "stress_options.hpp"
#include "stress_report.hpp"
#include "stress_run.hpp"

ABSL_FLAG(weft::tool::task_total, stress_tasks, {}, "how many tasks");
ABSL_FLAG(weft::tool::thread_count, stress_workers, {4}, "workers");
ABSL_FLAG(weft::tool::seed_choice, stress_seed, {}, "random choices");
ABSL_FLAG(weft::tool::time_span, stress_duration, {}, "how long");
ABSL_FLAG(weft::tool::time_span, stress_patience, {30.0}, "longest stall");
ABSL_FLAG(weft::tool::plant_choice, stress_plant, {}, "what is wrong on purpose");

namespace weft::tool {
namespace {

stress::settings chosen_settings() {
  stress::settings chosen;
  const auto tasks = absl::GetFlag(FLAGS_stress_tasks).value;
  chosen.seconds = absl::GetFlag(FLAGS_stress_duration).seconds.value_or(0);
  chosen.tasks = tasks ? *tasks : chosen.seconds > 0 ? 0 : task_total::usual;
  chosen.workers = absl::GetFlag(FLAGS_stress_workers).value;
  // Short enough to be copied by hand.
  const auto seed = absl::GetFlag(FLAGS_stress_seed).value;
  chosen.seed = seed ? *seed : std::random_device{}() % 1'000'000;
  chosen.patience = absl::GetFlag(FLAGS_stress_patience).seconds.value_or(30);
  chosen.planted = absl::GetFlag(FLAGS_stress_plant).value;
  return chosen;
}

int run_stress(const std::vector<std::string>&) {
  const stress::settings chosen = chosen_settings();
  std::cout << "weft " << version << " on " << machine_line(describe_machine()) << "\n"
            << stress::replay_command(chosen) << "\n"
            << std::flush;
  return stress::run_and_report(chosen);
}

std::string list_of_plants() {
  const std::string names = absl::StrJoin(plants(), ", ", [](std::string* out, std::string_view name) { out->append(name); });
  return absl::StrCat(
      "Exit status: 0 if all laws held, 1 if one is broken, 2 for options that cannot be used.\n"
      "The seed repeats the random choices, not the meeting of the threads: run a seed that failed more than once.\n\n"
      "what can be planted in this build: ",
      names,
      "\n"
      "  lost-wakeup     a thread of the program forgets now and then whom it has to wake\n"
      "  double-run      a task counts itself twice\n"
      "  leak            a task never ends\n"
      "  overflow        the program writes past the end of a buffer of its own\n"
      "  race            two tasks write one word without order: in a build with ThreadSanitizer\n"
      "  use-after-free  a task writes to memory that it gave back: in a build with AddressSanitizer\n");
}

}  // namespace

subcommand stress_command() {
  return {"stress",
          "runs random work of every kind on this machine and counts every task: lost, doubled, wrong, hanging or left over is an error",
          {{"tasks", "N", "stress_tasks", "how many tasks, 1e7 or 10000000; by default 1e7, or no limit with --duration"},
           {"duration", "TIME", "stress_duration", "ends after the round in which this time is over, such as 30s or 5m"},
           {"workers", "N", "stress_workers", "workers of the main scheduler; more than the machine has cores are worth a run, too"},
           {"seed", "N", "stress_seed", "repeats the random choices of a run; by default drawn afresh and printed"},
           {"patience", "TIME", "stress_patience", "if nothing happens for longer, the run has failed"},
           {"plant", "NAME", "stress_plant", "does something wrong on purpose, which must be found: shows that a failure would show"}},
          run_stress,
          list_of_plants()};
}

}  // namespace weft::tool
