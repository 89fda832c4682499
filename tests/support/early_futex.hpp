// SPDX-License-Identifier: Apache-2.0
// Between the library and the kernel's futex and membarrier: the linker sends the library's calls of syscall here (--wrap=syscall).
// Every second wait on a futex, at random, returns at once: interrupted, changed, or for no reason.
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdint>

namespace weft::test {

inline constinit std::atomic<bool> waits_end_early{false};
inline constinit std::atomic<std::uint64_t> early_waits{0};      // that returned at once
inline constinit std::atomic<std::uint64_t> barriers_denied{0};  // calls of membarrier that failed, whoever made them fail

/// Whether this wait ends at once, and the error that says so; 0: none.
inline bool ends_early(int& error) noexcept {
  static constinit std::atomic<std::uint64_t> calls{0};
  std::uint64_t z = (calls.fetch_add(1, std::memory_order_relaxed) + 1) * 0x9e3779b97f4a7c15U;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = z ^ (z >> 27);
  constexpr int errors[] = {EINTR, EAGAIN, 0};
  error = errors[(z >> 8) % 3];
  return (z & 1) != 0;
}

}  // namespace weft::test

extern "C" {
long __real_syscall(long number, ...);    // NOLINT: the linker's names
long __wrap_syscall(long number, ...) {  // NOLINT
  long arguments[6];
  va_list given;
  va_start(given, number);
  for (long& a : arguments) a = va_arg(given, long);
  va_end(given);
  const bool is_wait = number == SYS_futex && (arguments[1] & FUTEX_CMD_MASK) == FUTEX_WAIT;
  int error = 0;
  if (is_wait && weft::test::waits_end_early.load(std::memory_order_relaxed) && weft::test::ends_early(error)) {
    weft::test::early_waits.fetch_add(1, std::memory_order_relaxed);
    if (error != 0) errno = error;
    return error != 0 ? -1 : 0;
  }
  const long result = __real_syscall(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
  if (number == SYS_membarrier && result < 0) weft::test::barriers_denied.fetch_add(1, std::memory_order_relaxed);
  return result;
}
}
