// SPDX-License-Identifier: Apache-2.0
// The tables of workloads and implementations: to add one, add it here.
#include "catalogue.hpp"

#include <algorithm>
#include <array>
#include <type_traits>

#include "plain/plain_runner.hpp"
#include "python/python_process.hpp"
#include "serial/serial_loops.hpp"
#include "serial/serial_runner.hpp"
#include "tbb/tbb_loops.hpp"
#include "tbb/tbb_runner.hpp"
#include "weft/algorithm_runner.hpp"
#include "weft/coroutine_runner.hpp"
#include "weft/driven_runner.hpp"
#include "weft/service_runner.hpp"
#include "workload/cancelled_tree.hpp"
#include "workload/depth.hpp"
#include "workload/fib.hpp"
#include "workload/lateness.hpp"
#include "workload/live_timers.hpp"
#include "workload/loops.hpp"
#include "workload/matmul.hpp"
#include "workload/nqueens.hpp"
#include "workload/ready_deadlines.hpp"
#include "workload/send.hpp"
#include "workload/skynet.hpp"
#include "workload/small_children.hpp"
#include "workload/sort.hpp"
#include "workload/sums.hpp"
#include "workload/values.hpp"

namespace weft::bench {
namespace {

/// All workloads, in the order in which they are reported.
template <class... Workloads>
struct workload_list {
  static constexpr std::array facts{Workloads::facts...};
};
using every_workload = workload_list<fib, skynet, nqueens, matmul, for_loop, heavy_loop, skewed_loop, reduce, heavy_reduce, scan, sort,
                                     send, depth, values, live_timers, lateness, ready_deadlines, small_children, cancelled_tree>;
constexpr auto all_workloads = every_workload::facts;

struct implementation {
  implementation_facts facts;
  std::array<measurement, all_workloads.size()> measurements;  // in the order of all_workloads; null: it does not compute that one
};

template <class Runner, class Workload>
concept computes = requires(Runner& runner, Workload& work) { runner.compute(work); };

/// The measurement by the first of the runners that computes it.
template <class Workload, class Runner, class... Others>
constexpr measurement measurement_by() {
  if constexpr (computes<Runner, Workload>)
    return measure<Runner, Workload>;
  else if constexpr (sizeof...(Others) > 0)
    return measurement_by<Workload, Others...>();
  else
    return nullptr;
}

template <class... Runners, class... Workloads>
constexpr implementation implement(implementation_facts facts, workload_list<Workloads...>) {
  return {facts, {measurement_by<Workloads, Runners...>()...}};
}
template <class... Runners>
constexpr implementation implement(implementation_facts facts) {
  return implement<Runners...>(facts, every_workload());
}

/// CPython, which is no runner: what it computes it does in a process of its own.
template <class Workload>
constexpr measurement measurement_in_python() {
  if constexpr (std::is_same_v<Workload, send> || std::is_same_v<Workload, values>)
    return measure_in_python<Workload>;
  else
    return nullptr;
}
template <class... Workloads>
constexpr implementation implement_in_python(implementation_facts facts, workload_list<Workloads...>) {
  return {facts, {measurement_in_python<Workloads>()...}};
}

constexpr std::array all_implementations{
    implement<weft_runner, algorithm_runner, driven_runner, service_runner>(
        {"weft", "coroutines, children forked and joined; parallel algorithms; driven ones; timers, scopes, cancellation", true}),
    implement<joined_runner>({"joined", "weft's when_all in the place of scopes", true}),
    implement<tbb_runner, tbb_loops>({"tbb", "oneTBB task_group, one child run in place; its parallel algorithms", true}),
    implement<serial_runner, serial_loops>({"serial", "plain recursion and loops without tasks, one thread", false}),
    implement<floor_runner>({"floor", "weft's coroutines on one worker, each child awaited in turn, no fork", false}),
    implement<flat_runner>({"flat", "weft's coroutines through one await instead of many", false}),
    implement<plain_runner>({"plain", "a hand-written C++20 generator that can be looped over and nothing else", false}),
    implement_in_python({"python", "CPython's coroutines and generators, by the python3 in PATH", false, "python3"}, every_workload()),
};

constexpr auto facts_of_implementations = [] {
  std::array<implementation_facts, all_implementations.size()> facts{};
  std::transform(all_implementations.begin(), all_implementations.end(), facts.begin(),
                 [](const implementation& one) { return one.facts; });
  return facts;
}();

template <class Facts>
const Facts* find_by_name(std::span<const Facts> all, std::string_view name) {
  const auto found = std::find_if(all.begin(), all.end(), [name](const Facts& one) { return one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace

std::span<const workload_facts> workloads() { return all_workloads; }

std::span<const implementation_facts> implementations() { return facts_of_implementations; }

const workload_facts* find_workload(std::string_view name) { return find_by_name(workloads(), name); }

const implementation_facts* find_implementation(std::string_view name) { return find_by_name(implementations(), name); }

measurement find_measurement(std::string_view workload, std::string_view implementation) {
  const workload_facts* work = find_workload(workload);
  const implementation_facts* by = find_implementation(implementation);
  if (work == nullptr || by == nullptr) return nullptr;
  const auto row = static_cast<std::size_t>(by - implementations().data());
  return all_implementations[row].measurements[static_cast<std::size_t>(work - workloads().data())];
}

}  // namespace weft::bench
