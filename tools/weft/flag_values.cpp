// SPDX-License-Identifier: Apache-2.0
// Reads the values of options; each error says what is allowed.
#include "flag_values.hpp"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>

#include <algorithm>

#include "options.hpp"

namespace weft::tool {
namespace {

std::string_view to_std(absl::string_view text) { return {text.data(), text.size()}; }
absl::string_view to_absl(std::string_view text) { return {text.data(), text.size()}; }

template <class Facts>
std::string names(const Facts& all) {
  return absl::StrJoin(all, ", ", [](std::string* out, const auto& one) { out->append(one.name); });
}

std::string sizes(const bench::workload_facts& of) {
  return absl::StrCat(to_absl(of.name), " takes ", of.powers_of_two ? "powers of two from " : "sizes ", of.smallest, " to ", of.largest);
}

bool read_number(absl::string_view text, int most, int* value, std::string* error) {
  if (absl::SimpleAtoi(text, value) && *value >= 1 && *value <= most) return true;
  *error = absl::StrCat("a whole number from 1 to ", most, " is needed");
  return false;
}

/// Reads a comma-separated list with the item's own reading; an item that comes twice is refused, or rows would be mixed.
template <class Item, class Keep>
bool read_list(absl::string_view text, std::string* error, Keep keep) {
  for (const absl::string_view piece : absl::StrSplit(text, ',')) {
    Item item;
    if (!AbslParseFlag(piece, &item, error)) return false;
    if (!keep(item)) {
      *error = absl::StrCat(printable(to_std(piece)), " is there twice");
      return false;
    }
  }
  return true;
}

template <class Item>
bool add_new(std::vector<Item>& items, const Item& item) {
  if (std::find(items.begin(), items.end(), item) != items.end()) return false;
  items.push_back(item);
  return true;
}

template <class Size>
workload_list workloads_of_size(Size size) {
  workload_list list;
  for (const bench::workload_facts& one : bench::workloads())
    if (one.*size != 0) list.items.push_back({&one, one.*size});
  return list;
}

}  // namespace

bool AbslParseFlag(absl::string_view text, sized_workload* value, std::string* error) {
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(text, absl::MaxSplits(':', 1));
  const bench::workload_facts* workload = bench::find_workload(to_std(parts.first));
  if (workload == nullptr) {
    *error =
        absl::StrCat("unknown workload ", printable(to_std(parts.first)), "; allowed: ", names(bench::workloads()), ", each with :size");
    return false;
  }
  int size = workload->default_size;
  const bool has_size = parts.first.size() != text.size();
  if (has_size && (!absl::SimpleAtoi(parts.second, &size) || !workload->allows(size))) {
    *error = sizes(*workload);
    return false;
  }
  *value = {workload, size};
  return true;
}

bool AbslParseFlag(absl::string_view text, workload_list* value, std::string* error) {
  value->items.clear();
  return read_list<sized_workload>(text, error, [value](const sized_workload& item) { return add_new(value->items, item); });
}

bool AbslParseFlag(absl::string_view text, implementation_choice* value, std::string* error) {
  value->implementation = bench::find_implementation(to_std(text));
  if (value->implementation != nullptr) return true;
  *error = absl::StrCat("unknown implementation ", printable(to_std(text)), "; allowed: ", names(bench::implementations()));
  return false;
}

bool AbslParseFlag(absl::string_view text, implementation_list* value, std::string* error) {
  value->items.clear();
  return read_list<implementation_choice>(text, error, [value](const auto& item) { return add_new(value->items, item.implementation); });
}

bool AbslParseFlag(absl::string_view text, thread_count* value, std::string* error) {
  return read_number(text, thread_count::most, &value->value, error);
}

bool AbslParseFlag(absl::string_view text, thread_list* value, std::string* error) {
  value->items.clear();
  return read_list<thread_count>(text, error, [value](const thread_count& item) { return add_new(value->items, item.value); });
}

bool AbslParseFlag(absl::string_view text, repetition_count* value, std::string* error) {
  return read_number(text, repetition_count::most, &value->value, error);
}

bool AbslParseFlag(absl::string_view text, time_limit* value, std::string* error) {
  return read_number(text, time_limit::most, &value->seconds, error);
}

bool AbslParseFlag(absl::string_view text, file_name* value, std::string* error) {
  value->path = std::string(text);
  if (text.empty()) *error = "the name of a file is needed";
  return !text.empty();
}

std::string AbslUnparseFlag(const sized_workload& value) {
  return value.workload == nullptr ? "" : absl::StrCat(to_absl(value.workload->name), ":", value.size);
}

std::string AbslUnparseFlag(const workload_list& value) {
  return absl::StrJoin(value.items, ",", [](std::string* out, const sized_workload& one) { out->append(AbslUnparseFlag(one)); });
}

std::string AbslUnparseFlag(const implementation_choice& value) {
  return value.implementation == nullptr ? "" : std::string(value.implementation->name);
}

std::string AbslUnparseFlag(const implementation_list& value) {
  return absl::StrJoin(value.items, ",", [](std::string* out, const auto* one) { out->append(one->name); });
}

std::string AbslUnparseFlag(const thread_count& value) { return absl::StrCat(value.value); }

std::string AbslUnparseFlag(const thread_list& value) { return absl::StrJoin(value.items, ","); }

std::string AbslUnparseFlag(const repetition_count& value) { return absl::StrCat(value.value); }

std::string AbslUnparseFlag(const time_limit& value) { return absl::StrCat(value.seconds); }

std::string AbslUnparseFlag(const file_name& value) { return value.path; }

workload_list default_workloads() { return workloads_of_size(&bench::workload_facts::default_size); }

workload_list suite_workloads() { return workloads_of_size(&bench::workload_facts::suite_size); }

implementation_list all_implementations() {
  implementation_list list;
  for (const bench::implementation_facts& one : bench::implementations()) list.items.push_back(&one);
  return list;
}

}  // namespace weft::tool
