// SPDX-License-Identifier: Apache-2.0
// Compares traces.
#include "replay_trace.hpp"

#include <absl/strings/str_cat.h>

#include <algorithm>

namespace weft::tool::replay {
namespace {

/// Cuts the last item off, if it is at this place.
void cut_at(json& list, std::size_t place) {
  if (list.is_array() && list.size() == place + 1) list.erase(place);
}

bool is_event(const json& one, const char* kind) { return one.is_array() && !one.empty() && one.front() == kind; }

std::string line_of(const char* name, const json& event) {
  return absl::StrCat("  ", name, event.is_null() ? "nothing more" : compact(event), "\n");
}

}  // namespace

json cut_result(json result) {
  if (is_event(result, "exc")) cut_at(result, 3);
  return result;
}

json without_contexts(json trace) {
  for (json& event : trace) {
    if (is_event(event, "x")) cut_at(event, 4);
    if (is_event(event, "unraisable")) cut_at(event, 3);
    if (is_event(event, "op") && event.size() > 4) event[4] = cut_result(std::move(event[4]));
    if (is_event(event, "re") && event.size() > 3) event[3] = cut_result(std::move(event[3]));
  }
  return trace;
}

std::optional<difference> first_difference(const json& recorded, const json& seen) {
  for (std::size_t i = 0; i < std::max(recorded.size(), seen.size()); ++i) {
    difference at{i, i < recorded.size() ? recorded[i] : json(), i < seen.size() ? seen[i] : json()};
    if (at.recorded != at.seen) return at;
  }
  return std::nullopt;
}

std::string told(const difference& found, const json& recorded) {
  return absl::StrCat(found.event == 0 ? "" : line_of("after     ", recorded[found.event - 1]), line_of("recorded  ", found.recorded),
                      line_of("seen      ", found.seen));
}

std::string compact(const json& tree) { return tree.dump(-1, ' ', false, json::error_handler_t::replace); }

}  // namespace weft::tool::replay
