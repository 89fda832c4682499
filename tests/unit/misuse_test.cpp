// SPDX-License-Identifier: Apache-2.0
// Wrong use: each gets its named error, whose text says which call, which object, and what to do instead.
#include <weft/weft.hpp>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <coroutine>
#include <exception>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "balanced.hpp"
#include "rejection.hpp"
#include "small_tasks.hpp"

namespace weft {
namespace {

using test::number;
using test::rejection_of;

class misuse_test : public test::balanced {};

task<> nothing() { co_return; }

// --- schedulers ---

TEST_F(misuse_test, a_number_of_workers_that_cannot_be_is_refused) {
  const auto with = [](int workers) { return [workers] { scheduler pool{{.workers = workers}}; }; };
  const std::string too_few = "weft: scheduler: workers must be at least 1; leave it out to use every core of the quota";
  const std::string too_many = "weft: scheduler: workers must be at most weft::max_workers (1000)";

  EXPECT_EQ(rejection_of(with(0)), too_few);
  EXPECT_EQ(rejection_of(with(-1)), too_few);
  EXPECT_EQ(rejection_of(with(std::numeric_limits<int>::min())), too_few);
  EXPECT_EQ(rejection_of(with(max_workers + 1)), too_many);
  EXPECT_EQ(rejection_of(with(std::numeric_limits<int>::max())), too_many);
  EXPECT_EQ(rejection_of([] { run(nothing(), {.workers = 0}); }), too_few);
}

TEST_F(misuse_test, a_refused_run_keeps_the_task) {
  task<int> t = number(3);

  EXPECT_THROW(run(std::move(t), {.workers = 0}), usage_error);

  ASSERT_FALSE(t.is_empty());  // NOLINT: that it is still there is the question
  EXPECT_EQ(run(std::move(t), {.workers = 1}), 3);
}

task<> destroys(std::optional<scheduler>& pool) {
  pool.reset();
  co_return;
}

TEST(misuse_death, a_scheduler_destroyed_on_its_own_worker_ends_the_process) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto misuse = [] {
    std::optional<scheduler> pool(std::in_place, scheduler_options{.workers = 1});
    sync_wait(*pool, destroys(pool));
  };
  EXPECT_DEATH(misuse(), "weft: ~scheduler: a scheduler was destroyed on its own worker; destroy it on another thread");
}

// --- empty tasks ---

task<int> emptied() {
  task<int> t = number(1);
  static_cast<void>(task<int>(std::move(t)));
  return t;
}
const std::string task_is_empty = ": the task is empty: it was moved from, awaited or spawned before";

TEST_F(misuse_test, an_empty_task_cannot_be_started_from_outside) {
  scheduler pool{{.workers = 1}};

  EXPECT_EQ(rejection_of([&] { static_cast<void>(spawn(pool, emptied())); }), "weft: spawn" + task_is_empty);
  EXPECT_EQ(rejection_of([&] { spawn_detached(pool, emptied()); }), "weft: spawn_detached" + task_is_empty);
  EXPECT_EQ(rejection_of([&] { static_cast<void>(spawn_future(pool, emptied())); }), "weft: spawn_future" + task_is_empty);
  EXPECT_EQ(rejection_of([&] { sync_wait(pool, emptied()); }), "weft: sync_wait" + task_is_empty);
  EXPECT_EQ(rejection_of([&] { sync_wait_for(pool, emptied(), std::chrono::hours(1)); }), "weft: sync_wait_for" + task_is_empty);
  EXPECT_EQ(rejection_of([&] { run(emptied(), {.workers = 1}); }), "weft: run" + task_is_empty);
}

task<> awaits_an_empty_task() { co_await emptied(); }
task<> spawns_an_empty_task() {
  spawn_detached(emptied());
  co_return;
}
task<> sends_an_empty_task(scheduler& pool) { co_await on(pool, emptied()); }
task<> joins_an_empty_task() { co_await when_all(number(1), emptied()); }
task<> joins_an_empty_task_ready() { co_await when_all_ready(emptied(), number(1)); }
task<> joins_an_empty_task_in_a_vector() {
  std::vector<task<int>> tasks;
  tasks.push_back(number(1));
  tasks.push_back(emptied());
  co_await when_all(std::move(tasks));
}

TEST_F(misuse_test, an_empty_task_cannot_be_awaited_spawned_sent_or_joined) {
  scheduler pool{{.workers = 1}};
  const std::string one_is_empty = ": a task is empty: it was moved from, awaited or spawned before";

  EXPECT_EQ(rejection_of([&] { sync_wait(pool, awaits_an_empty_task()); }), "weft: co_await task" + task_is_empty);
  EXPECT_EQ(rejection_of([&] { sync_wait(pool, spawns_an_empty_task()); }), "weft: spawn_detached" + task_is_empty);
  EXPECT_EQ(rejection_of([&] { sync_wait(pool, sends_an_empty_task(pool)); }), "weft: on" + task_is_empty);
  EXPECT_EQ(rejection_of([&] { sync_wait(pool, joins_an_empty_task()); }), "weft: when_all" + one_is_empty);
  EXPECT_EQ(rejection_of([&] { sync_wait(pool, joins_an_empty_task_ready()); }), "weft: when_all_ready" + one_is_empty);
  EXPECT_EQ(rejection_of([&] { sync_wait(pool, joins_an_empty_task_in_a_vector()); }), "weft: when_all" + one_is_empty);
}

task<> awaits_a_task_twice() {
  auto t = number(1);
  co_await std::move(t);
  co_await std::move(t);  // NOLINT: it was awaited
}

TEST_F(misuse_test, an_awaited_task_cannot_be_awaited_again) {
  scheduler pool{{.workers = 1}};

  EXPECT_EQ(rejection_of([&] { sync_wait(pool, awaits_a_task_twice()); }), "weft: co_await task" + task_is_empty);
}

// --- handles ---

task<> asks_an_empty_handle() {
  auto handle = spawn(number(1));
  const int one = co_await std::move(handle);
  EXPECT_EQ(one, 1);
  static_cast<void>(handle.is_done());  // NOLINT: it was awaited
}
task<> awaits_a_handle_twice() {
  auto handle = spawn(number(1));
  auto moved = std::move(handle);
  co_await std::move(moved);
  co_await std::move(moved);  // NOLINT: it was awaited
}

TEST_F(misuse_test, an_empty_handle_says_what_became_of_it) {
  scheduler pool{{.workers = 1}};
  const std::string why = ": the handle is empty: it was awaited or moved from";

  EXPECT_EQ(rejection_of([&] { sync_wait(pool, asks_an_empty_handle()); }), "weft: join_handle::is_done" + why);
  EXPECT_EQ(rejection_of([&] { sync_wait(pool, awaits_a_handle_twice()); }), "weft: co_await join_handle" + why);
}

struct outsider {
  struct promise_type {
    outsider get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
  std::coroutine_handle<promise_type> handle;
};
outsider ended() { co_return; }

TEST_F(misuse_test, a_null_or_finished_coroutine_cannot_be_resumed) {
  scheduler pool{{.workers = 1}};
  const outsider o = ended();

  EXPECT_EQ(rejection_of([&] { pool.resume(nullptr); }), "weft: scheduler::resume: the handle is null");
  EXPECT_EQ(rejection_of([&] { pool.resume(o.handle); }), "weft: scheduler::resume: the coroutine is at its end; it cannot be resumed");
  o.handle.destroy();
}

// --- joins ---

task<> awaits_a_join_twice() {
  auto join = when_all(number(1), number(2));
  co_await join;
  co_await join;
}
task<> awaits_a_bounded_join_twice() {
  auto join = fork_join<2>(2, [](std::size_t) { return number(1); });
  co_await join;
  co_await join;
}
constexpr auto no_place =
    "weft: co_await: the awaited object must live in the frame that awaits it, as a local or a temporary, within its first 512 KiB";
struct far_away {
  when_all_join<int, int> join = when_all(number(1), number(2));
};
task<> awaits_a_join_elsewhere(std::optional<far_away>& elsewhere) {
  elsewhere.emplace();
  co_await elsewhere->join;
}

struct far_into_the_frame {
  std::array<char, 600'000> before;
  when_all_join<int, int> join = when_all(number(1), number(2));
};
task<> awaits_a_join_behind_much() {
  far_into_the_frame local;
  co_await local.join;
}
using much = std::array<char, 600'000>;
task<much> much_of_it() { co_return much{}; }
task<> awaits_a_result_that_is_too_big() { static_cast<void>(co_await much_of_it()); }

TEST_F(misuse_test, a_join_is_awaited_once_and_in_the_frame_where_it_lives) {
  scheduler pool{{.workers = 1}};

  EXPECT_EQ(rejection_of([&] { sync_wait(pool, awaits_a_join_twice()); }), "weft: co_await when_all: it was awaited before");
  EXPECT_EQ(rejection_of([&] { sync_wait(pool, awaits_a_bounded_join_twice()); }), "weft: co_await fork_join: it was awaited before");
  static std::optional<far_away> elsewhere;
  EXPECT_EQ(rejection_of([&] { sync_wait(pool, awaits_a_join_elsewhere(elsewhere)); }), no_place);
  elsewhere.reset();  // its tasks were never started
}

TEST_F(misuse_test, a_slot_lies_in_the_first_half_mebibyte_of_its_frame) {
  scheduler pool{{.workers = 1}};

  EXPECT_EQ(rejection_of([&] { sync_wait(pool, awaits_a_join_behind_much()); }), no_place);
  EXPECT_EQ(rejection_of([&] { sync_wait(pool, awaits_a_result_that_is_too_big()); }), no_place);
}

// --- threads ---

task<> waits_on_a_worker(scheduler& pool, int way) {
  if (way == 0) sync_wait(pool, number(1));
  if (way == 1) sync_wait_for(pool, number(1), std::chrono::seconds(1));
  co_return;
}

TEST_F(misuse_test, no_worker_of_any_scheduler_may_block_for_a_task) {
  scheduler pool{{.workers = 1}};
  scheduler other{{.workers = 1}};
  const std::string why = ": a worker cannot block for a task: it would deadlock; co_await it, or co_await weft::on(other, task) instead";

  EXPECT_EQ(rejection_of([&] { sync_wait(pool, waits_on_a_worker(pool, 0)); }), "weft: sync_wait" + why);
  EXPECT_EQ(rejection_of([&] { sync_wait(pool, waits_on_a_worker(other, 0)); }), "weft: sync_wait" + why);
  EXPECT_EQ(rejection_of([&] { sync_wait(pool, waits_on_a_worker(other, 1)); }), "weft: sync_wait_for" + why);
}

TEST_F(misuse_test, a_call_for_workers_only_names_the_call_for_other_threads) {
  task<int> t = number(1);
  const std::string why = ": this thread is no worker; name a scheduler, as in spawn(pool, f())";

  EXPECT_EQ(rejection_of([&] { static_cast<void>(spawn(std::move(t))); }), "weft: spawn" + why);
  EXPECT_EQ(rejection_of([&] { spawn_detached(std::move(t)); }), "weft: spawn_detached" + why);
  EXPECT_FALSE(t.is_empty()) << "what is refused is kept";  // NOLINT
}

// --- hooks and destructors ---

task<> fails() {
  throw 1;
  co_return;
}

TEST_F(misuse_test, a_hook_may_spawn_and_is_refused_a_stop) {
  std::optional<scheduler> pool;
  std::string text;
  bool spawned = false;
  const auto hook = [&](std::exception_ptr, std::string_view) {
    text = rejection_of([&] { pool->stop(); });
    spawn_detached(*pool, [](bool& ran) -> task<> {
      ran = true;
      co_return;
    }(spawned));
  };
  pool.emplace(scheduler_options{.workers = 1, .on_unhandled = hook});

  spawn_detached(*pool, fails());
  pool->stop();

  EXPECT_EQ(text, "weft: scheduler::stop: a worker cannot stop its own scheduler; call it from another thread");
  EXPECT_TRUE(spawned);
}

void throws() { throw 1; }
struct thrower {
  ~thrower() { throws(); }  // NOLINT: a destructor that throws is the question
};
task<> ends_badly() {
  const thrower local;
  co_return;
}

TEST(misuse_death, an_exception_out_of_a_destructor_ends_the_process) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto misuse = [] {
    scheduler pool{{.workers = 1}};
    sync_wait(pool, ends_badly());
  };
  EXPECT_DEATH(misuse(), "terminate called after throwing|std::terminate|terminating");
}

// --- a forked child ---

// In the child: answers 7 if every use of the parent's scheduler is refused with the right text and nothing hangs.
int use_in_child(scheduler& pool, task<int>& t) {
  const std::string why = ": this process is a fork of the one that made the scheduler; make a new scheduler here";
  if (rejection_of([&] { sync_wait(pool, std::move(t)); }) != "weft: sync_wait" + why) return 1;
  if (rejection_of([&] { static_cast<void>(spawn(pool, std::move(t))); }) != "weft: spawn" + why) return 2;
  if (rejection_of([&] { pool.stop(); }) != "weft: scheduler::stop" + why) return 3;
  if (rejection_of([&] { sync_wait_for(pool, std::move(t), std::chrono::seconds(1)); }) != "weft: sync_wait_for" + why) return 5;
  if (rejection_of([&] { spawn_detached(pool, std::move(t)); }) != "weft: spawn_detached" + why) return 6;
  if (rejection_of([&] { static_cast<void>(spawn_future(pool, std::move(t))); }) != "weft: spawn_future" + why) return 8;
  if (rejection_of([&] { static_cast<void>(pool.metrics()); }) != "weft: scheduler::metrics" + why) return 9;
  if (rejection_of([&] { pool.resume(std::noop_coroutine()); }) != "weft: scheduler::resume" + why) return 10;
  return t.is_empty() ? 4 : 7;
}

[[noreturn]] void use_after_fork() {
  int answer = 0;
  {
    scheduler pool{{.workers = 1}};
    task<int> t = number(1);
    const pid_t child = ::fork();
    if (child == 0) {
      answer = use_in_child(pool, t);
      pool.~scheduler();  // leaves everything as it was, and does not hang
      ::_exit(answer);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    answer = WIFEXITED(status) ? WEXITSTATUS(status) : 99;
    if (sync_wait(pool, number(8)) != 8) answer = 98;  // the parent goes on as before
  }
  ::_exit(answer);
}

TEST(misuse_death, a_forked_child_is_told_to_make_its_own_scheduler) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(use_after_fork(), testing::ExitedWithCode(7), "");
}

}  // namespace
}  // namespace weft
