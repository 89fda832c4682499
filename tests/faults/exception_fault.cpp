// SPDX-License-Identifier: Apache-2.0
// Exceptions from everything of the user's that the library calls: from bodies, results, functions that make children, awaitables,
// of the first, a middle or the last child. They arrive where the work is awaited, and what must not throw ends the process.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <coroutine>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "balanced.hpp"
#include "dying.hpp"
#include "fault_point.hpp"
#include "watchdog.hpp"

namespace weft {
namespace {

using test::counted;
using test::expect_end;
using test::fault_point;

class exception_fault : public test::balanced {};

struct planted : std::runtime_error {
  planted() : std::runtime_error("planted") {}
};

/// Its n-th copy or move from now on throws.
struct fragile {
  counted part;
  static inline std::atomic<int> moves_left{-1};

  explicit fragile(long value) : part(value) {}
  fragile(fragile&& other) : part((count(), std::move(other.part))) {}
  fragile(const fragile& other) : part((count(), other.part)) {}
  fragile& operator=(const fragile&) = delete;
  static void count() {
    if (moves_left >= 0 && moves_left-- == 0) throw planted();
  }
};

constexpr std::array<std::size_t, 3> places{0, 1, 2};  // first, middle, last child
constexpr std::array<const char*, 3> names{"first", "middle", "last"};

task<fragile> child(std::size_t mine, std::size_t throwing) {
  co_await yield();
  if (mine == throwing) throw planted();
  co_return fragile(static_cast<long>(mine));
}
std::vector<task<fragile>> children(std::size_t throwing) {
  std::vector<task<fragile>> all;
  for (const std::size_t i : places) all.push_back(child(i, throwing));
  return all;
}

// --- every way to join three children ---

task<> by_when_all(std::size_t throwing) {
  static_cast<void>(co_await when_all(child(0, throwing), child(1, throwing), child(2, throwing)));
}
task<> by_vector(std::size_t throwing) { static_cast<void>(co_await when_all(children(throwing))); }
task<> by_ready(std::size_t throwing) {
  auto outcomes = co_await when_all_ready(children(throwing));
  for (auto& one : outcomes) static_cast<void>(std::move(one).value());
}
task<> by_bounded_fork(std::size_t throwing) {
  static_cast<void>(co_await fork_join<3>(3, [throwing](std::size_t i) { return child(i, throwing); }));
}
task<> by_fork(std::size_t throwing) {
  static_cast<void>(co_await fork_join(3, [throwing](std::size_t i) { return child(i, throwing); }));
}
task<> by_handles(std::size_t throwing) {
  auto first = spawn(child(0, throwing));
  auto second = spawn(child(1, throwing));
  auto third = spawn(child(2, throwing));
  static_cast<void>(co_await std::move(first));
  static_cast<void>(co_await std::move(second));
  static_cast<void>(co_await std::move(third));
}
task<> one_by_one(std::size_t throwing) {
  for (const std::size_t i : places) static_cast<void>(co_await child(i, throwing));
}

struct way {
  const char* name;
  task<> (*join)(std::size_t throwing);
};
constexpr std::array<way, 7> ways{{{"when_all", by_when_all},
                                   {"when_all of a vector", by_vector},
                                   {"when_all_ready of a vector", by_ready},
                                   {"fork_join<N>", by_bounded_fork},
                                   {"fork_join", by_fork},
                                   {"join_handle", by_handles},
                                   {"co_await", one_by_one}}};

/// Whether `call` threw what was planted, and nothing is left.
template <class Call>
bool throws_planted(Call call) {
  try {
    call();
  } catch (const planted&) {
    return true;
  }
  return false;
}

scheduler_options deaf(int workers) {
  scheduler_options options{.workers = workers};
  options.on_unhandled = [](const std::exception_ptr&, std::string_view) {};  // handles that were dropped
  return options;
}

TEST_F(exception_fault, a_body_throws) {
  scheduler pool(deaf(2));
  for (const way& by : ways)
    for (const std::size_t place : places) {
      fault_point point(std::string(by.name) + ": the body of the " + names[place] + " child throws");
      while (!point.is_covered()) {
        ASSERT_TRUE(throws_planted([&] { sync_wait(pool, by.join(place)); }));
        point.hit();
      }
    }
}

TEST_F(exception_fault, the_move_of_a_result_throws) {
  for (const way& by : ways) {
    fault_point point(std::string(by.name) + ": a move of a result throws");
    while (!point.is_covered()) {
      int n = 0;
      for (bool threw = true; threw; ++n) {
        {
          scheduler pool(deaf(2));
          fragile::moves_left = n;
          threw = throws_planted([&] { sync_wait(pool, by.join(9)); });
          fragile::moves_left = -1;
          sync_wait(pool, by.join(9));
        }
        ASSERT_EQ(counted::live(), 0) << by.name << ", move " << n;
        if (threw) point.hit();
        ASSERT_LT(n, 100);
      }
      ASSERT_GT(n, 1) << by.name << " moves no result";
    }
  }
}

TEST_F(exception_fault, the_move_of_a_result_to_a_thread_throws) {
  fault_point point("sync_wait and spawn_future: a move of the result throws");
  scheduler pool(deaf(1));
  while (!point.is_covered()) {
    int n = 0;
    for (bool threw = true; threw; ++n) {
      fragile::moves_left = n;
      threw = throws_planted([&] { static_cast<void>(sync_wait(pool, child(0, 9))); });
      // ThreadSanitizer's pthread_once, on which std::promise rests, waits for ever after an exception.
      fragile::moves_left = n;
      if (!test::under_tsan) threw = throws_planted([&] { static_cast<void>(spawn_future(pool, child(0, 9)).get()); }) || threw;
      fragile::moves_left = -1;
      if (threw) point.hit();
      ASSERT_LT(n, 100);
    }
  }
}

TEST_F(exception_fault, the_function_that_makes_children_throws) {
  scheduler pool(deaf(2));
  for (const std::size_t place : places) {
    fault_point point(std::string("fork_join: making the ") + names[place] + " child throws");
    const auto make = [place](std::size_t i) {
      if (i == place) throw planted();
      return child(i, 9);
    };
    while (!point.is_covered()) {
      const auto bounded = [&]() -> task<> { static_cast<void>(co_await fork_join<3>(3, make)); };
      const auto unbounded = [&]() -> task<> { static_cast<void>(co_await fork_join(3, make)); };
      ASSERT_TRUE(throws_planted([&] { sync_wait(pool, bounded()); }));
      ASSERT_TRUE(throws_planted([&] { sync_wait(pool, unbounded()); }));
      point.hit();
    }
  }
}

/// Somebody else's awaitable: throws from the given one of its functions.
struct theirs {
  std::size_t from;
  counted part{};
  [[nodiscard]] bool await_ready() const {
    if (from == 0) throw planted();
    return false;
  }
  bool await_suspend(std::coroutine_handle<>) const {
    if (from == 1) throw planted();
    return false;
  }
  void await_resume() const { throw planted(); }
};
task<> awaits(std::size_t from) {
  const theirs awaited{from};
  co_await awaited;
}

TEST_F(exception_fault, a_foreign_awaitable_throws) {
  scheduler pool(deaf(1));
  constexpr std::array<const char*, 3> functions{"await_ready", "await_suspend", "await_resume"};
  for (const std::size_t from : places) {
    fault_point point(std::string(functions[from]) + " throws");
    while (!point.is_covered()) {
      ASSERT_TRUE(throws_planted([&] { sync_wait(pool, awaits(from)); }));
      point.hit();
    }
  }
}

task<> takes(fragile) { co_return; }
TEST_F(exception_fault, the_copy_of_a_parameter_throws) {
  fault_point point("the copy of a parameter into the frame throws");
  const fragile argument(1);
  while (!point.is_covered()) {
    fragile::moves_left = static_cast<int>(point.hits() % 2);
    ASSERT_TRUE(throws_planted([&] { static_cast<void>(takes(argument)); }));
    fragile::moves_left = -1;
    point.hit();
  }
}

// --- what must not throw ---

/// Throws when it ends, once it has been moved to where results are kept.
struct explosive {
  bool armed = false;
  explosive() = default;
  explosive(explosive&&) noexcept : armed(true) {}
  ~explosive() noexcept(false) {
    if (armed) throw planted();
  }
};
task<explosive> explodes() { co_return {}; }
task<> throws() {
  throw planted();
  co_return;
}

TEST(exception_fault_death, what_must_not_throw_ends_the_process) {
  expect_end("the destructor of a result throws", [] {
    scheduler pool(deaf(1));
    static_cast<void>(spawn(pool, explodes()));
  });
  expect_end("on_worker_start throws", [] {
    scheduler_options options{.workers = 1};
    options.on_worker_start = [](int) { throw planted(); };
    const scheduler pool(options);
  });
  expect_end("on_worker_stop throws", [] {
    scheduler_options options{.workers = 1};
    options.on_worker_stop = [](int) { throw planted(); };
    const scheduler pool(options);
  });
  expect_end("on_unhandled throws", [] {
    scheduler_options options{.workers = 1};
    options.on_unhandled = [](const std::exception_ptr&, std::string_view) { throw planted(); };
    scheduler pool(options);
    spawn_detached(pool, throws());
  });
}

}  // namespace
}  // namespace weft
