// SPDX-License-Identifier: Apache-2.0
// A coroutine that wakes on another thread asks that thread who it is, not the one that it left.
#include <weft/weft.hpp>

#include "probe.hpp"

#include <atomic>
#include <coroutine>
#include <cstdint>
#include <thread>
#include <utility>

namespace weft::probe {

namespace {

/// A ball that two threads resume in turn.
struct bouncing {
  struct promise_type {
    bouncing get_return_object() noexcept { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    std::suspend_always final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept {}
  };
  std::coroutine_handle<promise_type> handle;
};

// Reads the accessor before and after each suspension, as code that the library inlines into users' coroutines does.
bouncing bounce(std::uint64_t rounds, const detail::worker* const* expected, std::uint64_t& wrong, std::uint64_t& same) {
  const detail::worker* before = &detail::current_worker();
  for (std::uint64_t i = 0; i < rounds; ++i) {
    if (&detail::current_worker() != *expected) ++wrong;
    co_await std::suspend_always{};
    const detail::worker* const after = &detail::current_worker();
    if (after == before) ++same;
    before = after;
  }
}

// Each of two threads resumes the coroutine when it is its turn.
void pass_to_and_fro(std::coroutine_handle<> ball, const detail::worker** expected, std::atomic<unsigned>& turn, unsigned mine) {
  detail::worker me;
  detail::frame_cache* const own = std::exchange(detail::current_cache, &me);
  for (;;) {
    for (unsigned spins = 0; turn.load(std::memory_order_acquire) % 2 != mine; ++spins)
      if (spins > 100) std::this_thread::yield();
    if (ball.done()) break;
    *expected = &me;
    ball.resume();
    turn.fetch_add(1, std::memory_order_acq_rel);
  }
  turn.fetch_add(1, std::memory_order_acq_rel);
  detail::current_cache = own;
}

task<bool> moves(scheduler& one, scheduler& other, int rounds) {
  bool right = true;
  for (int i = 0; i < rounds; ++i) {
    const auto* const at_one = detail::current_worker().home;
    co_await resume_on(other);
    const auto* const at_other = detail::current_worker().home;
    co_await resume_on(one);
    right = right && at_one != at_other && at_one == detail::current_worker().home;
  }
  co_return right;
}

}  // namespace

void probe_threads() {
  constexpr std::uint64_t rounds = 1'000'000;
  std::uint64_t wrong = 0;
  std::uint64_t same = 0;
  const detail::worker* expected = nullptr;
  std::atomic<unsigned> turn{0};
  const bouncing ball = bounce(rounds, &expected, wrong, same);
  std::thread other([&] { pass_to_and_fro(ball.handle, &expected, turn, 1); });
  pass_to_and_fro(ball.handle, &expected, turn, 0);
  other.join();
  check(turn >= rounds, "a coroutine was resumed in turn by two threads, a million times");
  check(wrong == 0, "each time current_worker() was the resuming thread's");
  check(same == 0, "no time it was still the other thread's");
  ball.handle.destroy();

  scheduler one{{.workers = 1}};
  scheduler two{{.workers = 1}};
  check(sync_wait(one, moves(one, two, 1'000)), "a task that moves between schedulers knows where it is");
}

}  // namespace weft::probe
