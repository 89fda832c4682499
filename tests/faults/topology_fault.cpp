// SPDX-License-Identifier: Apache-2.0
// Control-group files that are missing, garbage or unreadable, calls that are interrupted, and an affinity mask that nobody tells: the
// machine is described all the same, what could not be used is remarked on, and schedulers start. The linker sends the library's
// system calls here.
#include <weft/weft.hpp>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fault_point.hpp"
#include "scheduler/cpu_quota.hpp"
#include "scheduler/topology_reader.hpp"
#include "seed.hpp"

namespace {

/// The calls of one kind that follow `left` others fail with `error`.
struct failing_call {
  std::atomic<int> left{-1}, error{0}, failed{0};
  bool fails() {
    if (left < 0 || left-- > 0) return false;
    left = 0;
    ++failed;
    errno = error;
    return true;
  }
};
failing_call opens, reads, affinities;

/// Interrupts so many calls of one kind in a row, again and again, before each that gets through.
struct interrupted_call {
  std::atomic<int> in_a_row{0}, left{0}, interrupted{0};
  bool interrupts() {
    if (left-- <= 0) {
      left = in_a_row.load();
      return false;
    }
    ++interrupted;
    errno = EINTR;
    return true;
  }
  void start(int rows) { left = in_a_row = rows; }
};
interrupted_call interrupted_opens, interrupted_reads;

std::atomic<std::size_t> longest_read{0}, short_reads{0};  // in bytes; 0: as asked for

}  // namespace

extern "C" {
int __real_open(const char* path, int flags, ...);   // NOLINT: the linker's names
int __wrap_open(const char* path, int flags, ...) {  // NOLINT
  return interrupted_opens.interrupts() || opens.fails() ? -1 : __real_open(path, flags);
}
ssize_t __real_read(int file, void* buffer, std::size_t bytes);    // NOLINT
ssize_t __wrap_read(int file, void* buffer, std::size_t bytes) {  // NOLINT
  if (interrupted_reads.interrupts() || reads.fails()) return -1;
  const std::size_t most = longest_read;
  if (most == 0 || most >= bytes) return __real_read(file, buffer, bytes);
  ++short_reads;
  return __real_read(file, buffer, most);
}
int __real_sched_getaffinity(pid_t thread, std::size_t bytes, cpu_set_t* set);    // NOLINT
int __wrap_sched_getaffinity(pid_t thread, std::size_t bytes, cpu_set_t* set) {  // NOLINT
  return affinities.fails() ? -1 : __real_sched_getaffinity(thread, bytes, set);
}
}

namespace weft::sched {
namespace {

using test::fault_point;

struct file {
  const char* path;
  const char* text;
};
const std::vector<file> tree{
    {"/proc/self/mountinfo",
     "31 23 0:28 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw\n32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n"},
    {"/proc/self/cgroup", "0::/slice/job\n4:cpu,cpuacct:/old\n"},
    {"/sys/fs/cgroup/slice/job/cpu.max", "150000 100000\n"},
    {"/sys/fs/cgroup/slice/cpu.max", "max 100000\n"},
    {"/sys/fs/cgroup/cpu/old/cpu.cfs_quota_us", "250000\n"},
    {"/sys/fs/cgroup/cpu/old/cpu.cfs_period_us", "100000\n"},
};

/// A root directory of the test's own.
class topology_fault : public testing::Test {
 protected:
  topology_fault() {
    std::string name = (std::filesystem::temp_directory_path() / "weft-topology-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) root_ = name;
  }
  ~topology_fault() override {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }
  void SetUp() override {
    ASSERT_FALSE(root_.empty());
    for (const file& one : tree) write(one.path, one.text);
    ASSERT_EQ(read_cpu_quota(root_).cpus, std::optional<double>(1.5));
  }

  [[nodiscard]] std::filesystem::path place(const char* path) const { return root_ + path; }
  void write(const char* path, const std::string& text) const {
    std::filesystem::remove_all(place(path));
    std::filesystem::create_directories(place(path).parent_path());
    std::ofstream(place(path)) << text;
  }
  void expect_sense() const {
    const cpu_quota found = read_cpu_quota(root_);
    if (found.cpus) {
      EXPECT_GT(*found.cpus, 0);
    }
    EXPECT_LE(found.remarks.size(), 2 * tree.size());
    const int workers = fitting_workers(4, found.cpus, 4);
    EXPECT_TRUE(workers >= 1 && workers <= 4) << workers;
  }
  [[nodiscard]] const std::string& root() const { return root_; }

 private:
  std::string root_;
};

TEST_F(topology_fault, each_file_missing_or_garbage) {
  const std::vector<std::string> garbage{"",
                                         "\n",
                                         " ",
                                         "max",
                                         "-1",
                                         "0",
                                         "0 0",
                                         "-1 -1",
                                         "1e9 1",
                                         "nan inf",
                                         "1 1 1 1",
                                         "99999999999999999999 1",
                                         "\xff\xfe",
                                         "::::",
                                         "0::",
                                         "0::/../..",
                                         "- - - -",
                                         "\\777\\000",
                                         "100000 -5",
                                         "0x10 0x10",
                                         "max max",
                                         "1\t1\n\n2 2",
                                         std::string(1, '\0'),
                                         std::string(100'000, '9'),
                                         std::string(100'000, ' '),
                                         std::string(100'000, '\n'),
                                         std::string(100'000, ':')};
  for (const file& one : tree) {
    fault_point point(std::string(one.path) + " is missing or garbage");
    while (!point.is_covered()) {
      std::filesystem::remove(place(one.path));
      expect_sense();
      std::filesystem::create_directory(place(one.path));
      expect_sense();
      std::filesystem::remove(place(one.path));
      std::filesystem::create_symlink(place(one.path), place(one.path));  // leads to itself
      expect_sense();
      for (const std::string& text : garbage) {
        write(one.path, text);
        expect_sense();
      }
      point.hit(3 + garbage.size());
    }
    write(one.path, one.text);
  }
}

TEST_F(topology_fault, each_file_changed_at_random) {
  test::random_source random(2);
  for (const file& one : tree) {
    fault_point point(std::string(one.path) + " has a byte changed, lost or doubled");
    for (; point.hits() < 5 * fault_point::least; point.hit()) {
      std::string text = one.text;
      for (auto changes = 1 + random.below(3); changes > 0; --changes) {
        const std::size_t at = random.below(text.size());
        const auto way = random.below(3);
        if (way == 0) text[at] = static_cast<char>(random.next());
        if (way == 1) text.erase(at, 1 + random.below(4));
        if (way == 2) text.insert(at, text.substr(at));
        if (text.empty()) break;
      }
      write(one.path, text);
      expect_sense();
    }
    write(one.path, one.text);
  }
}

/// Lets each call of `kind` that describe_machine() makes fail in turn, alone with all that follow it.
void fail_each(failing_call& kind, const std::string& name, std::initializer_list<int> errors) {
  for (const int error : errors) {
    fault_point point(name + " fails with error " + std::to_string(error));
    while (!point.is_covered()) {
      for (int n = 0;; ++n) {
        kind.failed = 0;
        kind.error = error;
        kind.left = n;
        const machine found = describe_machine();
        const int workers = default_workers();
        kind.left = -1;
        ASSERT_GE(found.affinity_cpus, 1);
        ASSERT_GE(found.default_workers, 1);
        ASSERT_GE(workers, 1);
        if (kind.failed == 0) break;
        point.hit();
      }
    }
  }
}

TEST_F(topology_fault, files_that_cannot_be_opened_or_read) {
  fail_each(opens, "open", {ENOENT, EACCES, EMFILE, EIO});
  fail_each(reads, "read", {EIO, EACCES});
}

/// What the test's own tree and the machine are read as.
struct reading {
  std::optional<double> own_quota, quota;
  std::string cpu_model;
  std::size_t remarks;
  bool operator==(const reading&) const = default;
};
reading read_all(const std::string& root) {
  const cpu_quota own = read_cpu_quota(root);
  const machine found = describe_machine();
  return {own.cpus, found.quota_cpus, found.cpu_model, own.remarks.size() + found.remarks.size()};
}

TEST_F(topology_fault, calls_that_are_interrupted_are_made_again) {
  const reading undisturbed = read_all(root());
  for (interrupted_call* kind : {&interrupted_opens, &interrupted_reads}) {
    fault_point point(std::string(kind == &interrupted_opens ? "open" : "read") + " is interrupted");
    for (int in_a_row = 1; !point.is_covered() || in_a_row <= 3; ++in_a_row) {
      kind->interrupted = 0;
      kind->start(in_a_row);
      EXPECT_EQ(read_all(root()), undisturbed) << in_a_row << " in a row";
      kind->start(0);
      point.hit(static_cast<std::uint64_t>(kind->interrupted));
    }
  }
}

TEST_F(topology_fault, files_that_come_in_pieces_are_read_whole) {
  const reading undisturbed = read_all(root());
  fault_point point("read gives less than there is");
  for (const std::size_t most : {1U, 2U, 3U, 7U, 64U, 1000U}) {
    longest_read = most;
    EXPECT_EQ(read_all(root()), undisturbed) << most << " bytes at a time";
    interrupted_reads.start(1);
    EXPECT_EQ(read_all(root()), undisturbed) << most << " bytes at a time, and interrupted";
    interrupted_reads.start(0);
  }
  longest_read = 0;
  point.hit(short_reads.exchange(0));
}

TEST_F(topology_fault, an_affinity_mask_that_is_not_told) {
  fail_each(affinities, "sched_getaffinity", {EINVAL, EPERM, ENOSYS, EFAULT});
  affinities.error = EPERM;
  affinities.left = 0;
  const scheduler pool;
  affinities.left = -1;
  EXPECT_GE(pool.workers(), 1);
}

}  // namespace
}  // namespace weft::sched
