// SPDX-License-Identifier: Apache-2.0
// The values that the options of `weft stress` take.
#pragma once

#include <absl/strings/string_view.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "flag_values.hpp"

namespace weft::tool {

/// "10000000" or "1e7". Empty only if the option is not given.
struct task_total {
  static constexpr std::uint64_t usual = 10'000'000;
  static constexpr std::uint64_t most = 1'000'000'000'000;
  std::optional<std::uint64_t> value = {};
};

/// "30s", "500ms", "5m", "2h"; a bare number means seconds. Empty only if the option is not given.
struct time_span {
  static constexpr double most = 7 * 86400;
  std::optional<double> seconds = {};
};

/// Absent: drawn afresh.
struct seed_choice {
  std::optional<std::uint64_t> value = {};
};

/// What `weft stress` does wrong on purpose.
enum class plant { none, lost_wakeup, double_run, leak, overflow, race, use_after_free };

struct plant_choice {
  plant value = plant::none;
};

/// The plants that this build can find, as the user writes them. A race takes ThreadSanitizer, a use after free AddressSanitizer.
[[nodiscard]] std::vector<std::string_view> plants();

// Abseil finds these by their names.
bool AbslParseFlag(absl::string_view text, task_total* value, std::string* error);
bool AbslParseFlag(absl::string_view text, time_span* value, std::string* error);
bool AbslParseFlag(absl::string_view text, seed_choice* value, std::string* error);
bool AbslParseFlag(absl::string_view text, plant_choice* value, std::string* error);
std::string AbslUnparseFlag(const task_total& value);
std::string AbslUnparseFlag(const time_span& value);
std::string AbslUnparseFlag(const seed_choice& value);
std::string AbslUnparseFlag(const plant_choice& value);

}  // namespace weft::tool
