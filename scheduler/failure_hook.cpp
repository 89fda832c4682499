// SPDX-License-Identifier: Apache-2.0
//
// Telling of failures, and the end of it. The edge is that of failure_hook.hpp:
//   E1  the last holder, before the end
#include "failure_hook.hpp"

#include "hooks.hpp"
#include "weft/detail/root.hpp"

namespace weft::sched {

void failure_hook::tell(std::exception_ptr failure, const char* task) noexcept {
  count_.fetch_add(1, detail::relaxed);  // a figure
  if (!listener_) return detail::print_unhandled(failure, task);
  try {
    listener_(std::move(failure), task);
  } catch (...) {
    end_for_hook_of_task("on_unhandled", scheduler_, task);
  }
}

void failure_hook::close() noexcept {
  std::uint32_t seen = word_.fetch_or(closed, detail::acquire) | closed;  // E1
  while (seen != closed) {
    detail::futex_wait(word_, seen);
    seen = word_.load(detail::acquire);  // E1
  }
}

}  // namespace weft::sched
