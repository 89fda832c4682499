// SPDX-License-Identifier: Apache-2.0
// What the machine leaves to this process: processors, affinity mask, control-group quota, and the worker count that follows.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace weft {

/// A set of processors that oneTBB tells apart: one NUMA node, or all cores of one kind.
struct processor_group {
  /// oneTBB's number for the group; -1 when the machine shows only one.
  int id = -1;
  /// Threads that the group runs at once, as oneTBB counts them.
  int concurrency = 1;
};

/// What this process may use of its machine, as found at one moment.
struct machine {
  /// The processor's name for itself; empty when the system does not tell.
  std::string cpu_model;
  /// Processors that are switched on.
  int online_cpus = 1;
  /// Processors in the affinity mask of the thread that asked.
  int affinity_cpus = 1;
  /// The tightest CPU quota of the own control group and its ancestors, in processors; absent when nothing limits it.
  std::optional<double> quota_cpus;
  /// `tbb::info::default_concurrency()`.
  int tbb_concurrency = 1;
  /// The number of workers that a scheduler starts when it is not told.
  int default_workers = 1;
  /// NUMA nodes that oneTBB sees.
  std::vector<processor_group> numa_nodes;
  /// Kinds of cores that oneTBB sees, slowest first.
  std::vector<processor_group> core_types;
  /// What could not be read and was therefore taken as no limit, one sentence each; empty when all is well.
  std::vector<std::string> remarks;
};

/// Describes the machine as it is now. Any thread; reads files under /proc and /sys, so it is no call for a hot path.
/// Throws std::bad_alloc only.
[[nodiscard]] machine describe_machine();

/// Answers how many workers fit: the least of affinity mask, CPU quota rounded up, and oneTBB's default; at least 1.
/// Any thread; reads files under /proc and /sys. Throws std::bad_alloc only.
[[nodiscard]] int default_workers();

}  // namespace weft
