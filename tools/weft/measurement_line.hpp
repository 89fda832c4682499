// SPDX-License-Identifier: Apache-2.0
// One measurement as the line of JSON that a child process hands to its parent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "bench/measure.hpp"

namespace weft::tool {

/// What a child measured.
struct measured_run {
  bench::outcome outcome;
  std::int64_t peak_rss_kib = 0;
};

/// The line, with its line feed.
[[nodiscard]] std::string to_line(const measured_run& run);

/// Reads a line back; absent if it is anything else than what to_line writes.
[[nodiscard]] std::optional<measured_run> from_line(const std::string& line);

/// The most memory that this program has had resident since it was started, in KiB; 0 if the system does not tell.
/// (rusage's figure will not do: it survives exec, so a child would answer with its parent's size.)
[[nodiscard]] std::int64_t own_peak_rss_kib();

}  // namespace weft::tool
