// SPDX-License-Identifier: Apache-2.0
// The `weft` program: picks the subcommand.
#include <weft/version.hpp>

#include <algorithm>
#include <exception>
#include <iostream>
#include <span>
#include <vector>

#include "commands.hpp"

namespace weft::tool {
namespace {

void print_help(const std::vector<subcommand>& commands) {
  std::cout << "weft " << version << ": a work-stealing scheduler for C++20 coroutines\n\nusage: weft COMMAND [--option=value ...]\n\n";
  for (const subcommand& one : commands) std::cout << "  weft " << one.name << "\n      " << one.summary << "\n";
  std::cout << "  weft --version\n      prints the version\n\n`weft COMMAND --help` shows the options of a command.\n";
}

int run_command(const subcommand& command, std::span<char* const> arguments) {
  const reading read = read_options(command, arguments);
  if (read.wants_help) {
    std::cout << help_text(command);
    return success;
  }
  if (read.error) {
    std::cerr << *read.error << "\n";
    return wrong_use;
  }
  return command.run(read.operands);
}

int run(std::span<char* const> arguments) {
  const std::vector<subcommand> commands{bench_command(), machine_command(), measure_command(), replay_command(), stress_command()};
  const std::string_view chosen = arguments.empty() ? "" : arguments.front();
  if (chosen == "--help" || chosen == "-h" || chosen == "help") {
    print_help(commands);
    return success;
  }
  if (chosen == "--version") {
    std::cout << "weft " << version << "\n";
    return success;
  }
  const auto command = std::find_if(commands.begin(), commands.end(), [chosen](const subcommand& one) { return one.name == chosen; });
  if (command != commands.end()) return run_command(*command, arguments.subspan(1));
  std::cerr << "weft: " << (chosen.empty() ? "a command is needed" : "unknown command " + printable(chosen))
            << "; allowed: bench, info, measure, replay, stress, --help, --version\n";
  return wrong_use;
}

}  // namespace
}  // namespace weft::tool

int main(int count, char** arguments) {
  try {
    return weft::tool::run({arguments + 1, arguments + std::max(count, 1)});
  } catch (const std::exception& error) {
    std::cerr << "weft: " << error.what() << "\n";
    return weft::tool::failure;
  }
}
