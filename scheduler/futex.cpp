// SPDX-License-Identifier: Apache-2.0
//
// The system calls behind the seam: futex, membarrier, clock.
#include "weft/detail/sync.hpp"

#include <linux/futex.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cerrno>
#include <climits>
#include <ctime>

#if WEFT_COLD_KEEPS_REGISTERS
const char weft_library_keeps_registers = 1;
#endif

namespace weft::detail {

void futex_wait(atomic<std::uint32_t>& word, std::uint32_t expected, std::int64_t nanoseconds) noexcept {
  timespec limit{};
  timespec* until = nullptr;
  if (nanoseconds >= 0) {
    limit.tv_sec = static_cast<time_t>(nanoseconds / 1'000'000'000);
    limit.tv_nsec = static_cast<long>(nanoseconds % 1'000'000'000);
    until = &limit;
  }
  const int saved = errno;  // a task may look at errno around a call of ours
  ::syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, expected, until, nullptr, 0);
  errno = saved;
}

void futex_wake(atomic<std::uint32_t>* word, int count) noexcept {
  const int saved = errno;  // EFAULT: the word is gone, and so is its waiter
  ::syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, nullptr, nullptr, 0);
  errno = saved;
}

namespace {

enum class barrier : std::uint8_t { unknown, offered, missing };

barrier register_barrier() noexcept {
  const long commands = ::syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0, 0);
  if (commands < 0 || (commands & MEMBARRIER_CMD_PRIVATE_EXPEDITED) == 0) return barrier::missing;
  return ::syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0 ? barrier::offered : barrier::missing;
}

// Registering takes long and may be done twice. The guard of a local static would stay held in a child that is forked meanwhile.
constinit atomic<barrier> known{barrier::unknown};

}  // namespace

bool barrier_all_threads() noexcept {
  barrier here = known.load(relaxed);  // a fact about the process: nothing else goes with it
  if (here == barrier::unknown) known.store(here = register_barrier(), relaxed);
  return here == barrier::offered && ::syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0;
}

std::chrono::steady_clock::time_point now() noexcept { return std::chrono::steady_clock::now(); }

}  // namespace weft::detail
