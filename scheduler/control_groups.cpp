// SPDX-License-Identifier: Apache-2.0
// Finds the control-group directories of this process from /proc/self/mountinfo and /proc/self/cgroup.
#include "control_groups.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace weft::sched {
namespace {

struct mount {
  group_version version;
  std::string shown;  // the directory of the hierarchy that is visible at `point`
  std::string point;
};

/// mountinfo writes blanks and backslashes of a path as \ and three octal digits.
std::string unescape(std::string_view text) {
  const auto is_octal = [](char c) { return c >= '0' && c <= '7'; };
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size() && is_octal(text[i + 1]) && is_octal(text[i + 2]) && is_octal(text[i + 3])) {
      plain += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

bool lists(std::string_view names, std::string_view name) {
  const auto all = split(names, ',');
  return std::find(all.begin(), all.end(), name) != all.end();
}

/// One line reads: id parent device shown point options [optional ...] - type source options.
std::optional<mount> parse_mount(std::string_view line) {
  const auto fields = split(line, ' ');
  const auto dash = std::find(fields.begin(), fields.end(), "-");
  if (dash - fields.begin() < 6 || fields.end() - dash < 4) return std::nullopt;
  if (dash[1] == "cgroup2") return mount{group_version::two, unescape(fields[3]), unescape(fields[4])};
  if (dash[1] == "cgroup" && lists(dash[3], "cpu")) return mount{group_version::one, unescape(fields[3]), unescape(fields[4])};
  return std::nullopt;
}

std::vector<mount> find_mounts(const std::string& root) {
  std::vector<mount> mounts;
  const file_text table = read_file(root + "/proc/self/mountinfo");
  if (!table.text) {
    return {{group_version::two, "/", "/sys/fs/cgroup"},
            {group_version::two, "/", "/sys/fs/cgroup/unified"},
            {group_version::one, "/", "/sys/fs/cgroup/cpu"},
            {group_version::one, "/", "/sys/fs/cgroup/cpu,cpuacct"}};
  }
  for (const std::string_view line : split(*table.text, '\n')) {
    if (auto found = parse_mount(line)) mounts.push_back(std::move(*found));
  }
  return mounts;
}

/// The own place in a hierarchy, from lines "number:controllers:path"; version 2 lists no controllers.
std::string own_path(const std::string& root, group_version version) {
  const file_text table = read_file(root + "/proc/self/cgroup");
  if (!table.text) return "/";
  for (const std::string_view line : split(*table.text, '\n')) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == line.npos ? line.npos : line.find(':', first + 1);
    if (second == line.npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    const bool matches = version == group_version::two ? controllers.empty() : lists(controllers, "cpu");
    if (matches) return std::string(line.substr(second + 1));
  }
  return "/";
}

/// The part of `path` below `shown`: "" or "/and/so/on". Nothing when the mount shows another part of the hierarchy, or when we are
/// outside the namespace it was made in ("/../x").
std::optional<std::string> path_below(std::string_view shown, std::string_view path) {
  if (!path.starts_with('/') || path.find("/..") != path.npos) return std::nullopt;
  if (shown == "/") return path == "/" ? "" : std::string(path);
  if (!path.starts_with(shown)) return std::nullopt;
  const std::string_view rest = path.substr(shown.size());
  if (!rest.empty() && !rest.starts_with('/')) return std::nullopt;
  return std::string(rest);
}

group_path walk_up(const std::string& top, group_version version, std::string below) {
  group_path group{version, {}};
  for (; !below.empty(); below.resize(below.rfind('/'))) group.directories.push_back(top + below);
  group.directories.push_back(top);
  return group;
}

/// A mount that does not show our own path still may show an ancestor, so it counts when no other does.
void add_groups(std::vector<group_path>& groups, const std::string& root, const std::vector<mount>& mounts, group_version version) {
  const std::string own = own_path(root, version);
  const std::size_t before = groups.size();
  for (const mount& at : mounts) {
    if (at.version != version) continue;
    if (auto below = path_below(at.shown, own)) groups.push_back(walk_up(root + at.point, version, std::move(*below)));
  }
  if (groups.size() != before) return;
  for (const mount& at : mounts) {
    if (at.version == version) groups.push_back(walk_up(root + at.point, version, ""));
  }
}

}  // namespace

bool file_text::is_missing() const noexcept { return error == ENOENT || error == ENOTDIR; }

file_text read_file(const std::string& path) {
  int file = -1;
  do file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  while (file < 0 && errno == EINTR);  // a file system behind a network or a user's program may be interrupted
  if (file < 0) return {std::nullopt, errno};
  file_text result{std::string(), 0};
  char buffer[4096];
  for (;;) {
    const ssize_t count = ::read(file, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) result = {std::nullopt, errno};
    if (count <= 0) break;
    result.text->append(buffer, static_cast<std::size_t>(count));
  }
  ::close(file);
  return result;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    pieces.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return pieces;
}

std::vector<group_path> find_cpu_groups(const std::string& root) {
  std::vector<group_path> groups;
  const std::vector<mount> mounts = find_mounts(root);
  add_groups(groups, root, mounts, group_version::two);
  add_groups(groups, root, mounts, group_version::one);
  return groups;
}

}  // namespace weft::sched
