// SPDX-License-Identifier: Apache-2.0
// Where the control groups of this process show up as directories.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weft::sched {

/// Which interface a group directory speaks.
enum class group_version { one, two };

/// The directories of one hierarchy, from the own group up to the mount point.
struct group_path {
  group_version version = group_version::two;
  std::vector<std::string> directories;
};

/// A file's text, or why there is none.
struct file_text {
  std::optional<std::string> text;
  /// The errno of the failure; 0 if there is a text.
  int error = 0;

  /// True when the file simply is not there, which is no fault.
  [[nodiscard]] bool is_missing() const noexcept;
};

/// Reads a whole small file; never throws for what the file system does.
[[nodiscard]] file_text read_file(const std::string& path);

/// Cuts a text at `separator`; an empty text has no pieces.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

/// Finds the directories that may limit the CPU time of this process, below `root`.
/// /proc/self/mountinfo says where hierarchies are mounted and /proc/self/cgroup where in them we are; without them the usual places are
/// tried.
[[nodiscard]] std::vector<group_path> find_cpu_groups(const std::string& root);

}  // namespace weft::sched
