// SPDX-License-Identifier: Apache-2.0
// The list of waits under every schedule: two workers whose tasks wait below one root, and somebody who reports on it.
#include "scheduler/registry.hpp"

#include <weft/detail/context.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "explorer/explore.hpp"

namespace weft::detail {
namespace {

using explorer::explore;
using explorer::require;
using explorer::thread;

/// A frame below a root, in which a wait lives no longer than it is listed.
void wait_twice(root& top, const char* what) {
  frame self{};
  self.head.level = &top.level;
  for (int i = 0; i < 2; ++i) {
    waiter w;
    w.what = what;
    begin_wait(w, &self);
    end_wait(w);
  }
}

void report(sched::registry& roots) {
  const std::vector<left_task> live = roots.describe(1);
  require(live.size() == 1, "the root is listed");
  const std::string& what = live[0].what;
  require(what.empty() || what == "a" || what == "b" || what == "a, and others" || what == "b, and others", "what is told is a wait");
}

TEST(context_model, a_report_finds_waits_that_live) {
  explore(
      [] {
        sched::registry roots(1);
        root top;
        require(roots.add(top, roots.outside()), "the intake is open");
        {
          const thread one([&] { wait_twice(top, "a"); });
          const thread other([&] { wait_twice(top, "b"); });
          report(roots);
        }
        require(top.level.oldest == nullptr && top.level.newest == nullptr, "nothing stays listed");
        atomic<std::uint32_t> ended{0};
        roots.remove(top, ended);
      },
      {.exhaustive = 20'000});
}

}  // namespace
}  // namespace weft::detail
