// SPDX-License-Identifier: Apache-2.0
// A child's output arrives whole, and however it ends is told apart.
#include "bench/child_process.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>

namespace weft::bench {
namespace {

using namespace std::chrono_literals;
using kind = child_end::kind;

child_end run_shell(const std::string& script, std::chrono::milliseconds limit = 60s) {
  return run_child({"/bin/sh", "-c", script}, limit, [] {});
}

TEST(child, hands_over_its_output_and_its_exit_status) {
  const child_end end = run_shell("printf 'a b\\n'; exit 3");

  EXPECT_EQ(end.how, kind::exited);
  EXPECT_EQ(end.code, 3);
  EXPECT_EQ(end.output, "a b\n");
}

TEST(child, may_write_more_than_a_pipe_holds) {
  const child_end end = run_shell("head -c 300000 /dev/zero");

  EXPECT_EQ(end.code, 0);
  EXPECT_EQ(end.output.size(), 300000u);
}

TEST(child, that_crashes_is_reported_with_its_signal) {
  const child_end end = run_shell("printf x; kill -SEGV $$");

  EXPECT_EQ(end.how, kind::signalled);
  EXPECT_EQ(end.code, SIGSEGV);
  EXPECT_EQ(in_words(end), "crashed: Segmentation fault");
}

TEST(child, that_takes_too_long_is_stopped_and_waiting_ticks) {
  int ticks = 0;
  const child_end end = run_child({"/bin/sh", "-c", "exec sleep 1000"}, 500ms, [&] { ++ticks; });

  EXPECT_EQ(end.how, kind::timed_out);
  EXPECT_GE(ticks, 1);
}

TEST(child, that_closes_its_output_and_stays_is_stopped_too) {
  EXPECT_EQ(run_shell("exec >&-; exec sleep 1000", 300ms).how, kind::timed_out);
}

TEST(child, that_does_not_exist_ends_as_in_a_shell) {
  const child_end end = run_child({"/nonexistent/program"}, 60s, [] {});

  EXPECT_EQ(end.how, kind::exited);
  EXPECT_EQ(end.code, 127);
  EXPECT_EQ(in_words(end), "ended with exit status 127");
}

TEST(child, holds_the_pipe_only_as_its_standard_output) {
  const child_end end =
      run_shell("pipe=$(readlink /proc/$$/fd/1); for one in /proc/$$/fd/*; do [ $(readlink $one) = $pipe ] && echo $one; done; exit 0");

  EXPECT_TRUE(end.output.ends_with("/fd/1\n")) << end.output;
  EXPECT_EQ(std::count(end.output.begin(), end.output.end(), '\n'), 1) << end.output;
}

TEST(program, is_found_where_path_leads) {
  EXPECT_EQ(find_program("sh").substr(0, 1), "/");
  EXPECT_EQ(find_program("no such program"), "");
}

}  // namespace
}  // namespace weft::bench
