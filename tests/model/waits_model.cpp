// SPDX-License-Identifier: Apache-2.0
// The lists of waits under every schedule: waits that begin on one worker and end on another, and somebody who reports.
#include "scheduler/waits.hpp"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "explorer/explore.hpp"

namespace weft::sched {
namespace {

using detail::root;
using detail::waiter;
using explorer::explore;
using explorer::require;
using explorer::thread;

/// A wait that lives no longer than it is listed.
struct short_wait : waiter {
  wait_list& list;

  short_wait(wait_list& l, const root& under, const char* for_what) : list(l) {
    what = for_what;
    name = under.name;
    top = &under;
    list.add(*this);
  }
  ~short_wait() { list.remove(*this); }
};

void report(wait_list& list, const root& one, const root& other) {
  std::vector<seen_wait> seen;
  list.copy_to(seen, nullptr, whose::its_own);
  require(seen.size() <= 3, "no more than there are");
  for (const seen_wait& wait : seen) {
    const bool is_of_one = wait.top == &one && std::string_view(wait.what) == "a";
    const bool is_of_other = wait.top == &other && std::string_view(wait.what) == "b";
    require(is_of_one || is_of_other, "what is told is a wait");
  }
}

TEST(waits_model, a_report_finds_waits_that_live) {
  explore(
      [] {
        wait_list list;
        const root one;
        const root other;
        {
          const thread first([&] { const short_wait wait(list, one, "a"); });
          const thread second([&] {
            const short_wait wait(list, other, "b");
            const short_wait again(list, other, "b");
          });
          report(list, one, other);
        }
        std::vector<seen_wait> seen;
        list.copy_to(seen, nullptr, whose::its_own);
        require(seen.empty(), "nothing stays listed");
      },
      {.exhaustive = 20'000, .cut_short = true});
}

}  // namespace
}  // namespace weft::sched
