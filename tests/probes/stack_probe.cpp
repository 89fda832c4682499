// SPDX-License-Identifier: Apache-2.0
// Chains of coroutines do not grow the stack, whether the compiler makes tail calls of their transfers or not.
#include <weft/weft.hpp>

#include "probe.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace weft::probe {

namespace {

std::uintptr_t lowest = 0;
std::uintptr_t highest = 0;

[[gnu::noinline]] void note_stack() {
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  lowest = std::min(lowest, here);
  highest = std::max(highest, here);
}

task<int> chain(int depth) {
  note_stack();
  if (depth == 0) co_return 0;
  const int below = co_await chain(depth - 1);
  note_stack();
  co_return below + 1;
}

task<int> loop(int rounds) {
  int sum = 0;
  for (int i = 0; i < rounds; ++i) {
    sum += co_await chain(0);
    note_stack();
  }
  co_return sum + rounds;
}

task<int> joins(int depth) {
  note_stack();
  if (depth == 0) co_return 0;
  auto both = when_all(joins(depth - 1), chain(0));
  co_await both;
  note_stack();
  co_return both.get<0>() + 1;
}

bool is_flat(scheduler& pool, task<int> t, int expected) {
  lowest = ~std::uintptr_t{0};
  highest = 0;
  if (sync_wait(pool, std::move(t)) != expected) return false;
  report("bytes of stack", highest - lowest);
  constexpr std::uintptr_t most = 128 * 1024;  // a bounded number of nested transfers, with the frames of an unoptimised build
  return highest >= lowest && highest - lowest < most;
}

}  // namespace

void probe_stack() {
  constexpr int many = 200'000;
  scheduler pool{{.workers = 1}};
  check(is_flat(pool, chain(many), many), "a deep chain of co_awaits is flat");
  check(is_flat(pool, loop(many), many), "a loop of awaits that complete at once is flat");
  check(is_flat(pool, joins(many), many), "a deep chain of joins is flat");
}

}  // namespace weft::probe
