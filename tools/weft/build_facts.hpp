// SPDX-License-Identifier: Apache-2.0
// How this program was built, for reports: numbers mean little without it.
#pragma once

#include <string>

namespace weft::tool {

/// "clang 19.1.7"
[[nodiscard]] std::string compiler();

/// "-O3 -march=native"
[[nodiscard]] std::string build_flags();

/// "2021.8"
[[nodiscard]] std::string tbb_version();

}  // namespace weft::tool
