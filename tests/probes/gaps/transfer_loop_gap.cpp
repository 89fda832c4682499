// SPDX-License-Identifier: Apache-2.0
// A loop of awaits that complete at once must not grow the stack (GCC PR100897, PR94794: no tail call below -O2 or sanitized).
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

gaps::bare_task leaf() {
  note_stack();
  co_return 1;
}

gaps::bare_task loop(int rounds) {
  int sum = 0;
  for (int i = 0; i < rounds; ++i) {
    auto one = leaf();
    sum += co_await one;
  }
  co_return sum;
}

}  // namespace

int main() {
  constexpr int rounds = 5'000;
  const auto task = loop(rounds);
  return gaps::verdict(task.run() == rounds && highest - lowest < 32 * 1024);
}
