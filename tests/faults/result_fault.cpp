// SPDX-License-Identifier: Apache-2.0
// Results that throw as they are moved or destroyed, and locals that throw after a result was given, on every way from a task to who
// awaits it: the exception arrives there, and every result is destroyed once. What the library destroys must not throw.
#include <weft/weft.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
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

class result_fault : public test::balanced {};

struct planted : std::runtime_error {
  planted() : std::runtime_error("planted") {}
};

/// The n-th event of a kind from now on throws.
class countdown {
 public:
  void start(int n) noexcept { left_ = n; }
  void stop() noexcept { left_ = -1; }
  void count() {
    if (left_ >= 0 && left_-- == 0) throw planted();
  }

 private:
  std::atomic<int> left_{-1};
};
countdown moves, ends;

/// Throws as it is moved, or as it ends while it holds something: one that was moved from ends without a word.
template <std::size_t Bytes>
struct brittle {
  counted part;
  bool is_full = true;
  std::array<char, Bytes> load;

  explicit brittle(long value) : part(value) {}
  brittle(brittle&& other) : part((moves.count(), std::move(other.part))), is_full(std::exchange(other.is_full, false)) {}
  brittle& operator=(brittle&&) = delete;
  ~brittle() noexcept(false) {
    if (is_full) ends.count();
  }
};
using small = brittle<1>;
using wide = brittle<150'000>;  // three slots of it fill a chunk of a join over a vector

/// A local whose destructor may throw: after the result was given.
struct late {
  bool throws;
  ~late() noexcept(false) {
    if (throws) throw planted();
  }
};

constexpr std::size_t children = 4;
constexpr std::size_t nobody = children;
constexpr std::size_t early = 2 * children;  // a child and so much: it throws before it has a result, and not after that

template <class T>
task<T> child(std::size_t mine, std::size_t throwing) {
  co_await yield();
  if (mine + early == throwing) throw planted();
  const late local{mine == throwing};
  co_return T(static_cast<long>(mine));
}
template <class T>
std::vector<task<T>> all_children(std::size_t throwing) {
  std::vector<task<T>> all;
  for (std::size_t i = 0; i < children; ++i) all.push_back(child<T>(i, throwing));
  return all;
}

// --- every way of a result ---

template <class T>
task<> one_by_one(std::size_t throwing) {
  for (std::size_t i = 0; i < children; ++i) static_cast<void>(co_await child<T>(i, throwing));
}
template <class T>
task<> by_handles(std::size_t throwing) {
  auto first = spawn(child<T>(0, throwing));
  auto second = spawn(child<T>(children - 1, throwing));
  static_cast<void>(co_await std::move(first));
  static_cast<void>(co_await std::move(second));
}
template <class T>
task<> by_pack(std::size_t throwing) {
  static_cast<void>(co_await when_all(child<T>(0, throwing), child<T>(1, throwing), child<T>(children - 1, throwing)));
}
template <class T>
task<> by_ready_pack(std::size_t throwing) {
  auto outcomes = co_await when_all_ready(child<T>(0, throwing), child<T>(1, throwing), child<T>(children - 1, throwing));
  static_cast<void>(std::get<0>(std::move(outcomes)).value());
  static_cast<void>(std::get<1>(std::move(outcomes)).value());
  static_cast<void>(std::get<2>(std::move(outcomes)).value());
}
template <class T>
task<> by_vector(std::size_t throwing) {
  static_cast<void>(co_await when_all(all_children<T>(throwing)));
}
template <class T>
task<> by_ready_vector(std::size_t throwing) {
  auto outcomes = co_await when_all_ready(all_children<T>(throwing));
  for (auto& one : outcomes) static_cast<void>(std::move(one).value());
}
template <class T>
task<> by_fork(std::size_t throwing) {
  static_cast<void>(co_await fork_join(children, [throwing](std::size_t i) { return child<T>(i, throwing); }));
}
template <class T>
task<> by_bounded_fork(std::size_t throwing) {
  static_cast<void>(co_await fork_join<children>(children, [throwing](std::size_t i) { return child<T>(i, throwing); }));
}
template <class T>
task<> by_bounded_fork_in_place(std::size_t throwing) {
  auto join = fork_join<children>(children, [throwing](std::size_t i) { return child<T>(i, throwing); });
  co_await join;
}

scheduler_options deaf() {
  return {.workers = 2, .on_unhandled = [](const std::exception_ptr&, std::string_view) {}};  // handles that were dropped
}
template <task<> (*Join)(std::size_t throwing)>
void awaited(scheduler& pool, std::size_t throwing) {
  sync_wait(pool, Join(throwing));
}
void by_thread(scheduler& pool, std::size_t throwing) {
  for (std::size_t i = 0; i < children; ++i) static_cast<void>(sync_wait(pool, child<small>(i, throwing)));
}
void by_run(scheduler&, std::size_t throwing) {
  for (std::size_t i = 0; i < children; ++i) static_cast<void>(run(child<small>(i, throwing), {.workers = 1}));
}
void by_future(scheduler& pool, std::size_t throwing) {
  for (std::size_t i = 0; i < children; ++i) static_cast<void>(spawn_future(pool, child<small>(i, throwing)).get());
}
void by_visit(scheduler& pool, std::size_t throwing) {
  scheduler home(deaf());
  const auto visit = [&](std::size_t i) -> task<> { static_cast<void>(co_await on(pool, child<small>(i, throwing))); };
  for (std::size_t i = 0; i < children; ++i) sync_wait(home, visit(i));
}

/// Where its user has a result in the end: by itself, or in what has no right to throw as it ends.
enum class held { bare, inside };

struct way {
  const char* name;
  void (*go)(scheduler& pool, std::size_t throwing);
  held end = held::inside;
};
constexpr std::array<way, 15> ways{{
    {"co_await", awaited<one_by_one<small>>, held::bare},
    {"join_handle", awaited<by_handles<small>>, held::bare},
    {"when_all", awaited<by_pack<small>>, held::bare},
    {"when_all_ready", awaited<by_ready_pack<small>>},
    {"when_all of a vector", awaited<by_vector<small>>},
    {"when_all_ready of a vector", awaited<by_ready_vector<small>>},
    {"fork_join", awaited<by_fork<small>>},
    {"fork_join<N>", awaited<by_bounded_fork<small>>},
    {"fork_join<N> in place", awaited<by_bounded_fork_in_place<small>>},
    {"when_all of a vector in chunks", awaited<by_vector<wide>>},
    {"when_all_ready of a vector in chunks", awaited<by_ready_vector<wide>>},
    {"fork_join in chunks", awaited<by_fork<wide>>},
    {"sync_wait", by_thread, held::bare},
    {"on", by_visit, held::bare},
    {"run", by_run, held::bare},
}};
constexpr way future{"spawn_future", by_future, held::bare};

/// Goes this way in a scheduler of its own: whether it threw what was planted, after which nothing is left.
bool throws_planted(const way& by, std::size_t throwing) {
  bool threw = false;
  {
    scheduler pool(deaf());
    try {
      by.go(pool, throwing);
    } catch (const planted&) {
      threw = true;
    }
    moves.stop();
    ends.stop();
    EXPECT_NO_THROW(by.go(pool, nobody)) << "the scheduler goes on";
  }
  EXPECT_EQ(counted::live(), 0) << by.name;
  return threw;
}

/// The n-th event throws, for each n until there are no more of them.
void throw_each(const way& by, countdown& events, const char* what) {
  fault_point point(std::string(by.name) + ": " + what);
  while (!point.is_covered()) {
    int n = 0;
    for (;; ++n) {
      events.start(n);
      if (!throws_planted(by, nobody)) break;
      ASSERT_FALSE(testing::Test::HasFailure()) << by.name << ", " << what << ", " << n;
      point.hit();
    }
    ASSERT_GE(n, 2) << by.name << ": " << what;
  }
}

TEST_F(result_fault, a_move_throws) {
  for (const way& by : ways) throw_each(by, moves, "a move of a result throws");
  // ThreadSanitizer's pthread_once, on which std::promise rests, waits for ever after an exception.
  if (!test::under_tsan) throw_each(future, moves, "a move of a result throws");
}

TEST_F(result_fault, the_end_of_a_result_that_its_user_has_throws) {
  for (const way& by : ways)
    if (by.end == held::bare) throw_each(by, ends, "the end of a result throws");
  throw_each(future, ends, "the end of a result throws");
}

void throw_late(const way& by) {
  for (const std::size_t place : {std::size_t{0}, children - 1}) {
    fault_point point(std::string(by.name) + ": a local throws after the result of child " + std::to_string(place) + " was given");
    for (; !point.is_covered(); point.hit()) {
      ASSERT_TRUE(throws_planted(by, place)) << by.name;
      ASSERT_FALSE(testing::Test::HasFailure());
    }
  }
}

TEST_F(result_fault, a_local_throws_after_the_result_was_given) {
  for (const way& by : ways) throw_late(by);
  throw_late(future);
}

task<small> returns_again() {
  try {
    const late local{true};
    co_return small(1);
  } catch (const planted&) {
    co_return small(2);
  }
}

TEST_F(result_fault, a_body_that_takes_that_exception_returns_again) {
  fault_point point("a result was given and another one is");
  scheduler pool{{.workers = 1}};
  for (; !point.is_covered(); point.hit()) ASSERT_EQ(sync_wait(pool, returns_again()).part.value, 2);
}

// --- what the library destroys ---

void expect_end_of(const way& by, std::size_t throwing, const char* what) {
  expect_end(std::string(by.name) + ": the end of a result throws " + what, [&] {
    scheduler pool(deaf());
    ends.start(0);
    try {
      by.go(pool, throwing);
    } catch (const planted&) {  // it arrived, which is wrong
    }
    ::_exit(1);
  });
}

TEST(result_fault_death, the_end_of_a_result_whose_sibling_has_failed_ends_the_process) {
  constexpr std::array<way, 7> joins{{{"when_all", awaited<by_pack<small>>},
                                      {"when_all of a vector", awaited<by_vector<small>>},
                                      {"fork_join", awaited<by_fork<small>>},
                                      {"fork_join<N>", awaited<by_bounded_fork<small>>},
                                      {"fork_join<N> in place", awaited<by_bounded_fork_in_place<small>>},
                                      {"when_all of a vector in chunks", awaited<by_vector<wide>>},
                                      {"fork_join in chunks", awaited<by_fork<wide>>}}};
  for (const way& by : joins) expect_end_of(by, children - 1 + early, "whose sibling has failed");
}

TEST(result_fault_death, the_end_of_a_result_that_is_given_up_ends_the_process) {
  for (const way& by : {ways[0], future}) expect_end_of(by, 0, "that was given before a local threw");
}

}  // namespace
}  // namespace weft
