// SPDX-License-Identifier: Apache-2.0
// Threads that cannot be started, and those that nobody has joined: for one program whose calls of pthread_create and pthread_join the
// linker sends here (--wrap). Included once in it.
#pragma once

#include <pthread.h>

#include <atomic>
#include <cerrno>

namespace weft::test {

inline std::atomic<int> threads_left{-1};  // that may still be started; negative: any number
inline std::atomic<int> unjoined{0};       // threads that were started and not joined

}  // namespace weft::test

// NOLINTBEGIN: the linker's names
extern "C" {
int __real_pthread_join(pthread_t, void**);
int __wrap_pthread_join(pthread_t thread, void** result) {
  --weft::test::unjoined;
  return __real_pthread_join(thread, result);
}
int __real_pthread_create(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
int __wrap_pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*body)(void*), void* argument) {
  using weft::test::threads_left;
  if (threads_left == 0) return EAGAIN;
  if (threads_left > 0) --threads_left;
  const int failed = __real_pthread_create(thread, attributes, body, argument);
  if (failed == 0) ++weft::test::unjoined;
  return failed;
}
}
// NOLINTEND
