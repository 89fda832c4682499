// SPDX-License-Identifier: Apache-2.0
// The result of `weft bench` for people.
#pragma once

#include <weft/topology.hpp>

#include <ostream>
#include <string>
#include <vector>

#include "series.hpp"

namespace weft::tool {

/// Writes a section for each workload, a row for each implementation and thread count, and what the columns mean. At most 110 columns.
void print_table(std::ostream& out, const std::vector<row>& rows);

/// One line: processor, how much of it is ours, compiler, flags.
[[nodiscard]] std::string machine_line(const machine& on);

/// Picks the unit: "1.28 s", "93.1 ms", "4.20 us".
[[nodiscard]] std::string time_text(double seconds);

/// Picks the unit: "640 KiB", "7.1 MiB".
[[nodiscard]] std::string memory_text(std::int64_t kib);

/// "18.5 million", "4181".
[[nodiscard]] std::string count_text(std::uint64_t count);

}  // namespace weft::tool
