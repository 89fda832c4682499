// SPDX-License-Identifier: Apache-2.0
// Reads cpu.max and cpu.cfs_* of the own control group and its ancestors and keeps the tightest.
#include "cpu_quota.hpp"

#include <charconv>
#include <cstdint>
#include <system_error>

#include "control_groups.hpp"

namespace weft::sched {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

limit_text ratio(std::optional<std::int64_t> quota, std::optional<std::int64_t> period) {
  if (!quota || !period || *quota <= 0 || *period <= 0) return {};
  return {true, static_cast<double>(*quota) / static_cast<double>(*period)};
}

void apply(cpu_quota& quota, const limit_text& limit, const std::string& path) {
  if (!limit.known) quota.remarks.push_back(path + ": not understood, taken as no limit");
  if (limit.cpus) quota.tighten(*limit.cpus);
}

/// The text of a group's file; a fault is noted, absence is not: the root group has no such file.
std::optional<std::string> read_setting(cpu_quota& quota, const std::string& path) {
  file_text file = read_file(path);
  if (!file.text && !file.is_missing()) {
    quota.remarks.push_back(path + ": " + std::generic_category().message(file.error) + ", taken as no limit");
  }
  return std::move(file.text);
}

void read_group(cpu_quota& quota, group_version version, const std::string& directory) {
  if (version == group_version::two) {
    const std::string path = directory + "/cpu.max";
    if (const auto text = read_setting(quota, path)) apply(quota, parse_cpu_max(*text), path);
    return;
  }
  const std::string path = directory + "/cpu.cfs_quota_us";
  const auto limit = read_setting(quota, path);
  if (!limit) return;
  const auto period = read_setting(quota, directory + "/cpu.cfs_period_us");
  apply(quota, parse_cfs(*limit, period.value_or("")), path);
}

}  // namespace

void cpu_quota::tighten(double limit) {
  if (!cpus || limit < *cpus) cpus = limit;
}

limit_text parse_cpu_max(std::string_view text) {
  const auto fields = split(trimmed(text), ' ');
  if (fields.size() != 2) return {};
  const auto period = whole_number(fields[1]);
  if (fields[0] == "max" && period && *period > 0) return {true, std::nullopt};
  return ratio(whole_number(fields[0]), period);
}

limit_text parse_cfs(std::string_view quota, std::string_view period) {
  const auto limit = whole_number(trimmed(quota));
  if (limit == -1) return {true, std::nullopt};
  return ratio(limit, whole_number(trimmed(period)));
}

cpu_quota read_cpu_quota(const std::string& root) {
  cpu_quota quota;
  for (const group_path& group : find_cpu_groups(root)) {
    for (const std::string& directory : group.directories) read_group(quota, group.version, directory);
  }
  return quota;
}

}  // namespace weft::sched
