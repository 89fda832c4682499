// SPDX-License-Identifier: Apache-2.0
// Checks every name against the subcommand's table before Abseil sees a value, so that the message and the exit code are ours.
#include "options.hpp"

#include <absl/flags/commandlineflag.h>
#include <absl/flags/reflection.h>
#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include <algorithm>

namespace weft::tool {
namespace {

absl::string_view to_absl(std::string_view text) { return {text.data(), text.size()}; }

const option* find_option(const subcommand& command, std::string_view name) {
  const auto found = std::find_if(command.options.begin(), command.options.end(), [name](const option& one) { return one.name == name; });
  return found == command.options.end() ? nullptr : &*found;
}

std::string allowed_options(const subcommand& command) {
  std::string names;
  for (const option& one : command.options) absl::StrAppend(&names, "--", to_absl(one.name), ", ");
  return names + "--help";
}

/// Abseil puts a sentence of its own before the flag's; the user needs only the latter.
std::string reason(std::string_view flag, std::string_view value, std::string message) {
  const std::string opening = absl::StrCat("Illegal value '", to_absl(value), "' specified for flag '", to_absl(flag), "'; ");
  if (message.starts_with(opening)) message.erase(0, opening.size());
  return message;
}

std::optional<std::string> set_flag(const option& chosen, std::string_view value) {
  std::string message;
  absl::CommandLineFlag* flag = absl::FindCommandLineFlag(to_absl(chosen.flag));
  if (flag != nullptr && flag->ParseFrom(to_absl(value), &message)) return std::nullopt;
  return absl::StrCat("--", to_absl(chosen.name), "=", printable(value), ": ", reason(chosen.flag, value, message));
}

/// A list, broken after a comma where a line would be too long.
std::string in_lines(std::string_view list) {
  constexpr std::size_t longest = 110;
  constexpr std::string_view indented = "\n               ";
  std::string text;
  while (list.size() > longest) {
    const std::size_t comma = list.rfind(',', longest);
    if (comma == std::string_view::npos) break;
    absl::StrAppend(&text, to_absl(list.substr(0, comma + 1)), to_absl(indented));
    list.remove_prefix(comma + 1);
  }
  return absl::StrCat(text, to_absl(list));
}

}  // namespace

std::string printable(std::string_view word) {
  constexpr std::size_t longest = 60;
  std::string escaped = absl::Utf8SafeCEscape(to_absl(word.substr(0, longest)));
  return word.size() > longest ? escaped + "..." : escaped;
}

reading read_options(const subcommand& command, std::span<char* const> arguments) {
  const auto fault = [&command](const std::string& text) {
    return reading{false, absl::StrCat("weft ", to_absl(command.name), ": ", text)};
  };
  reading result;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if (!command.operand.empty() && (argument == "--" || !argument.starts_with("-"))) {
      const auto first = arguments.begin() + static_cast<std::ptrdiff_t>(argument == "--" ? i + 1 : i);
      const auto last = argument == "--" ? arguments.end() : first + 1;
      result.operands.insert(result.operands.end(), first, last);
      if (argument == "--") break;
      continue;
    }
    if (argument == "--help" || argument == "-h") return {true, std::nullopt};
    const std::size_t equals = std::min(argument.find('='), argument.size());
    const bool has_value = equals < argument.size();
    const option* chosen = argument.starts_with("--") ? find_option(command, argument.substr(2, equals - 2)) : nullptr;
    if (chosen == nullptr) {
      return fault(absl::StrCat("unknown option ", printable(argument.substr(0, equals)), "; allowed: ", allowed_options(command)));
    }
    std::string_view value = "true";
    if (chosen->value.empty()) {
      if (has_value) return fault(absl::StrCat("--", to_absl(chosen->name), " takes no value"));
    } else if (has_value) {
      value = argument.substr(equals + 1);
    } else if (++i < arguments.size()) {
      value = arguments[i];
    } else {
      return fault(absl::StrCat("--", to_absl(chosen->name), " needs a value: ", to_absl(chosen->value)));
    }
    if (auto error = set_flag(*chosen, value)) return fault(*error);
  }
  return result;
}

std::string help_text(const subcommand& command) {
  std::string text = absl::StrFormat("weft %s: %s\n\n", to_absl(command.name), to_absl(command.summary));
  if (!command.operand.empty())
    absl::StrAppend(&text, "  ", to_absl(command.operand), "...\n      what is read; by default standard input\n");
  for (const option& one : command.options) {
    const bool is_switch = one.value.empty();
    absl::StrAppend(&text, "  --", to_absl(one.name), is_switch ? "" : "=", to_absl(one.value), "\n      ", to_absl(one.help));
    const absl::CommandLineFlag* flag = absl::FindCommandLineFlag(to_absl(one.flag));
    if (!is_switch && flag != nullptr && !flag->DefaultValue().empty())
      absl::StrAppend(&text, "\n      default: ", in_lines(flag->DefaultValue()));
    absl::StrAppend(&text, "\n");
  }
  absl::StrAppend(&text, "  --help\n      shows this text\n", command.details.empty() ? "" : "\n", command.details);
  return text;
}

}  // namespace weft::tool
