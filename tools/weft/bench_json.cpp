// SPDX-License-Identifier: Apache-2.0
// Builds the array that `weft bench --json` writes.
#include "bench_json.hpp"

namespace weft::tool {
namespace {

using nlohmann::ordered_json;

template <class Value>
ordered_json or_null(const std::optional<Value>& value) {
  return value ? ordered_json(*value) : ordered_json(nullptr);
}

ordered_json to_json(const row& of, const std::vector<row>& all) {
  const bool complete = of.is_complete();
  ordered_json object{{"workload", of.of.work.workload->name},
                      {"size", of.of.work.size},
                      {"implementation", of.of.implementation->name},
                      {"threads", of.of.threads},
                      {"median_s", nullptr},
                      {"min_s", nullptr},
                      {"runs_s", of.seconds},
                      {"ns_per_task", nullptr},
                      {"speedup", or_null(speedup(of, all))},
                      {"peak_rss_kib", of.peak_rss_kib},
                      {"correct", complete},
                      {"steals", or_null(of.median_steals())}};
  if (complete) {
    object["median_s"] = of.median_seconds();
    object["min_s"] = of.min_seconds();
    object["ns_per_task"] = of.nanoseconds_per_task();
  } else {
    object["failure"] = of.failure.empty() ? "not measured" : of.failure;
  }
  return object;
}

}  // namespace

ordered_json to_json(const std::vector<row>& rows) {
  ordered_json array = ordered_json::array();
  for (const row& one : rows) array.push_back(to_json(one, rows));
  return array;
}

}  // namespace weft::tool
