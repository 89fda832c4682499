// SPDX-License-Identifier: Apache-2.0
// The command line: both spellings of a value, and one helpful line for everything else.
#include "tools/weft/options.hpp"

#include <absl/flags/flag.h>
#include <gtest/gtest.h>

#include "tools/weft/commands.hpp"
#include "tools/weft/flag_values.hpp"

ABSL_FLAG(weft::tool::thread_list, tested_threads, {}, "a list");
ABSL_FLAG(bool, tested_switch, false, "a switch");

namespace weft::tool {
namespace {

const subcommand& tested() {
  static const subcommand command{"try",
                                  "is only here to be parsed",
                                  {{"threads", "N,...", "tested_threads", "a list"}, {"quick", "", "tested_switch", "a switch"}},
                                  nullptr,
                                  "The end.\n"};
  return command;
}

/// The same, with operands.
const subcommand& reads_files() {
  static const subcommand command = [] {
    subcommand made = tested();
    made.operand = "FILE";
    return made;
  }();
  return command;
}

reading read(std::vector<std::string> words, const subcommand& with = tested()) {
  absl::SetFlag(&FLAGS_tested_threads, thread_list{});
  absl::SetFlag(&FLAGS_tested_switch, false);
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  return read_options(with, arguments);
}

std::vector<int> threads() { return absl::GetFlag(FLAGS_tested_threads).items; }

void expect_error(const std::vector<std::string>& words, const std::string& line) {
  const reading result = read(words);
  EXPECT_EQ(result.error.value_or("no error"), line);
}

TEST(options, take_a_value_after_an_equals_sign_or_a_blank) {
  EXPECT_FALSE(read({"--threads=1,2"}).error.has_value());
  EXPECT_EQ(threads(), (std::vector<int>{1, 2}));
  EXPECT_FALSE(read({"--threads", "3", "--quick"}).error.has_value());
  EXPECT_EQ(threads(), (std::vector<int>{3}));
  EXPECT_TRUE(absl::GetFlag(FLAGS_tested_switch));
}

TEST(options, count_once_and_the_last_wins) {
  EXPECT_FALSE(read({"--threads=1,2", "--threads=4"}).error.has_value());
  EXPECT_EQ(threads(), (std::vector<int>{4}));
}

TEST(options, of_other_names_are_refused_with_the_names_that_exist) {
  expect_error({"--thread=1"}, "weft try: unknown option --thread; allowed: --threads, --quick, --help");
  expect_error({"threads"}, "weft try: unknown option threads; allowed: --threads, --quick, --help");
  expect_error({"-threads=1"}, "weft try: unknown option -threads; allowed: --threads, --quick, --help");
  expect_error({""}, "weft try: unknown option ; allowed: --threads, --quick, --help");
  expect_error({"--"}, "weft try: unknown option --; allowed: --threads, --quick, --help");
  expect_error({"--tested_threads=1"}, "weft try: unknown option --tested_threads; allowed: --threads, --quick, --help");
}

TEST(options, need_their_value_and_switches_take_none) {
  expect_error({"--threads"}, "weft try: --threads needs a value: N,...");
  expect_error({"--quick=yes"}, "weft try: --quick takes no value");
}

TEST(options, name_what_is_allowed_when_a_value_is_bad) {
  const std::string allowed = ": a whole number from 1 to 256 is needed";
  expect_error({"--threads="}, "weft try: --threads=" + allowed);
  expect_error({"--threads=0"}, "weft try: --threads=0" + allowed);
  expect_error({"--threads=-1"}, "weft try: --threads=-1" + allowed);
  expect_error({"--threads=257"}, "weft try: --threads=257" + allowed);
  expect_error({"--threads=1,,2"}, "weft try: --threads=1,,2" + allowed);
  expect_error({"--threads=two"}, "weft try: --threads=two" + allowed);
  expect_error({"--threads=99999999999999999999"}, "weft try: --threads=99999999999999999999" + allowed);
  expect_error({"--threads=1,1"}, "weft try: --threads=1,1: 1 is there twice");
}

TEST(operands, are_taken_in_order_among_the_options_and_after_two_dashes) {
  const reading result = read({"a", "--threads", "3", "b c", "--", "--quick", ""}, reads_files());

  EXPECT_FALSE(result.error.has_value());
  EXPECT_EQ(result.operands, (std::vector<std::string>{"a", "b c", "--quick", ""}));
  EXPECT_EQ(threads(), (std::vector<int>{3}));
  EXPECT_FALSE(absl::GetFlag(FLAGS_tested_switch));
}

TEST(operands, do_not_hide_a_wrong_option) {
  EXPECT_EQ(read({"a", "--thread=1"}, reads_files()).error.value_or("no error"),
            "weft try: unknown option --thread; allowed: --threads, --quick, --help");
  EXPECT_NE(help_text(reads_files()).find("  FILE...\n"), std::string::npos);
}

TEST(options, answer_in_one_line_whatever_they_are_given) {
  const reading result = read({"--\n\x01" + std::string(1000, 'x')});

  ASSERT_TRUE(result.error.has_value());
  EXPECT_EQ(result.error->find('\n'), std::string::npos);
  EXPECT_LT(result.error->size(), 300u);
}

TEST(help, lists_options_and_defaults) {
  EXPECT_TRUE(read({"--help"}).wants_help);
  EXPECT_TRUE(read({"--quick", "-h", "--nonsense"}).wants_help);
  EXPECT_EQ(help_text(tested()),
            "weft try: is only here to be parsed\n\n  --threads=N,...\n      a list\n  --quick\n      a switch\n  --help\n      shows this "
            "text\n\nThe end.\n");
  EXPECT_NE(help_text(bench_command())
                .find("default: fib:34,skynet:6,nqueens:12,matmul:1024,for:1000000,for_heavy:1000000,for_skewed:1000000,reduce:1000000,\n"
                      "               reduce_heavy:1000000,scan:1000000,sort:1000000,send:20000000,"),
            std::string::npos);
}

template <class Value>
std::string error_of(const char* text) {
  Value value;
  std::string error;
  return AbslParseFlag(text, &value, &error) ? AbslUnparseFlag(value) : "error: " + error;
}

TEST(workload_list, takes_names_with_and_without_sizes) {
  EXPECT_EQ(error_of<workload_list>("fib"), "fib:34");
  EXPECT_EQ(error_of<workload_list>("fib:39,skynet:8,nqueens:14,matmul:2048"), "fib:39,skynet:8,nqueens:14,matmul:2048");
  EXPECT_EQ(error_of<workload_list>("fib:20,fib:21"), "fib:20,fib:21");
  EXPECT_EQ(AbslUnparseFlag(suite_workloads()), "fib:39,skynet:8,nqueens:14,matmul:2048");
}

TEST(workload_list, refuses_what_does_not_exist) {
  EXPECT_EQ(error_of<workload_list>("fob:1"),
            "error: unknown workload fob; allowed: fib, skynet, nqueens, matmul, for, for_heavy, for_skewed, reduce, reduce_heavy, scan, "
            "sort, send, depth, generator, timer, lateness, timeout, scope, cancel, each with :size");
  EXPECT_EQ(error_of<workload_list>("fib:51"), "error: fib takes sizes 0 to 50");
  EXPECT_EQ(error_of<workload_list>("fib:-1"), "error: fib takes sizes 0 to 50");
  EXPECT_EQ(error_of<workload_list>("fib:"), "error: fib takes sizes 0 to 50");
  EXPECT_EQ(error_of<workload_list>("fib:3x"), "error: fib takes sizes 0 to 50");
  EXPECT_EQ(error_of<workload_list>("nqueens:17"), "error: nqueens takes sizes 1 to 16");
  EXPECT_EQ(error_of<workload_list>("matmul:48"), "error: matmul takes powers of two from 32 to 8192");
  EXPECT_EQ(error_of<workload_list>("fib:34,fib"), "error: fib is there twice");
}

TEST(implementation_list, refuses_what_does_not_exist) {
  EXPECT_EQ(error_of<implementation_list>("serial,weft"), "serial,weft");
  EXPECT_EQ(error_of<implementation_list>("weft,omp"),
            "error: unknown implementation omp; allowed: weft, joined, tbb, serial, floor, flat, plain, python");
  EXPECT_EQ(error_of<implementation_list>("weft,weft"), "error: weft is there twice");
}

}  // namespace
}  // namespace weft::tool
