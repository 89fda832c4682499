// SPDX-License-Identifier: Apache-2.0
// Blocking calls under every schedule: queued, started, cancelled and destroyed, while threads come and go.
#include <gtest/gtest.h>

#include <memory>

#include "explored_pool.hpp"
#include "level_of.hpp"
#include "scheduler/arena.hpp"
#include "weft/detail/blocking_job.hpp"
#include "weft/detail/cancel_node.hpp"

namespace weft {
namespace {

using detail::blocking_job;
using detail::cancel_node;
using detail::cancel_node_now;
using explorer::explore;
using explorer::require;
using explorer::thread;
using test::level_of;

scheduler_options one_thread(std::chrono::nanoseconds keep_alive) {
  return {.workers = 1, .blocking = {.max_threads = 1, .keep_alive = keep_alive}};
}
constexpr std::chrono::nanoseconds none{0}, some{1'000};

struct opened : cancel_node {
  explicit opened(cancel_node* outer = nullptr) noexcept { detail::open_node(*this, outer); }
  ~opened() { detail::close_node(*this); }
};
// What the task and the function write is plain: the call and its end order it.
task<int> calls(int& number) {
  number = 1;
  const int got = co_await run_blocking([&] { return ++number; });
  require(number == 2, "what the function did is seen");
  co_return got;
}

/// The number of times that its function was called, or 0 if the wait was cancelled.
task<int> calls_in(cancel_node& in) {
  level_of level(in);
  co_await level;
  int number = 0;
  try {
    co_return co_await calls(number);
  } catch (const operation_cancelled&) {
    require(number == 1, "what was cancelled is not called");
  }
  co_return 0;
}

TEST(blocking_model, a_call_gives_its_result) {
  explore([] {
    scheduler pool(one_thread(some));
    int number = 0;
    require(sync_wait(pool, calls(number)) == 2, "the result arrives");
  });
}

TEST(blocking_model, calls_against_a_thread_that_leaves) {
  explore([] {
    scheduler pool(one_thread(none));
    const auto twice = []() -> task<> {
      int number = 0;
      require(co_await calls(number) == 2 && co_await calls(number) == 2, "each is called");
    };
    sync_wait(pool, twice());
  });
}

TEST(blocking_model, two_calls_share_a_thread_or_get_one_each) {
  for (const int most : {1, 2}) {
    explore([most] {
      scheduler pool{{.workers = 2, .blocking = {.max_threads = most, .keep_alive = none}}};
      int first = 0, second = 0;
      const auto both = [&]() -> task<> {
        auto results = co_await when_all(calls(first), calls(second));
        require(std::get<0>(results) == 2 && std::get<1>(results) == 2, "each is called");
      };
      sync_wait(pool, both());
    });
  }
}

TEST(blocking_model, a_cancellation_against_the_start_and_the_end_of_a_call) {
  explore([] {
    opened top;
    scheduler pool(one_thread(none));
    const thread cancels([&] { cancel_node_now(top, cancel_reason::requested, ""); });
    const int got = sync_wait(pool, calls_in(top));
    require(got == 2 || got == 0, "called once, or not at all");
    explorer::record(got == 2 ? "called" : "cancelled");
  });
}

TEST(blocking_model, a_cancellation_of_a_call_that_waits_in_line) {
  explore([] {
    opened top;
    scheduler pool(one_thread(some));
    const thread cancels([&] { cancel_node_now(top, cancel_reason::requested, ""); });
    const auto both = [&]() -> task<> {
      int number = 0;
      auto results = co_await when_all(calls(number), calls_in(top));
      require(std::get<0>(results) == 2, "who is not cancelled is called");
      explorer::record(std::get<1>(results) == 2 ? "called" : "cancelled");
    };
    sync_wait(pool, both());
  });
}

/// A frame that waits for a call, and tells when it is made ready. Who would destroy it ends its wait first.
struct waiting_frame : detail::frame, blocking_job {
  detail::atomic<std::uint32_t> is_ready{0};
  int calls = 0;

  waiting_frame(detail::arena* at) noexcept {
    resume = detail::as_resumed([](detail::frame* self) {
      auto& me = *static_cast<waiting_frame*>(self);
      me.is_ready.store(1, detail::release);
      detail::futex_wake(&me.is_ready);
    });
    head.level = nullptr;
    run = [](blocking_job& job) noexcept { ++static_cast<waiting_frame&>(job).calls; };
    wait.who = this;
    wait.home = at;
    wait.state.store(detail::waiter::arming, detail::relaxed);  // ours
    pool = &at->blocking();
  }
  ~waiting_frame() { detail::retire_job(*this); }

  bool submit() { return pool->submit(*this, detail::when_full::waits); }
  void await_ready() {
    while (is_ready.load(detail::acquire) == 0) detail::futex_wait(is_ready, 0);
  }
};

TEST(blocking_model, a_frame_that_is_destroyed_against_the_start_of_its_call) {
  explore([] {
    scheduler pool(one_thread(none));
    auto waits = std::make_unique<waiting_frame>(detail::scheduler_access::arena_of(pool));
    require(waits->submit(), "it is taken");
    if (end_as(waits->wait, detail::waiter::cancelled) == detail::wait_end::asleep) {
      require(waits->calls == 0, "it is not called");
      explorer::record("destroyed");
    } else {
      waits->await_ready();
      require(waits->calls == 1, "it is called once");
      explorer::record("called");
    }
  });
}

// Somebody takes a thread from the stack as its time ends, and is slow to wake it; that call, the end of the thread and another call may
// all come before the wake.
TEST(blocking_model, a_thread_that_is_taken_as_its_time_ends) {
  explore([] {
    scheduler pool(one_thread(some));
    detail::arena* const at = detail::scheduler_access::arena_of(pool);
    waiting_frame first(at), second(at), third(at);
    require(first.submit(), "it is taken");
    first.await_ready();
    {
      const thread other([&] { require(second.submit(), "it is taken"); });
      second.await_ready();
      require(third.submit(), "it is taken");
      third.await_ready();
    }
    require(first.calls == 1 && second.calls == 1 && third.calls == 1, "each is called");
  });
}

// A thread that is about to leave joins another one, and gives the lock back meanwhile.
TEST(blocking_model, a_call_that_comes_as_a_thread_joins_another) {
  explore([] {
    scheduler pool{{.workers = 1, .blocking = {.max_threads = 2, .keep_alive = none}}};
    detail::arena* const at = detail::scheduler_access::arena_of(pool);
    waiting_frame first(at), second(at), third(at);
    {
      const thread other([&] {
        require(second.submit(), "it is taken");
        second.await_ready();
      });
      require(first.submit(), "it is taken");
      first.await_ready();
      require(third.submit(), "it is taken");
      third.await_ready();
    }
    require(first.calls == 1 && second.calls == 1 && third.calls == 1, "each is called");
  });
}

}  // namespace
}  // namespace weft
