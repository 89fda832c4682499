// SPDX-License-Identifier: Apache-2.0
// A coroutine whose frame is refused: the exception leaves the call with every value of the caller as it was. The slow path
// of frames keeps all registers for its caller, and no unwinder would bring those back if it threw itself.
#include <gtest/gtest.h>

#include <coroutine>
#include <cstdint>
#include <exception>
#include <new>
#include <utility>

#include "open_cache.hpp"
#include "weft/detail/frame_pool.hpp"
#include "weft/frames.hpp"

namespace weft {
namespace {

struct plain {
  struct promise_type {
    static void* operator new(std::size_t bytes) { return detail::allocate_frame(bytes); }
    static void operator delete(void* frame, std::size_t bytes) noexcept { detail::release_frame(frame, bytes); }
    plain get_return_object() noexcept { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    std::suspend_always final_suspend() const noexcept { return {}; }
    void return_value(std::uint64_t value) noexcept { result = value; }
    void unhandled_exception() noexcept { std::terminate(); }
    std::uint64_t result = 0;
  };
  std::coroutine_handle<promise_type> handle;
};

/// Counts itself; passed in a register where the compiler has the attribute, and then destroyed by whoever was called.
class WEFT_TRIVIAL_ABI token {
 public:
  explicit token(std::uint64_t& alive) noexcept : alive_(&alive) { ++*alive_; }
  token(token&& other) noexcept : alive_(std::exchange(other.alive_, nullptr)) {}
  token& operator=(token&&) = delete;
  ~token() {
    if (alive_ != nullptr) --*alive_;
  }

 private:
  std::uint64_t* alive_;
};

plain add(std::uint64_t a, std::uint64_t b, std::uint64_t c, token) { co_return a + b + c; }

constexpr std::uint64_t refused = 1;

/// Calls with many values at hand, all of which are still needed when the frame is refused.
[[gnu::noinline]] std::uint64_t call(std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d, std::uint64_t e,
                                     std::uint64_t& alive) {
  try {
    const plain made = add(a, b, c, token(alive));
    made.handle.resume();
    const std::uint64_t sum = made.handle.promise().result;
    made.handle.destroy();
    return (sum + d + e) << 1;
  } catch (const std::bad_alloc&) {
    return (a + b + c + d + e) << 1 | refused;
  }
}

/// Allocates until nothing is left, then expects calls to be refused.
void expect_refusal() {
  std::uint64_t alive = 0;
  EXPECT_EQ(call(1, 2, 3, 4, 5, alive), 15u << 1);
  EXPECT_EQ(alive, 0u);

  detail::free_block* taken = nullptr;
  set_frame_limit(0);
  try {
    for (;;) {
      auto* frame = static_cast<detail::free_block*>(detail::allocate_frame(sizeof(detail::free_block) + 48));
      frame->next = std::exchange(taken, frame);
    }
  } catch (const std::bad_alloc&) {
  }
  void* also_taken[4] = {};
  for (const std::size_t lines : {2, 3, 4}) {  // of the sizes that the frame of add() may have
    EXPECT_THROW(
        for (;;) {
          void* frame = detail::allocate_frame(lines * detail::line_bytes);
          *static_cast<void**>(frame) = std::exchange(also_taken[lines - 1], frame);
        },
        std::bad_alloc);
  }

  EXPECT_EQ(call(1, 20, 300, 4000, 50000, alive), 54321u << 1 | refused);
  EXPECT_EQ(alive, 0u) << "an argument of the refused call was not destroyed, or twice";

  set_frame_limit(std::nullopt);
  while (taken != nullptr) detail::release_frame(std::exchange(taken, taken->next), 64);
  for (const std::size_t lines : {2, 3, 4}) {
    while (void* frame = also_taken[lines - 1]) {
      also_taken[lines - 1] = *static_cast<void**>(frame);
      detail::release_frame(frame, lines * detail::line_bytes);
    }
  }
  EXPECT_EQ(call(1, 2, 3, 4, 5, alive), 15u << 1);
}

TEST(frame_refusal, leaves_a_foreign_caller_as_it_was) { expect_refusal(); }

TEST(frame_refusal, leaves_a_worker_as_it_was) {
  const test::open_cache cache;
  expect_refusal();
}

}  // namespace
}  // namespace weft
