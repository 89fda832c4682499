// SPDX-License-Identifier: Apache-2.0
// How much a stress test does: its counts times WEFT_SCALE.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>

namespace weft::test {

/// What a text says as a scale: a number above 0 and nothing else; nothing if it is none.
inline std::optional<double> parse_scale(const char* text) {
  char* end = nullptr;
  const double value = std::strtod(text, &end);
  if (end == text || *end != '\0' || !std::isfinite(value) || value <= 0) return std::nullopt;
  return value;
}

/// WEFT_SCALE, or 1 if it is not set. If it is no scale, the process ends and says what is allowed: a run at another scale than
/// the one asked for would look like the right one.
inline double scale() {
  static const double chosen = [] {
    const char* given = std::getenv("WEFT_SCALE");
    if (given == nullptr) return 1.0;
    const std::optional<double> value = parse_scale(given);
    if (!value) {
      std::fprintf(stderr, "WEFT_SCALE is \"%s\"; it must be a number above 0, such as 0.01, 1 or 10\n", given);
      std::exit(2);
    }
    return *value;
  }();
  return chosen;
}

/// `count` at this scale, but `least` at least: a test that does nothing proves nothing.
inline std::uint64_t scaled(std::uint64_t count, std::uint64_t least = 1) {
  return std::max(least, static_cast<std::uint64_t>(static_cast<double>(count) * scale()));
}

}  // namespace weft::test
