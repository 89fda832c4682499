// SPDX-License-Identifier: Apache-2.0
// Writes and reads the line between a measuring child and its parent.
#include "measurement_line.hpp"

#include <absl/strings/numbers.h>
#include <absl/strings/strip.h>

#include <fstream>
#include <nlohmann/json.hpp>

namespace weft::tool {

std::string to_line(const measured_run& run) {
  nlohmann::json line{{"correct", run.outcome.correct},
                      {"seconds", run.outcome.seconds},
                      {"tasks", run.outcome.tasks},
                      {"peak_rss_kib", run.peak_rss_kib},
                      {"steals", nullptr}};
  if (run.outcome.steals) line["steals"] = *run.outcome.steals;
  return line.dump() + "\n";
}

std::optional<measured_run> from_line(const std::string& line) {
  const auto read = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!read.is_object()) return std::nullopt;
  const auto field = [&read](const char* name) { return read.contains(name) ? read[name] : nlohmann::json(); };
  if (!field("correct").is_boolean() || !field("seconds").is_number() || !field("tasks").is_number_unsigned()) return std::nullopt;
  if (!field("peak_rss_kib").is_number_integer()) return std::nullopt;
  measured_run run;
  run.outcome = {field("correct"), field("seconds"), field("tasks"), std::nullopt};
  run.peak_rss_kib = field("peak_rss_kib");
  if (field("steals").is_number_unsigned()) run.outcome.steals = field("steals").get<std::uint64_t>();
  return run;
}

std::int64_t own_peak_rss_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    absl::string_view text = line;
    std::int64_t kib = 0;
    if (absl::ConsumePrefix(&text, "VmHWM:") && absl::ConsumeSuffix(&text, "kB") && absl::SimpleAtoi(text, &kib)) return kib;
  }
  return 0;
}

}  // namespace weft::tool
