// SPDX-License-Identifier: Apache-2.0
// The library's calls of syscall: the linker sends them here (--wrap=syscall). The one source of a test program that includes this says
// what comes of them.
#pragma once

#include <cstdarg>

extern "C" {
long __real_syscall(long number, ...);  // NOLINT: the linker's names
}

namespace weft::test {

/// A call as the library made it.
struct system_call {
  long number;
  long arguments[6];

  /// The kernel's answer.
  [[nodiscard]] long pass_on() const noexcept {
    return __real_syscall(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
  }
};

/// What the library gets for its call. Defined by the test.
long answer_to(const system_call& call) noexcept;

}  // namespace weft::test

extern "C" {
long __wrap_syscall(long number, ...) {  // NOLINT: as above
  weft::test::system_call call{number, {}};
  va_list given;
  va_start(given, number);
  for (long& a : call.arguments) a = va_arg(given, long);
  va_end(given);
  return weft::test::answer_to(call);
}
}
