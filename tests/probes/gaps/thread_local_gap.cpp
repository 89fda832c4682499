// SPDX-License-Identifier: Apache-2.0
// A thread_local read in a coroutine's body is the resuming thread's after a suspension (llvm 47179, 63022).
// Instead: no thread_local in a coroutine; a function that is not inlined reads it (see thread_accessor_gap.cpp).
#include "thread_hop.hpp"

namespace {

thread_local int number = 0;

gaps::bare_task hops() {
  int* const first = &number;
  ++number;
  co_await std::suspend_always{};
  int* const second = &number;
  ++number;
  co_await std::suspend_always{};
  int* const third = &number;
  co_return first != second&& first == third;
}

}  // namespace

int main() {
  const auto task = hops();
  return gaps::verdict(gaps::resume_on_two_threads(task) == 1 && number == 1);
}
