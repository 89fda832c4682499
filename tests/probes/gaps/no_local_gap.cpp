// SPDX-License-Identifier: Apache-2.0
// A coroutine without a local, parameter or temporary that lives over a suspension (GCC 12.1, 12.2).
// Instead: give every coroutine a local that lives over its suspensions.
#include "bare_task.hpp"

namespace {

int steps = 0;

gaps::bare_task has_nothing() {
  co_await std::suspend_always{};
  ++steps;
  co_await std::suspend_always{};
  ++steps;
  co_return 1;
}

}  // namespace

int main() {
  const auto t = has_nothing();
  for (int i = 0; i < 3; ++i) t.handle.resume();
  return gaps::verdict(t.handle.done() && steps == 2 && t.handle.promise().result == 1);
}
