// SPDX-License-Identifier: Apache-2.0
// co_await on the right of && and ||, and in a branch of ?:, is evaluated only where its turn comes (GCC PR112360).
// Instead: an if for each, as in: bool b = false; if (a) b = co_await f();
#include "bare_task.hpp"

namespace {

int evaluated = 0;

gaps::bare_task says(int value, gaps::balance) {
  ++evaluated;
  co_return value;
}

gaps::bare_task conditions(bool yes, bool no) {
  int right = 0;
  if (!(no && co_await says(1, gaps::balance()) == 1)) ++right;
  if (yes || co_await says(1, gaps::balance()) == 1) ++right;
  if (evaluated == 0) ++right;
  if ((yes ? co_await says(7, gaps::balance()) : co_await says(8, gaps::balance())) == 7) ++right;
  if (yes && co_await says(1, gaps::balance()) == 1) ++right;
  co_return right;
}

}  // namespace

int main() {
  const int right = conditions(true, false).run();
  return gaps::verdict(right == 5 && evaluated == 2 && gaps::balance::live == 0);
}
