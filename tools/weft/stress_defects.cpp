// SPDX-License-Identifier: Apache-2.0
// A race and a use after free, on purpose: what ThreadSanitizer and AddressSanitizer must find in a program that runs on weft.
#include <chrono>
#include <memory>
#include <thread>

#include "stress_world.hpp"

namespace weft::tool::stress {
namespace {

// Not inlined, or a compiler may see through it.
[[gnu::noinline]] void add_one(volatile std::uint64_t& to) { to = to + 1; }

task<> racing(volatile std::uint64_t& shared, std::atomic<int>& arrived) {
  // Both are there before either writes, so that they are on two workers; one worker alone gives up waiting.
  arrived.fetch_add(1, std::memory_order_relaxed);
  const auto gives_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (arrived.load(std::memory_order_relaxed) < 2 && std::chrono::steady_clock::now() < gives_up) std::this_thread::yield();
  for (int i = 0; i < 1'000; ++i) add_one(shared);
  co_return;
}

}  // namespace

task<> race_on_purpose() {
  volatile std::uint64_t shared = 0;
  std::atomic<int> arrived{0};
  auto both = when_all(racing(shared, arrived), racing(shared, arrived));
  co_await both;
}

task<> use_after_free_on_purpose() {
  auto owner = std::make_unique<std::uint64_t>(1);
  std::uint64_t& kept = *owner;
  owner.reset();
  co_await yield();
  add_one(kept);
}

}  // namespace weft::tool::stress
