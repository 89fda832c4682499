// SPDX-License-Identifier: Apache-2.0
// Reads the values of the options of `weft stress`; each error says what is allowed.
#include "stress_options.hpp"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/strings/string_view.h>
#include <weft/detail/sync.hpp>

#include <array>
#include <cmath>

#include "options.hpp"

namespace weft::tool {
namespace {

#if defined(__SANITIZE_THREAD__)
constexpr bool under_tsan = true;
#elif defined(__has_feature)
constexpr bool under_tsan = __has_feature(thread_sanitizer);
#else
constexpr bool under_tsan = false;
#endif

struct named_plant {
  std::string_view name;
  plant value;
  bool is_found;
};

constexpr std::array<named_plant, 6> all_plants{{{"lost-wakeup", plant::lost_wakeup, true},
                                                 {"double-run", plant::double_run, true},
                                                 {"leak", plant::leak, true},
                                                 {"overflow", plant::overflow, true},
                                                 {"race", plant::race, under_tsan},
                                                 {"use-after-free", plant::use_after_free, detail::under_asan}}};

struct time_unit {
  absl::string_view name;
  double seconds;
};

// "ms" before "s": the first that fits is taken.
constexpr std::array<time_unit, 4> time_units{{{"ms", 1e-3}, {"s", 1}, {"m", 60}, {"h", 3600}}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::vector<std::string_view> plants() {
  std::vector<std::string_view> names;
  for (const named_plant& one : all_plants)
    if (one.is_found) names.push_back(one.name);
  return names;
}

bool AbslParseFlag(absl::string_view text, task_total* value, std::string* error) {
  double number = 0;
  const bool is_number = !text.empty() && is_digit(text.front()) && absl::SimpleAtod(text, &number);
  // Every whole number up to the limit is a double, too.
  if (is_number && number >= 1 && number <= static_cast<double>(task_total::most) && number == std::floor(number)) {
    value->value = static_cast<std::uint64_t>(number);
    return true;
  }
  *error = "a whole number from 1 to 1e12 is needed, such as 1e7 or 10000000";
  return false;
}

bool AbslParseFlag(absl::string_view text, time_span* value, std::string* error) {
  double unit = 1;
  absl::string_view digits = text;
  for (const time_unit& one : time_units) {
    if (text.size() <= one.name.size() || text.substr(text.size() - one.name.size()) != one.name) continue;
    digits = text.substr(0, text.size() - one.name.size());
    unit = one.seconds;
    break;
  }
  double number = 0;
  if (!digits.empty() && is_digit(digits.front()) && is_digit(digits.back()) && absl::SimpleAtod(digits, &number)) {
    const double seconds = number * unit;
    if (seconds >= 1e-3 && seconds <= time_span::most) {
      value->seconds = seconds;
      return true;
    }
  }
  *error = "a time from 1ms to 168h is needed, such as 30s, 500ms or 5m";
  return false;
}

bool AbslParseFlag(absl::string_view text, seed_choice* value, std::string* error) {
  std::uint64_t number = 0;
  if (!text.empty() && is_digit(text.front()) && absl::SimpleAtoi(text, &number)) {
    value->value = number;
    return true;
  }
  *error = "a whole number from 0 to 18446744073709551615 is needed";
  return false;
}

bool AbslParseFlag(absl::string_view text, plant_choice* value, std::string* error) {
  for (const named_plant& one : all_plants) {
    if (!one.is_found || absl::string_view(one.name.data(), one.name.size()) != text) continue;
    value->value = one.value;
    return true;
  }
  *error = absl::StrCat("allowed: ", absl::StrJoin(plants(), ", ", [](std::string* out, std::string_view name) { out->append(name); }));
  return false;
}

std::string AbslUnparseFlag(const task_total& value) { return value.value ? absl::StrCat(*value.value) : ""; }

std::string AbslUnparseFlag(const time_span& value) {
  return value.seconds ? absl::StrCat(*value.seconds >= 1 ? *value.seconds : *value.seconds * 1e3, *value.seconds >= 1 ? "s" : "ms") : "";
}

std::string AbslUnparseFlag(const seed_choice& value) { return value.value ? absl::StrCat(*value.value) : ""; }

std::string AbslUnparseFlag(const plant_choice& value) {
  for (const named_plant& one : all_plants)
    if (one.value == value.value) return std::string(one.name);
  return "";
}

}  // namespace weft::tool
