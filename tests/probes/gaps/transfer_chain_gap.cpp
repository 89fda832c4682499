// SPDX-License-Identifier: Apache-2.0
// A chain of awaits, each inside the other, must not grow the stack (GCC PR100897: no tail call below -O2 or sanitized).
// Instead: the library counts transfers and sends every 64th through its loop (include/weft/detail/resume.hpp).
#include "bare_task.hpp"

#include <algorithm>
#include <cstdint>

namespace {

std::uintptr_t lowest = ~std::uintptr_t{0};
std::uintptr_t highest = 0;

[[gnu::noinline]] void note_stack() {
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  lowest = std::min(lowest, here);
  highest = std::max(highest, here);
}

gaps::bare_task chain(int depth) {
  note_stack();
  if (depth == 0) co_return 0;
  auto child = chain(depth - 1);
  const int below = co_await child;
  note_stack();
  co_return below + 1;
}

}  // namespace

int main() {
  constexpr int depth = 5'000;
  const auto task = chain(depth);
  return gaps::verdict(task.run() == depth && highest - lowest < 32 * 1024);
}
