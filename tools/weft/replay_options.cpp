// SPDX-License-Identifier: Apache-2.0
// Reads the values of the options of `weft replay`; each error says what is allowed.
#include "replay_options.hpp"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>

namespace weft::tool {

const char* name_of(replay_mode mode) noexcept {
  switch (mode) {
    case replay_mode::single: return "single";
    case replay_mode::migrate: return "migrate";
    default: return "race";
  }
}

bool AbslParseFlag(absl::string_view text, mode_choice* value, std::string* error) {
  for (const replay_mode mode : {replay_mode::single, replay_mode::migrate, replay_mode::race}) {
    if (text != name_of(mode)) continue;
    value->value = mode;
    return true;
  }
  *error = "allowed: single, migrate, race";
  return false;
}

bool AbslParseFlag(absl::string_view text, comparison_level* value, std::string* error) {
  if (text == "1" || text == "2") {
    value->value = text == "1" ? 1 : 2;
    return true;
  }
  *error = "allowed: 1, 2";
  return false;
}

bool AbslParseFlag(absl::string_view text, race_count* value, std::string* error) {
  if (absl::SimpleAtoi(text, &value->value) && value->value >= 1 && value->value <= race_count::most) return true;
  *error = absl::StrCat("a whole number from 1 to ", race_count::most, " is needed");
  return false;
}

std::string AbslUnparseFlag(const mode_choice& value) { return name_of(value.value); }

std::string AbslUnparseFlag(const comparison_level& value) { return absl::StrCat(value.value); }

std::string AbslUnparseFlag(const race_count& value) { return absl::StrCat(value.value); }

}  // namespace weft::tool
