// SPDX-License-Identifier: Apache-2.0
// A function that keeps its caller's registers (preserve_most) keeps them all but the one that its result is in.
// Instead: the library's cold functions keep registers from clang 19 on only (WEFT_COLD, include/weft/detail/sync.hpp).
#include "bare_task.hpp"

namespace {

#if defined(__clang__)
[[gnu::noinline, clang::preserve_most]]
#else
[[gnu::noinline]]
#endif
int answer(int to) noexcept {
  asm volatile("" : "+r"(to));  // the compiler must not see through it
  return to + 1;
}

}  // namespace

int main() { return gaps::verdict(answer(41) == 42); }
