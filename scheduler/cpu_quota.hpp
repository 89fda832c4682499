// SPDX-License-Identifier: Apache-2.0
// The CPU time that control groups, version 1 and 2, leave to this process.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weft::sched {

/// What was found about the CPU quota.
struct cpu_quota {
  /// The tightest limit in processors; absent when no group sets one.
  std::optional<double> cpus;
  /// One sentence for each file that exists and could not be used.
  std::vector<std::string> remarks;

  /// Keeps the tighter of the present limit and `limit`.
  void tighten(double limit);
};

/// Reads the quota of the own group and of all its ancestors that are visible here; the tightest wins.
/// `root` is put before every path ("" for the real machine), so that a test can show it a tree of its own.
/// A group directory that does not exist is passed over: inside a container the path in /proc names directories of the host.
[[nodiscard]] cpu_quota read_cpu_quota(const std::string& root = "");

/// Parses version 2's `cpu.max`: "max 100000" is no limit, "150000 100000" is 1.5 processors; absent `known` means garbage.
struct limit_text {
  bool known = false;
  std::optional<double> cpus;
};
[[nodiscard]] limit_text parse_cpu_max(std::string_view text);

/// Parses version 1's pair cpu.cfs_quota_us and cpu.cfs_period_us; a quota of -1 is no limit.
[[nodiscard]] limit_text parse_cfs(std::string_view quota, std::string_view period);

}  // namespace weft::sched
