// SPDX-License-Identifier: Apache-2.0
// pthread_self() and errno, which the C library declares free of effects, are the resuming thread's after a suspension
// (llvm 47177, 49257).
// Instead: ask in a function that is not inlined; the library keeps errno and thread identities out of coroutines.
#include "thread_hop.hpp"

#include <pthread.h>
#include <cerrno>

namespace {

gaps::bare_task hops() {
  const pthread_t first = pthread_self();
  int* const first_errno = &errno;
  co_await std::suspend_always{};
  const pthread_t second = pthread_self();
  int* const second_errno = &errno;
  co_await std::suspend_always{};
  const bool back = pthread_equal(first, pthread_self()) != 0 && first_errno == &errno;
  co_return back&& pthread_equal(first, second) == 0 && first_errno != second_errno;
}

}  // namespace

int main() {
  const auto task = hops();
  return gaps::verdict(gaps::resume_on_two_threads(task) == 1);
}
