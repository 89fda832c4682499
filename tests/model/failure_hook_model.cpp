// SPDX-License-Identifier: Apache-2.0
// The hook for failures under every schedule: whoever tells against its end.
#include "scheduler/failure_hook.hpp"

#include <gtest/gtest.h>

#include "explorer/explore.hpp"

namespace weft::sched {
namespace {

using explorer::explore;
using explorer::require;
using explorer::thread;

/// What a hook's user has: gone, as far as the hook goes, once close() has returned.
struct listener {
  int told = 0;  // plain: close() orders it
  bool gone = false;
  detail::atomic<int> accepted{0};
  failure_hook hook{[this](std::exception_ptr, std::string_view) {
                      require(!gone, "nobody is told after the end");
                      ++told;
                    },
                    "model"};

  void tell_once() {
    if (!hook.hold()) return;
    accepted.fetch_add(1, detail::relaxed);
    hook.tell(nullptr, "");
    hook.release();
  }
  void end() {
    hook.close();
    gone = true;
    require(told == accepted.load(detail::relaxed), "who held the hook has told");
  }
};

TEST(failure_hook_model, a_holder_tells_before_the_end_or_is_refused) {
  explore(
      [] {
        listener l;
        const thread other([&] { l.tell_once(); });
        l.end();
      },
      {.exhaustive = 20'000});
}

// One holds and does not tell: the end waits for both, whoever is the last.
TEST(failure_hook_model, the_end_waits_for_the_last_of_two_holders) {
  explore([] {
    listener l;
    const thread other([&] { l.tell_once(); });
    const thread idle([&] {
      if (!l.hook.hold()) return;
      require(!l.gone, "it is held");
      l.hook.release();
    });
    l.end();
  });
}

}  // namespace
}  // namespace weft::sched
