// SPDX-License-Identifier: Apache-2.0
// Several co_awaits among the arguments of one call, with temporaries that need destructors (GCC PR95599).
// Instead: a named local for each.
#include "bare_task.hpp"

namespace {

gaps::bare_task number(int n, gaps::balance) { co_return n; }
int add(int a, int b, const gaps::balance& c) { return a + b + c.value; }

gaps::bare_task awaits_arguments() {
  co_return add(co_await number(1, gaps::balance()), co_await number(2, gaps::balance()), gaps::balance(3));
}

}  // namespace

int main() {
  const int got = awaits_arguments().run();
  return gaps::verdict(got == 6 && gaps::balance::live == 0);
}
