// SPDX-License-Identifier: Apache-2.0
// The values that the options of `weft replay` take.
#pragma once

#include <absl/strings/string_view.h>

#include <string>

namespace weft::tool {

/// Which threads carry out the operations of a program.
enum class replay_mode { single, migrate, race };
[[nodiscard]] const char* name_of(replay_mode mode) noexcept;

struct mode_choice {
  replay_mode value = replay_mode::single;
};

/// 1: without the contexts of exceptions; 2: with them.
struct comparison_level {
  int value = 1;
};

struct race_count {
  static constexpr int most = 1'000'000;
  int value = 10;
};

// Abseil finds these by their names.
bool AbslParseFlag(absl::string_view text, mode_choice* value, std::string* error);
bool AbslParseFlag(absl::string_view text, comparison_level* value, std::string* error);
bool AbslParseFlag(absl::string_view text, race_count* value, std::string* error);
std::string AbslUnparseFlag(const mode_choice& value);
std::string AbslUnparseFlag(const comparison_level& value);
std::string AbslUnparseFlag(const race_count& value);

}  // namespace weft::tool
