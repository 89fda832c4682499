// SPDX-License-Identifier: Apache-2.0
// Functions that block: what they give, where they run, how many at a time, and how their waits end.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "balanced.hpp"
#include "turnstile.hpp"

namespace weft {
namespace {

using test::counted;
using test::turnstile;

/// What came of a task: an exception that crosses a std::future is one whose count ThreadSanitizer does not see.
task<std::string> told(task<int> t) {
  try {
    co_return std::to_string(co_await std::move(t));
  } catch (const std::exception& e) {
    co_return e.what();
  }
}

/// Its tests leave no frame, no object and no thread behind.
struct blocking : test::balanced {
  turnstile closed;
  std::stop_source stop;
};

TEST_F(blocking, gives_what_the_function_gives) {
  scheduler pool{{.workers = 1}};
  int there = 1;
  const auto all = [&]() -> task<bool> {
    const int number = co_await run_blocking([] { return 7; });
    int& same = co_await run_blocking([&]() -> int& { return there; });
    co_await run_blocking([&] { there = 2; });
    auto moves = [box = std::make_unique<int>(3)]() mutable { return std::move(box); };
    const std::unique_ptr<int> owned = co_await run_blocking(std::move(moves));
    co_return number == 7 && &same == &there&& there == 2 && *owned == 3;
  };
  EXPECT_TRUE(sync_wait(pool, all()));
}

TEST_F(blocking, gives_what_the_function_throws) {
  scheduler pool{{.workers = 1}};
  const auto fails = []() -> task<int> { co_return co_await run_blocking([]() -> int { throw std::runtime_error("no such file"); }); };
  EXPECT_EQ(sync_wait(pool, told(fails())), "no such file");
}

TEST_F(blocking, calls_it_on_no_worker_and_goes_on_on_one) {
  scheduler pool{{.workers = 1}};
  const auto places = []() -> task<std::string> {
    const bool before = detail::on_worker();
    const bool within = co_await run_blocking([] { return detail::on_worker(); });
    const bool after = detail::on_worker();
    co_return std::string(before ? "worker " : "? ") + (within ? "worker " : "thread ") + (after ? "worker" : "?");
  };
  EXPECT_EQ(sync_wait(pool, places()), "worker thread worker");
}

TEST_F(blocking, holds_no_worker) {
  scheduler pool{{.workers = 1}};
  const auto blocks = [&]() -> task<> { co_await run_blocking([&] { closed.pass(); }); };
  auto blocked = spawn_future(pool, blocks());
  closed.wait_for_arrivals(1);
  const auto other = []() -> task<int> { co_return 5; };
  EXPECT_EQ(sync_wait(pool, other()), 5);
  closed.open();
  blocked.get();
}

TEST_F(blocking, values_and_functions_are_destroyed_once) {
  scheduler pool{{.workers = 2}};
  const auto objects = []() -> task<long> {
    auto adds = [in = counted(4)] { return counted(in.value + 1); };
    const counted got = co_await run_blocking(std::move(adds));
    static_cast<void>(co_await run_blocking([] { return counted(1); }));
    co_return got.value;
  };
  EXPECT_EQ(sync_wait(pool, objects()), 5);
}

TEST_F(blocking, runs_in_parallel_up_to_the_most_and_then_in_line) {
  scheduler pool{{.workers = 1, .blocking = {.max_threads = 3}}};
  std::atomic<int> within{0}, most{0};
  const auto one = [&]() -> task<> {
    co_await run_blocking([&] {
      const int now = ++within;
      for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
      }
      closed.pass();
      --within;
    });
  };
  const auto all = [&]() -> task<> { co_await fork_join(20, [&](std::size_t) { return one(); }); };
  auto done = spawn_future(pool, all());
  closed.wait_for_arrivals(3);
  closed.open();
  done.get();
  EXPECT_EQ(most, 3);
}

TEST_F(blocking, what_waits_in_line_is_called_in_order) {
  scheduler pool{{.workers = 1, .blocking = {.max_threads = 1}}};
  std::vector<int> order;
  const auto one = [&](int n) -> task<> { co_await run_blocking([&order, n] { order.push_back(n); }); };
  const auto all = [&]() -> task<> {
    auto holds = spawn([](turnstile& t) -> task<> { co_await run_blocking([&t] { t.pass(); }); }(closed));
    co_await yield();
    std::vector<task<>> later;
    for (int n = 0; n < 5; ++n) later.push_back(one(n));
    later.push_back([](turnstile& t) -> task<> {
      t.open();
      co_return;
    }(closed));
    co_await when_all(std::move(later));
    co_await std::move(holds);
  };
  sync_wait(pool, all());
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4}));
}

// --- refusal ---

TEST_F(blocking, a_full_queue_refuses_who_only_tries) {
  scheduler pool{{.workers = 1, .blocking = {.max_threads = 1, .queue = 1}}};
  const auto holds = [&]() -> task<> { co_await run_blocking([&] { closed.pass(); }); };
  const auto queued = []() -> task<int> { co_return (co_await try_run_blocking([] { return 1; })).value_or(0); };
  const auto refused = [&]() -> task<bool> {
    int there = 0;
    bool was_called = false;
    const std::optional<int> number = co_await try_run_blocking([&] {
      was_called = true;
      return 1;
    });
    const int* const same = co_await try_run_blocking([&]() -> int& { return there; });
    const bool nothing = co_await try_run_blocking([] {});
    co_return !number.has_value() && same == nullptr && !nothing && !was_called;
  };
  auto first = spawn_future(pool, holds());
  closed.wait_for_arrivals(1);
  const auto all = [&]() -> task<std::string> {
    auto second = spawn(queued());
    co_await yield();
    const bool were_refused = co_await refused();
    closed.open();
    co_return (were_refused ? "refused " : "taken ") + std::to_string(co_await std::move(second));
  };
  EXPECT_EQ(sync_wait(pool, all()), "refused 1");
  first.get();
}

TEST_F(blocking, a_try_that_is_taken_gives_all_kinds_of_results) {
  scheduler pool{{.workers = 1, .blocking = {.queue = 0}}};
  int there = 1;
  const auto all = [&]() -> task<bool> {
    const std::optional<int> number = co_await try_run_blocking([] { return 7; });
    const int* const same = co_await try_run_blocking([&]() -> int& { return there; });
    const bool nothing = co_await try_run_blocking([] {});
    co_return number == 7 && same == &there&& nothing;
  };
  EXPECT_TRUE(sync_wait(pool, all())) << "a queue of none is full only where no thread is free";
}

// --- cancellation ---

TEST_F(blocking, a_call_that_has_not_begun_can_be_cancelled_and_is_never_made) {
  scheduler pool{{.workers = 1, .blocking = {.max_threads = 1}}};
  std::atomic<int> calls{0};
  const auto holds = [&]() -> task<> { co_await run_blocking([&] { closed.pass(); }); };
  const auto waits = [&]() -> task<int> { co_return co_await run_blocking([&] { return ++calls; }); };
  auto first = spawn_future(pool, holds());
  closed.wait_for_arrivals(1);
  auto second = spawn_future(pool, told(with_stop_token(stop.get_token(), waits())));
  const auto nothing = []() -> task<> { co_return; };
  sync_wait(pool, nothing());  // behind it
  stop.request_stop();
  EXPECT_EQ(second.get(), "weft: run_blocking: the wait for a blocking call was cancelled: a stop was requested");
  closed.open();
  first.get();
  EXPECT_EQ(calls, 0);
}

TEST_F(blocking, a_call_that_has_begun_is_awaited_and_its_result_kept) {
  scheduler pool{{.workers = 1}};
  const auto waits = [&]() -> task<int> {
    co_return co_await run_blocking([&] {
      closed.pass();
      return 9;
    });
  };
  auto result = spawn_future(pool, told(with_stop_token(stop.get_token(), waits())));
  closed.wait_for_arrivals(1);
  stop.request_stop();
  closed.open();
  EXPECT_EQ(result.get(), "9");
}

TEST_F(blocking, in_what_was_cancelled_nothing_is_called) {
  scheduler pool{{.workers = 1}};
  stop.request_stop();
  std::atomic<int> calls{0};
  const auto both = [&]() -> task<int> {
    int cancelled = 0;
    try {
      co_await run_blocking([&] { ++calls; });
    } catch (const operation_cancelled& e) {
      cancelled += e.reason() == cancel_reason::requested ? 1 : 0;
    }
    try {
      static_cast<void>(co_await try_run_blocking([&] { ++calls; }));
    } catch (const operation_cancelled&) {
      ++cancelled;
    }
    co_return cancelled;
  };
  EXPECT_EQ(sync_wait(pool, told(with_stop_token(stop.get_token(), both()))), "2");
  EXPECT_EQ(calls, 0);
}

TEST_F(blocking, as_result_takes_it_for_what_it_is) {
  scheduler pool{{.workers = 1}};
  const auto asks = []() -> task<std::string> {
    const result<int> good = co_await as_result(run_blocking([] { return 1; }));
    const result<int> bad = co_await as_result(run_blocking([]() -> int { throw std::runtime_error("bad"); }));
    co_return (good.has_value() ? "good " : "? ") + std::string(bad.has_value() ? "?" : "bad");
  };
  EXPECT_EQ(sync_wait(pool, asks()), "good bad");
}

// --- futures, and threads that block for tasks ---

TEST_F(blocking, a_future_is_awaited) {
  scheduler pool{{.workers = 1}};
  std::promise<int> promise;
  std::promise<std::string> other;
  const auto waits = [&]() -> task<int> {
    static_cast<void>(co_await from_future(other.get_future()));
    co_return co_await from_future(promise.get_future());
  };
  auto result = spawn_future(pool, told(waits()));
  other.set_value("first");
  promise.set_value(11);
  EXPECT_EQ(result.get(), "11");
}

TEST_F(blocking, an_empty_future_is_refused) {
  try {
    static_cast<void>(from_future(std::future<int>()));
    ADD_FAILURE() << "it was taken";
  } catch (const usage_error& e) {
    EXPECT_STREQ(e.what(), "weft: from_future: the future is empty: it was moved from, or its result was taken");
  }
}

TEST_F(blocking, a_blocking_call_may_wait_for_tasks_and_run_schedulers) {
  scheduler pool{{.workers = 1}};
  const auto number = [](int n) -> task<int> { co_return n; };
  const auto waits = [&]() -> task<int> {
    co_return co_await run_blocking([&] { return sync_wait(pool, number(3)) + run(number(4), {.workers = 1}); });
  };
  EXPECT_EQ(sync_wait(pool, waits()), 7);
}

// --- threads ---

std::atomic<int> threads_begun{0}, threads_ended{0};

/// Counts the threads that were here.
void visit() {
  struct counting {
    counting() { ++threads_begun; }
    ~counting() {
      ++threads_ended;
      threads_ended.notify_all();
    }
    void here() const noexcept {}
  };
  thread_local const counting one;
  one.here();
}

task<> visits() { co_await run_blocking(visit); }

void wait_for_ended(int count) {
  for (int seen = threads_ended; seen < count; seen = threads_ended) threads_ended.wait(seen);
}

struct blocking_threads : blocking {
  blocking_threads() { threads_begun = threads_ended = 0; }
};

TEST_F(blocking_threads, none_is_started_before_it_is_needed_and_all_are_joined) {
  {
    scheduler pool{{.workers = 1}};
    sync_wait(pool, visits());
    sync_wait(pool, visits());
    EXPECT_EQ(threads_ended, 0) << "it stays for a while";
  }
  EXPECT_GE(threads_begun, 1);
  EXPECT_EQ(threads_ended, threads_begun);
}

TEST_F(blocking_threads, one_that_has_nothing_to_do_ends_after_a_while) {
  scheduler pool{{.workers = 1, .blocking = {.keep_alive = std::chrono::nanoseconds(0)}}};
  for (int round = 1; round <= 20; ++round) {
    sync_wait(pool, visits());
    wait_for_ended(round);
    EXPECT_EQ(threads_begun, round);
  }
}

TEST_F(blocking_threads, the_least_number_stays) {
  scheduler pool{{.workers = 1, .blocking = {.min_threads = 1, .max_threads = 1, .keep_alive = std::chrono::nanoseconds(0)}}};
  for (int round = 1; round <= 20; ++round) sync_wait(pool, visits());
  EXPECT_EQ(threads_begun, 1);
  EXPECT_EQ(threads_ended, 0);
}

TEST_F(blocking_threads, the_longest_keep_alive_is_no_trouble) {
  scheduler pool{{.workers = 1, .blocking = {.keep_alive = std::chrono::nanoseconds::max()}}};
  sync_wait(pool, visits());
  sync_wait(pool, visits());
}

// --- stop ---

TEST_F(blocking, what_is_queued_is_called_while_the_scheduler_drains) {
  std::atomic<int> calls{0};
  scheduler pool{{.workers = 1, .blocking = {.max_threads = 1}}};
  const auto one = [&]() -> task<> {
    co_await run_blocking([&] {
      closed.pass();
      ++calls;
    });
  };
  for (int i = 0; i < 5; ++i) spawn_detached(pool, one());
  closed.wait_for_arrivals(1);
  std::thread opens([&] {
    const auto asks = []() -> task<> { co_return; };
    try {
      for (;;) sync_wait(pool, asks());
    } catch (const scheduler_stopped&) {  // the stop has begun
      closed.open();
    }
  });
  const stop_report report = pool.stop();
  opens.join();
  EXPECT_GE(report.drained, 5U) << "the last that asked may be among them";
  EXPECT_EQ(calls, 5);
}

}  // namespace
}  // namespace weft
