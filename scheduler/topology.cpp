// SPDX-License-Identifier: Apache-2.0
// Asks the kernel and oneTBB what this process may use of the machine.
#include <weft/topology.hpp>

// oneTBB shows the kinds of cores only under this name; nothing but its topology queries is used here.
#define TBB_PREVIEW_TASK_ARENA_CONSTRAINTS_EXTENSION 1

#include <sched.h>
#include <tbb/info.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <memory>

#include "control_groups.hpp"
#include "cpu_quota.hpp"
#include "topology_reader.hpp"

namespace weft {
namespace {

int online_cpus() { return static_cast<int>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN))); }

/// The kernel refuses (EINVAL) a set smaller than its own, whose size nobody tells us: so the set grows until it fits.
int affinity_cpus() {
  struct set_deleter {
    void operator()(cpu_set_t* set) const noexcept { CPU_FREE(set); }
  };
  constexpr int largest = 1 << 20;
  for (int cpus = CPU_SETSIZE; cpus <= largest; cpus *= 2) {
    const std::unique_ptr<cpu_set_t, set_deleter> set(CPU_ALLOC(static_cast<std::size_t>(cpus)));
    if (!set) break;
    const std::size_t bytes = CPU_ALLOC_SIZE(static_cast<std::size_t>(cpus));
    if (::sched_getaffinity(0, bytes, set.get()) == 0) return std::max(1, CPU_COUNT_S(bytes, set.get()));
    if (errno != EINVAL) break;
  }
  return online_cpus();
}

std::string cpu_model() {
  const sched::file_text table = sched::read_file("/proc/cpuinfo");
  if (!table.text) return {};
  for (const std::string_view line : sched::split(*table.text, '\n')) {
    const std::size_t value = line.find(": ");
    if (line.starts_with("model name") && value != line.npos) return std::string(line.substr(value + 2));
  }
  return {};
}

std::vector<processor_group> numa_nodes() {
  std::vector<processor_group> nodes;
  for (const tbb::numa_node_id id : tbb::info::numa_nodes()) nodes.push_back({id, tbb::info::default_concurrency(id)});
  return nodes;
}

std::vector<processor_group> core_types() {
  std::vector<processor_group> types;
  for (const tbb::core_type_id id : tbb::info::core_types()) {
    types.push_back(
        {id, tbb::info::default_concurrency({.numa_id = -1, .max_concurrency = -1, .core_type = id, .max_threads_per_core = -1})});
  }
  return types;
}

}  // namespace

int sched::fitting_workers(int affinity, std::optional<double> quota, int tbb_concurrency) {
  int workers = affinity >= 1 ? affinity : 1;
  if (quota && *quota > 0 && *quota < workers) workers = static_cast<int>(std::ceil(*quota));
  if (tbb_concurrency >= 1) workers = std::min(workers, tbb_concurrency);
  return workers;
}

machine describe_machine() {
  sched::cpu_quota quota = sched::read_cpu_quota();
  machine found;
  found.cpu_model = cpu_model();
  found.online_cpus = online_cpus();
  found.affinity_cpus = affinity_cpus();
  found.quota_cpus = quota.cpus;
  found.tbb_concurrency = tbb::info::default_concurrency();
  found.default_workers = sched::fitting_workers(found.affinity_cpus, quota.cpus, found.tbb_concurrency);
  found.numa_nodes = numa_nodes();
  found.core_types = core_types();
  found.remarks = std::move(quota.remarks);
  return found;
}

int default_workers() { return sched::fitting_workers(affinity_cpus(), sched::read_cpu_quota().cpus, tbb::info::default_concurrency()); }

}  // namespace weft
