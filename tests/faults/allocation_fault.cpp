// SPDX-License-Identifier: Apache-2.0
// Each request for memory fails in turn through every public call until the call succeeds: std::bad_alloc or the result, nothing
// lost, nothing left over, and the scheduler works on. Frames come from the heap here, so that each of them can fail.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <future>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "balanced.hpp"
#include "failing_memory.hpp"
#include "fault_point.hpp"
#include "watchdog.hpp"

namespace weft {
namespace {

using test::after_failure;
using test::counted;
using test::failing_memory;
using test::fault_point;

class allocation_fault : public test::balanced {
 public:
  static void SetUpTestSuite() {
    ASSERT_TRUE(choose_frame_source(frame_source::heap)) << "this test chooses first";
    static_cast<void>(describe_machine());  // oneTBB that runs out of memory while it looks at the machine waits for ever afterwards
  }
};

std::atomic<long> accepted{0}, ran{0};  // tasks without a handle

scheduler_options quiet(int workers) {
  scheduler_options options{.workers = workers, .name = "a name too long to be kept inside a string"};
  options.on_unhandled = [](const std::exception_ptr&, std::string_view) { ADD_FAILURE() << "a detached task failed"; };
  return options;
}

/// Two schedulers, made with all the memory there is.
struct two_schedulers {
  scheduler first{quiet(2)};
  scheduler second{quiet(1)};
};

task<int> number(int n) { co_return n; }
task<counted> object(long n) { co_return counted(n); }
task<> runs() {
  ++ran;
  co_return;
}

/// True: a request failed. The call then threw bad_alloc, or did without.
template <class Call>
bool fails_at(long n, after_failure then, Call& call) {
  two_schedulers pools;
  const std::size_t frames = live_frames();
  accepted = ran = 0;
  bool failed = false;
  try {
    const failing_memory memory(n, then);
    call(pools);
    failed = failing_memory::stop() != 0;
  } catch (const std::bad_alloc&) {
    failed = true;
  }
  EXPECT_EQ(sync_wait(pools.first, number(3)), 3) << "the scheduler works on";
  EXPECT_EQ(sync_wait(pools.second, number(4)), 4) << "and so does the other";
  EXPECT_EQ(pools.first.stop().abandoned, 0U);
  EXPECT_EQ(pools.second.stop().abandoned, 0U);
  EXPECT_EQ(accepted, ran);
  EXPECT_EQ(counted::live(), 0);
  EXPECT_EQ(live_frames(), frames);
  return failed;
}

/// Fails each request of `call` in turn, for a moment and for good, until none is left and the point was hit often enough.
template <class Call>
void sweep(const std::string& name, Call call) {
  fault_point point("memory for " + name);
  for (bool once = true; !point.is_covered(); once = !once) {
    const after_failure then = once ? after_failure::works_again : after_failure::fails_on;
    long n = 0;
    while (fails_at(n, then, call)) {
      point.hit();
      ASSERT_LT(++n, 5000) << name;
      ASSERT_FALSE(testing::Test::HasFailure()) << name << ": request " << n;
    }
    ASSERT_GT(n, 0) << name << " asks for no memory: nothing was tried";
  }
}

/// A sweep over a task on a worker of the first scheduler.
template <class Make>
void sweep_task(const std::string& name, int expected, Make make) {
  sweep(name, [&](two_schedulers& pools) { EXPECT_EQ(sync_wait(pools.first, make(pools)), expected); });
}

// --- calls from outside ---

TEST_F(allocation_fault, making_a_scheduler) {
  sweep("scheduler()", [](two_schedulers&) { const scheduler pool(quiet(4)); });
}

TEST_F(allocation_fault, starting_tasks_from_outside) {
  sweep("spawn from outside", [](two_schedulers& pools) { auto handle = spawn(pools.first, number(1), {.name = "a"}); });
  sweep("spawn_detached from outside", [](two_schedulers& pools) {
    spawn_detached(pools.first, runs(), {.name = "b"});
    ++accepted;
  });
  sweep("spawn_future", [](two_schedulers& pools) { EXPECT_EQ(spawn_future(pools.first, number(2)).get(), 2); });
  sweep("sync_wait", [](two_schedulers& pools) { EXPECT_EQ(sync_wait(pools.first, object(3)).value, 3); });
  sweep("sync_wait_for", [](two_schedulers& pools) { EXPECT_EQ(sync_wait_for(pools.first, object(4), std::chrono::hours(1)).value, 4); });
}

TEST_F(allocation_fault, run) {
  sweep("run", [](two_schedulers&) { EXPECT_EQ(weft::run(object(5), quiet(2)).value, 5); });
}

TEST_F(allocation_fault, a_task_whose_start_is_refused_is_kept) {
  fault_point point("memory for the root of a kept task");
  while (!point.is_covered()) {
    scheduler pool(quiet(1));
    task<int> t = number(6);
    {
      const failing_memory none(0, after_failure::fails_on);
      EXPECT_THROW(sync_wait(pool, std::move(t)), std::bad_alloc);
      EXPECT_THROW(static_cast<void>(spawn_future(pool, std::move(t))), std::bad_alloc);
      EXPECT_THROW(static_cast<void>(spawn(pool, std::move(t))), std::bad_alloc);
      EXPECT_THROW(spawn_detached(pool, std::move(t)), std::bad_alloc);
      point.hit(static_cast<std::uint64_t>(failing_memory::stop()));
    }
    ASSERT_FALSE(t.is_empty());  // NOLINT: that it is still there is the question
    EXPECT_EQ(sync_wait(pool, std::move(t)), 6);
  }
}

TEST_F(allocation_fault, asking) {
  // ThreadSanitizer's own operator new may serve what the library alone instantiates.
  if (!test::under_tsan) sweep("metrics", [](two_schedulers& pools) { EXPECT_EQ(pools.first.metrics().workers.size(), 2U); });
  sweep("describe_machine", [](two_schedulers&) { EXPECT_GE(describe_machine().default_workers, 1); });
  sweep("default_workers", [](two_schedulers&) { EXPECT_GE(default_workers(), 1); });
}

TEST_F(allocation_fault, what_needs_no_memory_works_without) {
  fault_point point("calls that ask for none");
  while (!point.is_covered()) {
    two_schedulers pools;
    const failing_memory none(0, after_failure::fails_on);
    EXPECT_GE(live_frames(), 0U);
    EXPECT_FALSE(describe_frames().limit_bytes.has_value());
    set_frame_limit(std::size_t{1} << 40);
    set_frame_limit(std::nullopt);
    trim_frames();
    EXPECT_EQ(pools.first.workers(), 2);
    EXPECT_EQ(pools.first.stop().drained, 0U);
    EXPECT_EQ(pools.second.stop().drained, 0U);
    EXPECT_EQ(failing_memory::stop(), 0);
    point.hit();
  }
}

// --- a coroutine of somebody else's ---

struct foreign {
  struct promise_type {
    foreign get_return_object() noexcept { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
  std::coroutine_handle<promise_type> handle;
};
foreign foreign_runs() {
  ++ran;
  co_return;
}

TEST_F(allocation_fault, resuming_a_foreign_coroutine) {
  sweep("scheduler::resume", [](two_schedulers& pools) {
    const foreign made = foreign_runs();
    try {
      pools.first.resume(made.handle);
      ++accepted;
    } catch (...) {
      made.handle.destroy();  // refused, so still ours
      throw;
    }
  });
}

/// Gives its waiter to the scheduler, as foreign code does.
struct resumed_by {
  scheduler& pool;
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) const { pool.resume(waiting); }
  void await_resume() const noexcept {}
};
task<int> awaits_foreign(scheduler& pool) {
  co_await resumed_by{pool};
  co_return 7;
}
TEST_F(allocation_fault, awaiting_a_foreign_awaitable) {
  sweep_task("co_await theirs", 7, [](two_schedulers& pools) { return awaits_foreign(pools.second); });
}

// --- calls on a worker ---

task<int> calls() {
  const int one = co_await number(1);
  const int two = co_await number(one + 1);
  co_return two;
}
task<int> spawns() {
  auto handle = spawn(number(8), {.name = "spawned"});
  co_return co_await std::move(handle);
}
task<int> spawns_detached() {
  for (int i = 0; i < 3; ++i) {
    spawn_detached(runs());
    ++accepted;
  }
  co_return 9;
}
task<int> moves(two_schedulers& pools) {
  co_await yield();
  co_await resume_on(pools.second);
  co_await pools.first.schedule();
  co_return 10;
}
task<int> sleeps() {
  co_await sleep_for(std::chrono::microseconds(1));
  co_return 11;
}
task<int> sleeps_under_a_deadline() {
  const int first = co_await timeout(std::chrono::hours(1), calls());
  co_return first + co_await timeout(std::chrono::hours(1), sleeps());
}
task<int> goes_over(two_schedulers& pools) { co_return co_await on(pools.second, calls()); }

TEST_F(allocation_fault, calls_of_one_task) {
  sweep_task("co_await task", 2, [](two_schedulers&) { return calls(); });
  sweep_task("spawn on a worker", 8, [](two_schedulers&) { return spawns(); });
  sweep_task("spawn_detached on a worker", 9, [](two_schedulers&) { return spawns_detached(); });
  sweep_task("yield, resume_on, schedule", 10, [](two_schedulers& pools) { return moves(pools); });
  sweep_task("sleep_for", 11, [](two_schedulers&) { return sleeps(); });
  sweep_task("timeout", 13, [](two_schedulers&) { return sleeps_under_a_deadline(); });
  sweep_task("on", 2, [](two_schedulers& pools) { return goes_over(pools); });
}

task<int> joins_two() {
  auto both = when_all(object(1), object(2));
  co_await both;
  co_return static_cast<int>(both.get<0>().value + both.get<1>().value);
}
task<int> joins_two_ready() {
  auto both = when_all_ready(object(1), object(2));
  co_await both;
  co_return 3;
}
std::vector<task<counted>> objects(long count) {
  std::vector<task<counted>> all;
  for (long i = 0; i < count; ++i) all.push_back(object(i));
  return all;
}
task<int> joins_a_vector() {
  auto join = when_all(objects(5));
  const auto values = co_await join;
  co_return static_cast<int>(values.size());
}
task<int> joins_a_vector_ready() {
  auto join = when_all_ready(objects(5));
  const auto values = co_await join;
  co_return static_cast<int>(values.size());
}
task<int> forks_five() {
  auto join = fork_join<5>(5, [](std::size_t i) { return object(static_cast<long>(i)); });
  co_await join;
  co_return static_cast<int>(join.size());
}
task<int> forks_without_a_bound() {
  auto join = fork_join(5, [](std::size_t i) { return object(static_cast<long>(i)); });
  const auto values = co_await join;
  co_return static_cast<int>(values.size());
}

TEST_F(allocation_fault, joins) {
  sweep_task("when_all", 3, [](two_schedulers&) { return joins_two(); });
  sweep_task("when_all_ready", 3, [](two_schedulers&) { return joins_two_ready(); });
  sweep_task("when_all of a vector", 5, [](two_schedulers&) { return joins_a_vector(); });
  sweep_task("when_all_ready of a vector", 5, [](two_schedulers&) { return joins_a_vector_ready(); });
  sweep_task("fork_join<N>", 5, [](two_schedulers&) { return forks_five(); });
  sweep_task("fork_join", 5, [](two_schedulers&) { return forks_without_a_bound(); });
}

// --- scopes and races ---

task<int> scopes_two() {
  int sum = 0;
  const auto body = [&](scope& s) -> task<> {
    auto one = s.spawn(object(1), {.name = "one"});
    s.spawn(runs());
    ++accepted;
    co_await s.join();
    sum = static_cast<int>((co_await std::move(one)).value);
  };
  co_await with_scope(body);
  co_return sum;
}
task<int> scopes_by_turns() {
  int sum = 0;
  const auto body = [&](scope& s) -> task<> {
    for (int i = 0; i < 3; ++i)
      s.spawn([](int& to, counted) -> task<> {
        ++to;
        co_return;
      }(sum, counted(i)));
    co_return;
  };
  co_await with_scope(body, {.max_concurrency = 1});
  co_return sum;
}
task<int> takes_results() {
  const auto body = [](scope_of<counted>& s) -> task<int> {
    for (long i = 0; i < 3; ++i) s.spawn(object(i));
    int taken = 0;
    while (const std::optional<counted> r = co_await s.next()) ++taken;
    co_return taken;
  };
  co_return co_await with_scope<counted>(body);
}
task<int> fails_and_cancels() {
  const auto body = [](scope& s) -> task<> {
    s.spawn(
        [](counted) -> task<> {
          throw std::range_error("expected");
          co_return;
        }(counted(1)),
        {.name = "failing"});
    auto handle = s.spawn(object(2));
    static_cast<void>(co_await std::move(handle));
  };
  try {
    co_await with_scope(body);
  } catch (const std::range_error&) {
    co_return 11;
  } catch (const exception_group& both) {
    co_return both.find<std::range_error>() != nullptr&& both.find<std::bad_alloc>() != nullptr ? 11 : 0;
  }
  co_return 0;
}

TEST_F(allocation_fault, scopes) {
  sweep_task("with_scope", 1, [](two_schedulers&) { return scopes_two(); });
  sweep_task("with_scope and max_concurrency", 3, [](two_schedulers&) { return scopes_by_turns(); });
  sweep_task("scope_of::next", 3, [](two_schedulers&) { return takes_results(); });
  sweep_task("a scope that fails", 11, [](two_schedulers&) { return fails_and_cancels(); });
}

task<int> races_two() {
  auto first = co_await when_any(object(1), object(1));
  const long value = first.index() == 0 ? first.get<0>().value : first.get<1>().value;
  co_return static_cast<int>(value) + co_await race(number(4), number(4));
}
task<int> races_a_vector() {
  auto first = co_await when_any(objects(4));
  co_return first.index() < 4 ? 12 : 0;
}

// What failed for want of memory may have lost to one that did not.
TEST_F(allocation_fault, races) {
  sweep_task("when_any and race", 5, [](two_schedulers&) { return races_two(); });
  sweep_task("when_any of a vector", 12, [](two_schedulers&) { return races_a_vector(); });
}

}  // namespace
}  // namespace weft
