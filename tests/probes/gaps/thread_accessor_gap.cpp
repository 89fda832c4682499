// SPDX-License-Identifier: Apache-2.0
// A thread_local that is read through a function that is not inlined is the resuming thread's, with every compiler.
// Instead: nothing; this form is what the library tells users to write.
#include "thread_hop.hpp"

namespace {

thread_local int number = 0;

[[gnu::noinline]] int& own_number() {
  asm volatile("");  // so that two calls are not taken for one
  return number;
}

gaps::bare_task hops() {
  int* const first = &own_number();
  ++own_number();
  co_await std::suspend_always{};
  int* const second = &own_number();
  ++own_number();
  co_await std::suspend_always{};
  int* const third = &own_number();
  co_return first != second&& first == third;
}

}  // namespace

int main() {
  const auto task = hops();
  return gaps::verdict(gaps::resume_on_two_threads(task) == 1 && number == 1);
}
