// SPDX-License-Identifier: Apache-2.0
// Parameters by value are destroyed once, whether the coroutine runs, throws, is never started or is dropped half-way
// (llvm 130326; GCC PR95599).
// Instead: tasks are lazy, and own their frame until they are started.
#include "bare_task.hpp"

namespace {

gaps::bare_task runs(gaps::balance a, gaps::balance b) { co_return a.value + b.value; }
gaps::bare_task throws(gaps::balance a) {
  if (a.value == 3) throw 3;
  co_return 0;
}
gaps::bare_task stops(gaps::balance a) {
  co_await std::suspend_always{};
  co_return a.value;
}
bool throws_three(const gaps::bare_task& t) {
  try {
    t.run();
  } catch (int thrown) {
    return thrown == 3;
  }
  return false;
}

}  // namespace

int main() {
  bool right = runs(gaps::balance(1), gaps::balance(2)).run() == 3;
  right = right && gaps::balance::live == 0;
  right = throws_three(throws(gaps::balance(3))) && right;
  right = right && gaps::balance::live == 0;
  {
    const auto unstarted = stops(gaps::balance(4));
  }
  right = right && gaps::balance::live == 0;
  {
    const auto dropped = stops(gaps::balance(5));
    dropped.handle.resume();
  }
  return gaps::verdict(right && gaps::balance::live == 0);
}
