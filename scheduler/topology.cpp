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
#include <mutex>

#include "control_groups.hpp"
#include "cpu_quota.hpp"
#include "fork_lock.hpp"
#include "topology_reader.hpp"

// Only there if a sanitizer's runtime is in this process, whoever brought it.
extern "C" {
[[gnu::weak]] void __asan_init();
[[gnu::weak]] void __tsan_init();
[[gnu::weak]] void __msan_init();
}

namespace weft {
namespace {

/// These runtimes end a process that loads a library with RTLD_DEEPBIND, which is how oneTBB loads the one that knows the topology.
bool may_load_binding() { return &__asan_init == nullptr && &__tsan_init == nullptr && &__msan_init == nullptr; }

/// What oneTBB finds out once is guarded by what a child forked meanwhile would wait for in vain.
constinit std::mutex asking_tbb;
[[maybe_unused]] const int fork_waits = sched::hold_over_forks<asking_tbb>();

int tbb_concurrency() {
  const std::scoped_lock hold(asking_tbb);
  return tbb::info::default_concurrency();
}

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

void ask_for_groups(machine& found) {
  if (!may_load_binding()) {
    found.numa_nodes = found.core_types = {{-1, found.tbb_concurrency}};
    found.remarks.emplace_back("a sanitizer does not let oneTBB load its binding library: NUMA nodes and kinds of cores are not known");
    return;
  }
  const std::scoped_lock hold(asking_tbb);
  for (const tbb::numa_node_id id : tbb::info::numa_nodes()) found.numa_nodes.push_back({id, tbb::info::default_concurrency(id)});
  for (const tbb::core_type_id id : tbb::info::core_types()) {
    const int concurrency =
        tbb::info::default_concurrency({.numa_id = -1, .max_concurrency = -1, .core_type = id, .max_threads_per_core = -1});
    found.core_types.push_back({id, concurrency});
  }
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
  found.tbb_concurrency = tbb_concurrency();
  found.default_workers = sched::fitting_workers(found.affinity_cpus, quota.cpus, found.tbb_concurrency);
  found.remarks = std::move(quota.remarks);
  ask_for_groups(found);
  return found;
}

int default_workers() { return sched::fitting_workers(affinity_cpus(), sched::read_cpu_quota().cpus, tbb_concurrency()); }

}  // namespace weft
