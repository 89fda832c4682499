// SPDX-License-Identifier: Apache-2.0
// The result of `weft bench` for programs.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "series.hpp"

namespace weft::tool {

/// An array with one object for each row. What is not known is null; a row that failed has `correct: false` and says why in `failure`.
[[nodiscard]] nlohmann::ordered_json to_json(const std::vector<row>& rows);

}  // namespace weft::tool
