// SPDX-License-Identifier: Apache-2.0
// How much a stress test does: its counts times WEFT_SCALE.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace weft::test {

/// WEFT_SCALE, or 1.
inline double scale() {
  static const double chosen = [] {
    const char* given = std::getenv("WEFT_SCALE");
    const double value = given != nullptr ? std::strtod(given, nullptr) : 1.0;
    return value > 0 ? value : 1.0;
  }();
  return chosen;
}

/// `count` at this scale, but `least` at least: a test that does nothing proves nothing.
inline std::uint64_t scaled(std::uint64_t count, std::uint64_t least = 1) {
  return std::max(least, static_cast<std::uint64_t>(static_cast<double>(count) * scale()));
}

}  // namespace weft::test
