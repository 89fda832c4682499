// SPDX-License-Identifier: Apache-2.0
// An initialiser list in the arguments of an awaited call is destroyed once (GCC: arrays of temporaries in await expressions).
// Instead: a named std::vector or array before the co_await.
#include "bare_task.hpp"

#include <initializer_list>

namespace {

gaps::bare_task sum_of(int a) { co_return a; }
int add_up(std::initializer_list<gaps::balance> all) {
  int sum = 0;
  for (const gaps::balance& one : all) sum += one.value;
  return sum;
}

gaps::bare_task awaits_a_list() {
  const int got = co_await sum_of(add_up({gaps::balance(1), gaps::balance(2), gaps::balance(3)}));
  co_return got;
}

}  // namespace

int main() {
  const int got = awaits_a_list().run();
  return gaps::verdict(got == 6 && gaps::balance::live == 0);
}
