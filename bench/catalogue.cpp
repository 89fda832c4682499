// SPDX-License-Identifier: Apache-2.0
// The tables of workloads and implementations: to add one, add it here.
#include "catalogue.hpp"

#include <algorithm>
#include <array>

#include "plain/plain_runner.hpp"
#include "python/python_process.hpp"
#include "serial/serial_runner.hpp"
#include "tbb/tbb_runner.hpp"
#include "weft/coroutine_runner.hpp"
#include "weft/driven_runner.hpp"
#include "workload/depth.hpp"
#include "workload/fib.hpp"
#include "workload/matmul.hpp"
#include "workload/nqueens.hpp"
#include "workload/send.hpp"
#include "workload/skynet.hpp"
#include "workload/values.hpp"

namespace weft::bench {
namespace {

constexpr std::array all_workloads{fib::facts, skynet::facts, nqueens::facts, matmul::facts, send::facts, depth::facts, values::facts};

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

template <class... Runners>
constexpr implementation implement(implementation_facts facts) {
  return {facts,
          {measurement_by<fib, Runners...>(), measurement_by<skynet, Runners...>(), measurement_by<nqueens, Runners...>(),
           measurement_by<matmul, Runners...>(), measurement_by<send, Runners...>(), measurement_by<depth, Runners...>(),
           measurement_by<values, Runners...>()}};
}

constexpr implementation python{{"python", "CPython's coroutines and generators, by the python3 in PATH", false, "python3"},
                                {nullptr, nullptr, nullptr, nullptr, measure_in_python<send>, nullptr, measure_in_python<values>}};

constexpr std::array all_implementations{
    implement<weft_runner, driven_runner>({"weft", "coroutines, children forked and joined; coroutines and generators driven", true}),
    implement<tbb_runner>({"tbb", "oneTBB task_group, one child run in place", true}),
    implement<serial_runner>({"serial", "plain recursion without tasks, one thread", false}),
    implement<floor_runner>({"floor", "weft's coroutines on one worker, each child awaited in turn, no fork", false}),
    implement<flat_runner>({"flat", "weft's coroutines through one await instead of many", false}),
    implement<plain_runner>({"plain", "a hand-written C++20 generator that can be looped over and nothing else", false}),
    python,
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
