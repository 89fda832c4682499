// SPDX-License-Identifier: Apache-2.0
// Tasks with a std::future under every schedule: their end against the thread that started them, and against the stop. What lies inside
// of the future is not explored: it is read when the workers have been joined.
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <utility>

#include "explored_pool.hpp"

namespace weft {
namespace {

using explorer::explore;
using explorer::require;
using explorer::thread;
using test::workers;

template <class T>
T result_of(std::future<T>& future) {
  require(future.wait_for(std::chrono::seconds(0)) == std::future_status::ready, "it is told");  // get() would block for real
  return future.get();
}

task<std::unique_ptr<int>> answer() { co_return std::make_unique<int>(42); }
task<int> failing() {
  co_await yield();
  throw std::runtime_error("meant");
}

TEST(future_model, gets_the_result) {
  explore([] {
    std::future<std::unique_ptr<int>> future;
    {
      scheduler pool(workers(1));
      future = spawn_future(pool, answer());
    }
    require(*result_of(future) == 42, "the result arrives");
  });
}

TEST(future_model, gets_the_exception_and_nobody_else_is_told) {
  explore([] {
    detail::atomic<int> told{0};
    std::future<int> future;
    {
      scheduler_options options = workers(1);
      options.on_unhandled = [&](std::exception_ptr, std::string_view) { told.fetch_add(1, detail::relaxed); };
      scheduler pool(std::move(options));
      future = spawn_future(pool, failing());
      static_cast<void>(spawn_future(pool, failing()));
    }
    try {
      static_cast<void>(result_of(future));
      require(false, "it throws");
    } catch (const std::runtime_error& e) {
      require(e.what()[0] == 'm', "it is the task's own exception");
    }
    require(told.load(detail::relaxed) == 0, "a future takes the failure, even one that is dropped");
  });
}

TEST(future_model, a_future_is_dropped_at_once) {
  explore(
      [] {
        scheduler pool(workers(1));
        static_cast<void>(spawn_future(pool, answer()));
      },
      {.exhaustive = 20'000, .cut_short = true});
}

TEST(future_model, is_accepted_or_handed_back_while_the_scheduler_stops) {
  explore([] {
    std::future<std::unique_ptr<int>> future;
    scheduler pool(workers(1));
    {
      const thread submitter([&] {
        task<std::unique_ptr<int>> t = answer();
        try {
          future = spawn_future(pool, std::move(t));
        } catch (const scheduler_stopped&) {
          require(!t.is_empty(), "a refused task is still the caller's");
        }
      });
      require(pool.stop().abandoned == 0, "nothing is left");
    }
    if (future.valid()) require(*result_of(future) == 42, "what was accepted has run");
  });
}

}  // namespace
}  // namespace weft
