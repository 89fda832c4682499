// SPDX-License-Identifier: Apache-2.0
// scheduler::resume: coroutines that are not weft's run on a worker, and what they throw is told.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <coroutine>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "balanced.hpp"

namespace weft {
namespace {

class resume_test : public test::balanced {};

// A coroutine that is not weft's: starts suspended, ends suspended, belongs to the object.
struct outsider {
  struct promise_type {
    outsider get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { throw; }
  };
  std::coroutine_handle<promise_type> handle;
};

outsider notes_thread(std::thread::id& where) {
  where = std::this_thread::get_id();
  co_return;
}

TEST_F(resume_test, runs_the_coroutine_on_a_worker) {
  std::thread::id where;
  const outsider o = notes_thread(where);
  {
    scheduler pool{{.workers = 1}};
    pool.resume(o.handle);
  }
  EXPECT_NE(where, std::thread::id());
  EXPECT_NE(where, std::this_thread::get_id());
  EXPECT_TRUE(o.handle.done());
  o.handle.destroy();
}

outsider suspends(int& steps) {
  ++steps;
  co_await std::suspend_always();
  ++steps;
}

TEST_F(resume_test, each_call_is_one_resumption) {
  int steps = 0;
  const outsider o = suspends(steps);
  {
    scheduler pool{{.workers = 1}};
    pool.resume(o.handle);
  }
  EXPECT_EQ(steps, 1);
  {
    scheduler pool{{.workers = 1}};
    pool.resume(o.handle);
  }
  EXPECT_EQ(steps, 2);
  EXPECT_TRUE(o.handle.done());
  o.handle.destroy();
}

outsider throws_out() {
  throw std::runtime_error("left the coroutine");
  co_return;
}

TEST_F(resume_test, what_leaves_the_coroutine_is_told_to_the_hook) {
  std::vector<std::string> told;
  const auto hook = [&](std::exception_ptr failure, std::string_view name) {
    try {
      std::rethrow_exception(failure);
    } catch (const std::runtime_error& e) {
      told.push_back(std::string(name) + ": " + e.what());
    }
  };
  const outsider o = throws_out();
  {
    scheduler pool{{.workers = 1, .on_unhandled = hook}};
    pool.resume(o.handle);
  }
  o.handle.destroy();
  EXPECT_EQ(told, std::vector<std::string>{"scheduler::resume: left the coroutine"});
}

}  // namespace
}  // namespace weft
