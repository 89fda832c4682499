// SPDX-License-Identifier: Apache-2.0
// Traces: how much of them is compared, and where two of them part.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "replay_program.hpp"

namespace weft::tool::replay {

/// The trace without the contexts of exceptions. What has another form stays as it is.
[[nodiscard]] json without_contexts(json trace);

/// The result of an operation of a race: the type and argument of an exception are all that counts.
[[nodiscard]] json cut_result(json result);

struct difference {
  std::size_t event = 0;
  json recorded;  // null: there is no such event
  json seen;
};
/// Where two traces part first.
[[nodiscard]] std::optional<difference> first_difference(const json& recorded, const json& seen);

/// The lines that say where the traces part.
[[nodiscard]] std::string told(const difference& found, const json& recorded);

/// On one line.
[[nodiscard]] std::string compact(const json& tree);

}  // namespace weft::tool::replay
