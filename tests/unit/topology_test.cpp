// SPDX-License-Identifier: Apache-2.0
// What the machine is taken to be: control-group quotas read from trees made for the test, and the worker count that follows.
#include <weft/topology.hpp>

#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "scheduler/control_groups.hpp"
#include "scheduler/cpu_quota.hpp"
#include "scheduler/topology_reader.hpp"

namespace weft::sched {
namespace {

constexpr auto v2_mount = "31 23 0:28 / /sys/fs/cgroup rw,relatime shared:4 - cgroup2 cgroup2 rw\n";
constexpr auto v1_mount = "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n";

/// A root directory of the test's own, removed with everything in it at the end.
class topology : public testing::Test {
 protected:
  topology() {
    std::string name = (std::filesystem::temp_directory_path() / "weft-topology-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) root_ = name;
  }
  ~topology() override {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }
  void SetUp() override { ASSERT_FALSE(root_.empty()); }

  void write(const std::string& path, const std::string& text) {
    const std::filesystem::path file = root_ + path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  void mounts(const std::string& table) { write("/proc/self/mountinfo", table); }
  void own_groups(const std::string& table) { write("/proc/self/cgroup", table); }
  void make_directory(const std::string& path) { std::filesystem::create_directories(root_ + path); }
  void link(const std::string& path, const std::string& target) {
    make_directory(std::filesystem::path(path).parent_path().string());
    std::filesystem::create_symlink(target, root_ + path);
  }
  cpu_quota quota() { return read_cpu_quota(root_); }
  const std::string& root() const { return root_; }

 private:
  std::string root_;
};

void expect_limit(const cpu_quota& quota, double cpus) {
  ASSERT_TRUE(quota.cpus.has_value());
  EXPECT_DOUBLE_EQ(*quota.cpus, cpus);
  EXPECT_TRUE(quota.remarks.empty()) << quota.remarks.front();
}

void expect_no_limit(const cpu_quota& quota, std::size_t remarks) {
  EXPECT_FALSE(quota.cpus.has_value()) << *quota.cpus;
  EXPECT_EQ(quota.remarks.size(), remarks);
}

TEST_F(topology, an_empty_root_has_no_quota) { expect_no_limit(quota(), 0); }

TEST_F(topology, version_two_limits_the_own_group) {
  mounts(v2_mount);
  own_groups("0::/job\n");
  write("/sys/fs/cgroup/job/cpu.max", "150000 100000\n");

  expect_limit(quota(), 1.5);
}

TEST_F(topology, version_two_max_is_no_limit) {
  mounts(v2_mount);
  own_groups("0::/job\n");
  write("/sys/fs/cgroup/job/cpu.max", "max 100000\n");

  expect_no_limit(quota(), 0);
}

TEST_F(topology, the_tightest_ancestor_wins) {
  mounts(v2_mount);
  own_groups("0::/slice/service/worker\n");
  write("/sys/fs/cgroup/slice/service/worker/cpu.max", "800000 100000\n");
  write("/sys/fs/cgroup/slice/service/cpu.max", "250000 100000\n");
  write("/sys/fs/cgroup/slice/cpu.max", "max 100000\n");

  expect_limit(quota(), 2.5);
}

TEST_F(topology, a_sibling_does_not_limit) {
  mounts(v2_mount);
  own_groups("0::/slice/mine\n");
  write("/sys/fs/cgroup/slice/mine/cpu.max", "300000 100000\n");
  write("/sys/fs/cgroup/slice/other/cpu.max", "100000 100000\n");

  expect_limit(quota(), 3.0);
}

TEST_F(topology, a_mount_that_shows_a_container_root_is_cut_from_the_path) {
  mounts("31 23 0:28 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup ro\n");
  own_groups("0::/docker/abc/inner\n");
  write("/sys/fs/cgroup/cpu.max", "200000 100000\n");
  write("/sys/fs/cgroup/inner/cpu.max", "400000 100000\n");

  expect_limit(quota(), 2.0);
}

TEST_F(topology, a_path_of_the_host_that_does_not_exist_here_ends_at_the_mount_point) {
  mounts(v2_mount);
  own_groups("0::/kubepods/burstable/pod1/abc\n");
  write("/sys/fs/cgroup/cpu.max", "50000 100000\n");

  expect_limit(quota(), 0.5);
}

TEST_F(topology, a_path_outside_the_namespace_ends_at_the_mount_point) {
  mounts(v2_mount);
  own_groups("0::/../sibling\n");
  write("/sys/fs/cgroup/cpu.max", "100000 100000\n");

  expect_limit(quota(), 1.0);
}

TEST_F(topology, a_bind_mount_of_a_strange_group_is_passed_over) {
  mounts(std::string(v2_mount) + "40 23 0:28 /jo /mnt/strange rw - cgroup2 cgroup2 rw\n");
  own_groups("0::/job\n");
  write("/sys/fs/cgroup/job/cpu.max", "300000 100000\n");
  write("/mnt/strange/cpu.max", "100000 100000\n");

  expect_limit(quota(), 3.0);
}

TEST_F(topology, a_mount_point_with_a_blank_is_unescaped) {
  mounts("31 23 0:28 / /mnt/my\\040groups rw - cgroup2 cgroup2 rw\n");
  own_groups("0::/\n");
  write("/mnt/my groups/cpu.max", "100000 50000\n");

  expect_limit(quota(), 2.0);
}

TEST_F(topology, version_one_divides_quota_by_period) {
  mounts(v1_mount);
  own_groups("5:cpuset:/\n4:cpu,cpuacct:/docker/abc\n");
  write("/sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_quota_us", "75000\n");
  write("/sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_period_us", "50000\n");

  expect_limit(quota(), 1.5);
}

TEST_F(topology, version_one_minus_one_is_no_limit) {
  mounts(v1_mount);
  own_groups("4:cpu,cpuacct:/\n");
  write("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
  write("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");

  expect_no_limit(quota(), 0);
}

TEST_F(topology, version_one_container_root_and_ancestors_count) {
  mounts("32 31 0:29 /docker/abc /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n");
  own_groups("4:cpu:/docker/abc/a/b\n");
  write("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "350000\n");
  write("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  write("/sys/fs/cgroup/cpu/a/b/cpu.cfs_quota_us", "900000\n");
  write("/sys/fs/cgroup/cpu/a/b/cpu.cfs_period_us", "100000\n");

  expect_limit(quota(), 3.5);
}

TEST_F(topology, with_both_versions_mounted_the_tighter_wins) {
  mounts(std::string(v1_mount) + "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
  own_groups("4:cpu,cpuacct:/\n0::/\n");
  write("/sys/fs/cgroup/unified/cpu.max", "600000 100000\n");
  write("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "400000\n");
  write("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");

  expect_limit(quota(), 4.0);
}

TEST_F(topology, without_mountinfo_the_usual_places_are_tried) {
  own_groups("0::/job\n");
  write("/sys/fs/cgroup/job/cpu.max", "700000 100000\n");

  expect_limit(quota(), 7.0);
}

TEST_F(topology, without_the_own_path_the_mount_point_is_read) {
  mounts(v2_mount);
  write("/sys/fs/cgroup/cpu.max", "100000 100000\n");

  expect_limit(quota(), 1.0);
}

TEST_F(topology, garbage_in_proc_tables_is_passed_over) {
  mounts("\n-\n1 2 3\n31 23 0:28 / /x rw - cgroup2\n\xff\xfe \\9\\4 - - -\n");
  own_groups("nothing\n:\n0:\n::::\n");
  write("/sys/fs/cgroup/cpu.max", "100000 100000\n");

  expect_no_limit(quota(), 0);
}

TEST_F(topology, garbage_in_one_group_is_noted_and_the_others_still_count) {
  mounts(v2_mount);
  own_groups("0::/a/b\n");
  write("/sys/fs/cgroup/a/b/cpu.max", "a lot\n");
  write("/sys/fs/cgroup/a/cpu.max", "200000 100000\n");

  const cpu_quota found = quota();

  EXPECT_EQ(found.cpus, std::optional<double>(2.0));
  ASSERT_EQ(found.remarks.size(), 1u);
  EXPECT_NE(found.remarks[0].find("/sys/fs/cgroup/a/b/cpu.max"), std::string::npos) << found.remarks[0];
}

TEST_F(topology, a_file_that_cannot_be_opened_is_noted) {
  mounts(v2_mount);
  own_groups("0::/job\n");
  link("/sys/fs/cgroup/job/cpu.max", "cpu.max");  // a loop: open fails for root, too

  expect_no_limit(quota(), 1);
}

TEST_F(topology, a_file_that_cannot_be_read_is_noted) {
  mounts(v2_mount);
  own_groups("0::/job\n");
  make_directory("/sys/fs/cgroup/job/cpu.max");

  expect_no_limit(quota(), 1);
}

TEST_F(topology, a_proc_that_cannot_be_opened_counts_as_missing) {
  link("/proc/self/mountinfo", "mountinfo");
  link("/proc/self/cgroup", "cgroup");
  write("/sys/fs/cgroup/cpu.max", "100000 100000\n");

  expect_limit(quota(), 1.0);
}

TEST_F(topology, version_one_without_its_period_is_noted) {
  mounts(v1_mount);
  own_groups("4:cpu,cpuacct:/\n");
  write("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "100000\n");

  expect_no_limit(quota(), 1);
}

TEST(cpu_max, takes_exactly_what_the_kernel_writes) {
  EXPECT_EQ(parse_cpu_max("150000 100000\n").cpus, std::optional<double>(1.5));
  EXPECT_EQ(parse_cpu_max("9223372036854775807 1").cpus, std::optional<double>(9223372036854775807.0));
  EXPECT_TRUE(parse_cpu_max("max 100000").known);
  EXPECT_FALSE(parse_cpu_max("max 100000").cpus.has_value());
}

TEST(cpu_max, refuses_everything_else) {
  for (const char* text : {"", "\n", "max", "100000", "max 0", "max -1", "max x", "-1 100000", "0 100000", "100000 0", "100000 -5",
                           "1e5 100000", "99999999999999999999 100000", "100000 100000 1", "0x10 10", "100000\t100000", "MAX 100000"}) {
    EXPECT_FALSE(parse_cpu_max(text).known) << text;
    EXPECT_FALSE(parse_cpu_max(text).cpus.has_value()) << text;
  }
}

TEST(cfs, takes_a_quota_and_a_period) {
  EXPECT_EQ(parse_cfs("75000\n", "50000\n").cpus, std::optional<double>(1.5));
  EXPECT_TRUE(parse_cfs("-1", "").known);
  EXPECT_FALSE(parse_cfs("-1", "").cpus.has_value());
}

TEST(cfs, refuses_everything_else) {
  EXPECT_FALSE(parse_cfs("", "100000").known);
  EXPECT_FALSE(parse_cfs("0", "100000").known);
  EXPECT_FALSE(parse_cfs("-2", "100000").known);
  EXPECT_FALSE(parse_cfs("100000", "0").known);
  EXPECT_FALSE(parse_cfs("100000", "-100000").known);
  EXPECT_FALSE(parse_cfs("100000", "").known);
  EXPECT_FALSE(parse_cfs("max", "100000").known);
}

TEST(fitting_workers, is_the_least_of_the_three) {
  EXPECT_EQ(fitting_workers(8, std::nullopt, 8), 8);
  EXPECT_EQ(fitting_workers(3, std::nullopt, 8), 3);
  EXPECT_EQ(fitting_workers(8, std::nullopt, 5), 5);
  EXPECT_EQ(fitting_workers(8, 2.0, 8), 2);
}

TEST(fitting_workers, rounds_the_quota_up) {
  EXPECT_EQ(fitting_workers(8, 1.01, 8), 2);
  EXPECT_EQ(fitting_workers(8, 0.1, 8), 1);
  EXPECT_EQ(fitting_workers(4, 3.5, 8), 4);
}

TEST(fitting_workers, is_at_least_one_whatever_the_sources_say) {
  EXPECT_EQ(fitting_workers(0, std::nullopt, 0), 1);
  EXPECT_EQ(fitting_workers(-3, -1.0, -1), 1);
  EXPECT_EQ(fitting_workers(4, 0.0, 4), 4);
  EXPECT_EQ(fitting_workers(4, 1e300, 4), 4);
}

TEST(split, keeps_empty_pieces_between_separators) {
  EXPECT_EQ(split("a::b", ':'), (std::vector<std::string_view>{"a", "", "b"}));
  EXPECT_TRUE(split("", ':').empty());
}

TEST(describe_machine, agrees_with_default_workers_and_stays_within_its_own_limits) {
  const machine found = describe_machine();

  EXPECT_EQ(found.default_workers, default_workers());
  EXPECT_GE(found.default_workers, 1);
  EXPECT_LE(found.default_workers, found.affinity_cpus);
  EXPECT_LE(found.default_workers, found.tbb_concurrency);
  EXPECT_GE(found.online_cpus, 1);
  EXPECT_FALSE(found.numa_nodes.empty());
  EXPECT_FALSE(found.core_types.empty());
}

TEST(describe_machine, follows_the_affinity_mask_of_the_asking_thread) {
  cpu_set_t before;
  ASSERT_EQ(::sched_getaffinity(0, sizeof before, &before), 0);
  cpu_set_t one;
  CPU_ZERO(&one);
  for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++cpu) {
    if (CPU_ISSET(cpu, &before)) CPU_SET(cpu, &one);
  }
  ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);

  EXPECT_EQ(describe_machine().affinity_cpus, 1);
  EXPECT_EQ(default_workers(), 1);

  ASSERT_EQ(::sched_setaffinity(0, sizeof before, &before), 0);
}

}  // namespace
}  // namespace weft::sched
