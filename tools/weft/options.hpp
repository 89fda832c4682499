// SPDX-License-Identifier: Apache-2.0
// The command line: which options a subcommand has, and how they reach their Abseil flags.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weft::tool {

/// Exit codes of the program.
enum exit_code : int { success = 0, failure = 1, wrong_use = 2 };

/// One option of one subcommand. The flag holds the value and judges it; the name is what the user writes.
struct option {
  std::string_view name;
  /// What stands for the value in the help; empty for a switch, which takes none.
  std::string_view value;
  /// The Abseil flag behind it.
  std::string_view flag;
  std::string_view help;
};

struct subcommand {
  std::string_view name;
  std::string_view summary;
  std::vector<option> options;
  int (*run)(const std::vector<std::string>& operands);
  /// What the help says below the options; may be empty.
  std::string details;
  /// What stands in the help for what may follow without a name, any number of times; empty if nothing may.
  std::string_view operand = {};
};

/// What came of reading the arguments.
struct reading {
  bool wants_help = false;
  /// One line that says what is wrong and what is allowed; absent when all is well.
  std::optional<std::string> error;
  /// What came without a name.
  std::vector<std::string> operands = {};
};

/// Sets the flags of the subcommand from `--name=value`, `--name value` and `--switch`; the last of several wins.
/// Stops at the first fault. Nothing but the subcommand's own options is accepted,
/// and operands if it takes them; what follows `--` are operands.
[[nodiscard]] reading read_options(const subcommand& command, std::span<char* const> arguments);

/// The help of one subcommand, with the defaults that its flags hold now.
[[nodiscard]] std::string help_text(const subcommand& command);

/// A word as it may be repeated in a one-line message: control characters escaped, long ones cut.
[[nodiscard]] std::string printable(std::string_view word);

}  // namespace weft::tool
