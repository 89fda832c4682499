// SPDX-License-Identifier: Apache-2.0
// A race and a use after free, on purpose: what ThreadSanitizer and AddressSanitizer must find in a program that runs on weft.
#include <array>
#include <chrono>
#include <memory>
#include <thread>

#include "stress_world.hpp"

namespace weft::tool::stress {
namespace {

// Not inlined, or a compiler may see through it.
[[gnu::noinline]] void add_one(volatile std::uint64_t& to) { to = to + 1; }

using words = std::array<volatile std::uint64_t, 200>;

// Both are there before either writes, so that they are on two workers; one worker alone gives up waiting. They meet again before each
// write, for ThreadSanitizer no longer tells of a race with what a thread did long ago; and each write is to another word, for it looks
// at a thread's first access to a word alone, and misses two that look at once.
task<> racing(words& shared, std::atomic<int>& arrived) {
  const auto gives_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  int expected = 0;
  for (auto& word : shared) {
    expected += 2;
    arrived.fetch_add(1, std::memory_order_relaxed);
    while (arrived.load(std::memory_order_relaxed) < expected && std::chrono::steady_clock::now() < gives_up) std::this_thread::yield();
    add_one(word);
  }
  co_return;
}

}  // namespace

task<> race_on_purpose() {
  words shared{};
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
