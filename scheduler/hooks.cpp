// SPDX-License-Identifier: Apache-2.0
//
// The end of a process whose hook threw.
#include "hooks.hpp"

#include <cstdio>

namespace weft::sched {

void end_for_hook(const char* hook, const char* scheduler, const char* where) noexcept {
  with_text_of(std::current_exception(), [=](const char* what) noexcept {
    std::fprintf(stderr, "weft: %s: it threw %s of scheduler %s: %s; a hook must not throw: catch in it\n", hook, where, scheduler, what);
  });
  std::terminate();
}

void end_for_hook_of_task(const char* hook, const char* scheduler, const char* task) noexcept {
  char where[64];
  std::snprintf(where, sizeof where, "for task %s", shown_name(task));
  end_for_hook(hook, scheduler, where);
}

}  // namespace weft::sched
