// SPDX-License-Identifier: Apache-2.0
// Between the library and the kernel's futex and membarrier: wrapped_syscall.hpp.
// Every second wait on a futex, at random, returns at once: interrupted, changed, or for no reason.
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <atomic>
#include <cerrno>
#include <cstdint>

#include "wrapped_syscall.hpp"

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

long answer_to(const system_call& call) noexcept {
  const bool is_wait = call.number == SYS_futex && (call.arguments[1] & FUTEX_CMD_MASK) == FUTEX_WAIT;
  int error = 0;
  if (is_wait && waits_end_early.load(std::memory_order_relaxed) && ends_early(error)) {
    early_waits.fetch_add(1, std::memory_order_relaxed);
    if (error != 0) errno = error;
    return error != 0 ? -1 : 0;
  }
  const long result = call.pass_on();
  if (call.number == SYS_membarrier && result < 0) barriers_denied.fetch_add(1, std::memory_order_relaxed);
  return result;
}

}  // namespace weft::test
