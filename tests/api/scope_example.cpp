// SPDX-License-Identifier: Apache-2.0
// Scopes: tasks that run beside a body, at most so many at once, and do not outlive it; and their results as they come.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdexcept>

namespace {

using namespace std::chrono_literals;

weft::task<> add(std::atomic<int>& sum, int n) {
  sum += n;
  co_return;
}

weft::task<int> sum_up_to(int n) {
  std::atomic<int> sum = 0;  // lives longer than the scope, so tasks of the scope may borrow it
  auto body = [&](weft::scope& s) -> weft::task<> {
    for (int i = 1; i <= n; ++i) s.spawn(add(sum, i), {.name = "add"});
    co_return;
  };
  co_await weft::with_scope(body);  // until the last of them has ended
  co_return sum;
}

weft::task<> come_and_go(std::atomic<int>& here, std::atomic<int>& most) {
  most = std::max(most.load(), ++here);
  co_await weft::yield();
  --here;
}

weft::task<int> most_at_once(int limit) {
  std::atomic<int> here = 0;
  std::atomic<int> most = 0;
  auto body = [&](weft::scope& s) -> weft::task<> {
    for (int i = 0; i < 100; ++i) s.spawn(come_and_go(here, most));  // those beyond the limit wait for their turn
    co_return;
  };
  co_await weft::with_scope(body, {.max_concurrency = limit});
  co_return most;
}

weft::task<> wait_for_a_day() { co_await weft::sleep_for(24h); }

weft::task<bool> takes_a_second_one() {
  std::atomic<int> sum = 0;
  auto body = [&](weft::scope& s) -> weft::task<bool> {
    s.spawn(wait_for_a_day());
    const bool taken = s.try_spawn(add(sum, 1));  // declines where spawn() would queue
    s.cancel();                                   // or it would be a long wait
    co_return taken;
  };
  co_return co_await weft::with_scope(body, {.max_concurrency = 1});
}

weft::task<int> square(int n) { co_return n* n; }

weft::task<int> sum_of_squares(int n) {
  auto body = [&](weft::scope_of<int>& s) -> weft::task<int> {
    for (int i = 1; i <= n; ++i) s.spawn(square(i));
    int sum = 0;
    while (auto one = co_await s.next()) sum += *one;  // whichever is the next to end
    co_return sum;
  };
  co_return co_await weft::with_scope<int>(body);
}

weft::task<> fails() {
  throw std::runtime_error("out of paper");
  co_return;
}

weft::task<> one_fails_and_the_other_is_cancelled() {
  auto body = [](weft::scope& s) -> weft::task<> {
    s.spawn(fails(), {.name = "printer"});
    co_await weft::sleep_for(24h);
  };
  co_await weft::with_scope(body);
}

struct scope_example : testing::Test {
  weft::scheduler pool{{.workers = 2}};
};

TEST_F(scope_example, ends_after_its_last_task) { EXPECT_EQ(weft::sync_wait(pool, sum_up_to(100)), 5050); }
TEST_F(scope_example, runs_so_many_at_once) { EXPECT_EQ(weft::sync_wait(pool, most_at_once(1)), 1); }
TEST_F(scope_example, declines_what_has_to_wait) { EXPECT_FALSE(weft::sync_wait(pool, takes_a_second_one())); }
TEST_F(scope_example, gives_results_as_they_come) { EXPECT_EQ(weft::sync_wait(pool, sum_of_squares(10)), 385); }
TEST_F(scope_example, a_failure_cancels_the_others) {
  EXPECT_THROW(weft::sync_wait(pool, one_fails_and_the_other_is_cancelled()), std::runtime_error);
}

}  // namespace
