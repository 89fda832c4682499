// SPDX-License-Identifier: Apache-2.0
// `weft info`: the machine, the quota, and the defaults that follow.
#include <absl/flags/flag.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <weft/topology.hpp>
#include <weft/version.hpp>

#include <iostream>
#include <nlohmann/json.hpp>

#include "build_facts.hpp"
#include "commands.hpp"

ABSL_FLAG(bool, machine_as_json, false, "print JSON");

namespace weft::tool {
namespace {

std::string groups_text(const std::vector<processor_group>& groups) {
  std::string text = absl::StrCat(groups.size(), " (");
  for (const processor_group& one : groups) absl::StrAppend(&text, &one == groups.data() ? "" : ", ", one.concurrency, " threads");
  return text + ")";
}

nlohmann::ordered_json groups_json(const std::vector<processor_group>& groups) {
  auto array = nlohmann::ordered_json::array();
  for (const processor_group& one : groups) array.push_back({{"id", one.id}, {"concurrency", one.concurrency}});
  return array;
}

void print_json(const machine& on) {
  const nlohmann::ordered_json object{{"version", version},
                                      {"compiler", compiler()},
                                      {"flags", build_flags()},
                                      {"tbb", tbb_version()},
                                      {"cpu_model", on.cpu_model},
                                      {"online_cpus", on.online_cpus},
                                      {"affinity_cpus", on.affinity_cpus},
                                      {"quota_cpus", on.quota_cpus ? nlohmann::ordered_json(*on.quota_cpus) : nullptr},
                                      {"tbb_concurrency", on.tbb_concurrency},
                                      {"default_workers", on.default_workers},
                                      {"numa_nodes", groups_json(on.numa_nodes)},
                                      {"core_types", groups_json(on.core_types)},
                                      {"remarks", on.remarks}};
  std::cout << object.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << "\n";
}

void print_text(const machine& on) {
  const auto line = [](const char* name, const std::string& value) { std::cout << absl::StrFormat("%-18s %s\n", name, value); };
  line("weft", absl::StrCat(version, ", built with ", compiler(), ", ", build_flags()));
  line("processor", on.cpu_model.empty() ? "unknown" : on.cpu_model);
  line("processors online", absl::StrCat(on.online_cpus));
  line("in affinity mask", absl::StrCat(on.affinity_cpus));
  line("CPU quota", on.quota_cpus ? absl::StrFormat("%.2f processors", *on.quota_cpus) : "none");
  line("oneTBB", absl::StrCat(tbb_version(), ", ", on.tbb_concurrency, " threads by default"));
  line("NUMA nodes", groups_text(on.numa_nodes));
  line("kinds of cores", groups_text(on.core_types));
  line("default workers", absl::StrCat(on.default_workers, " (the least of affinity mask, quota rounded up, and oneTBB's default)"));
  for (const std::string& remark : on.remarks) line("remark", remark);
}

int run_machine(const std::vector<std::string>&) {
  const machine on = describe_machine();
  absl::GetFlag(FLAGS_machine_as_json) ? print_json(on) : print_text(on);
  std::cout << std::flush;
  return std::cout ? success : failure;
}

}  // namespace

subcommand machine_command() {
  return {"info",
          "shows what the machine leaves to a scheduler: processors, quota, and the number of workers that follows",
          {{"json", "", "machine_as_json", "prints one JSON object instead of text"}},
          run_machine,
          {}};
}

}  // namespace weft::tool
