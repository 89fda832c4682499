// SPDX-License-Identifier: Apache-2.0
//
// The two levels of assertion: a caller's mistake is an exception that names the call; a broken invariant of ours ends the
// process in debug builds and is no hint to the optimiser in others.
#pragma once

#include "weft/detail/sync.hpp"

namespace weft::detail {

/// Throws usage_error "call: rule". Compiled, so that no caller carries the text's construction.
[[noreturn]] WEFT_COLD_THROWS void reject(const char* call, const char* rule);

/// Prints "weft: call: rule" and ends the process: for mistakes found where nothing can be thrown.
[[noreturn]] WEFT_COLD void fail(const char* call, const char* rule) noexcept;

/// The caller kept the rule, or usage_error. Always on.
WEFT_INLINE void expects(bool kept, const char* call, const char* rule) {
  if (!kept) [[unlikely]]
    reject(call, rule);
}

/// What we promise ourselves; checked in debug builds.
WEFT_INLINE void invariant(bool holds, const char* where, const char* rule) noexcept {
  if constexpr (debug_checks) {
    if (!holds) [[unlikely]]
      fail(where, rule);
  }
}

}  // namespace weft::detail
