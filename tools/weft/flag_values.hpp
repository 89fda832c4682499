// SPDX-License-Identifier: Apache-2.0
// The values that options take, each with its own reading: a value that cannot be used never gets past the command line.
#pragma once

#include <absl/strings/string_view.h>

#include <string>
#include <vector>

#include "bench/catalogue.hpp"

namespace weft::tool {

/// "fib:34"; without a size, the default one.
struct sized_workload {
  const bench::workload_facts* workload = nullptr;
  int size = 0;
  bool operator==(const sized_workload&) const = default;
};

/// "fib:34,skynet:6"
struct workload_list {
  std::vector<sized_workload> items;
};

struct implementation_choice {
  const bench::implementation_facts* implementation = nullptr;
};

/// "weft,tbb"
struct implementation_list {
  std::vector<const bench::implementation_facts*> items;
};

struct thread_count {
  static constexpr int most = 256;
  int value = 1;
};

/// "1,2"; empty stands for 1 and the default worker count.
struct thread_list {
  std::vector<int> items;
};

struct repetition_count {
  static constexpr int most = 1000;
  int value = 3;
};

/// Seconds that one run may take.
struct time_limit {
  static constexpr int most = 86400;
  int seconds = 300;
};

/// A file to write; empty only if the option is not given.
struct file_name {
  std::string path;
};

// Abseil finds these by their names.
bool AbslParseFlag(absl::string_view text, sized_workload* value, std::string* error);
bool AbslParseFlag(absl::string_view text, workload_list* value, std::string* error);
bool AbslParseFlag(absl::string_view text, implementation_choice* value, std::string* error);
bool AbslParseFlag(absl::string_view text, implementation_list* value, std::string* error);
bool AbslParseFlag(absl::string_view text, thread_count* value, std::string* error);
bool AbslParseFlag(absl::string_view text, thread_list* value, std::string* error);
bool AbslParseFlag(absl::string_view text, repetition_count* value, std::string* error);
bool AbslParseFlag(absl::string_view text, time_limit* value, std::string* error);
bool AbslParseFlag(absl::string_view text, file_name* value, std::string* error);
std::string AbslUnparseFlag(const sized_workload& value);
std::string AbslUnparseFlag(const workload_list& value);
std::string AbslUnparseFlag(const implementation_choice& value);
std::string AbslUnparseFlag(const implementation_list& value);
std::string AbslUnparseFlag(const thread_count& value);
std::string AbslUnparseFlag(const thread_list& value);
std::string AbslUnparseFlag(const repetition_count& value);
std::string AbslUnparseFlag(const time_limit& value);
std::string AbslUnparseFlag(const file_name& value);

/// All workloads at their default sizes, or those of the public suite at its sizes.
[[nodiscard]] workload_list default_workloads();
[[nodiscard]] workload_list suite_workloads();
[[nodiscard]] implementation_list all_implementations();

}  // namespace weft::tool
