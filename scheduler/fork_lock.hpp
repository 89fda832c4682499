// SPDX-License-Identifier: Apache-2.0
//
// Locks that a fork waits for: a child must not find one held by a thread that it does not have.
#pragma once

#include <pthread.h>

namespace weft::sched {

/// From now on a fork waits for the holder of this lock. As the program starts: whoever registered it later could be a thread that
/// holds the lock. Answers 0, or an error where there is no memory for it; then there is none for a fork either.
template <auto& Lock>
int hold_over_forks() noexcept {
  return pthread_atfork([] { Lock.lock(); }, [] { Lock.unlock(); }, [] { Lock.unlock(); });
}

}  // namespace weft::sched
