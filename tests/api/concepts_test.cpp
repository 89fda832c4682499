// SPDX-License-Identifier: Apache-2.0
// What can be awaited and what it gives, decided at compile time: a program that compiles this file has read the contract.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

namespace weft {
namespace {

// --- awaitable ---

static_assert(awaitable<task<int>> && awaitable<task<>> && awaitable<task<int&>>);
static_assert(!awaitable<task<int>&> && !awaitable<const task<int>&>, "a task is given away: co_await std::move(t)");
static_assert(awaitable<join_handle<int>> && !awaitable<join_handle<int>&>, "so is a handle");
static_assert(awaitable<std::suspend_always> && !awaitable<int> && !awaitable<std::string>);
static_assert(awaitable<decltype(yield())> && awaitable<decltype(resume_on(std::declval<scheduler&>()))>);
static_assert(awaitable<decltype(std::declval<scheduler&>().schedule())>);

static_assert(std::is_same_v<await_result<task<long>>, long>);
static_assert(std::is_same_v<await_result<join_handle<std::string>>, std::string>);
static_assert(std::is_void_v<await_result<decltype(yield())>>);
static_assert(std::is_same_v<await_result<decltype(on(std::declval<scheduler&>(), std::declval<task<char>>()))>, char>);

// --- objects ---

template <class T>
constexpr bool only_moves = std::is_nothrow_move_constructible_v<T> && !std::is_copy_constructible_v<T>;
static_assert(only_moves<task<int>> && only_moves<join_handle<int>>);
static_assert(sizeof(task<int>) == sizeof(void*) && sizeof(join_handle<int>) == sizeof(void*));
static_assert(!std::is_move_constructible_v<scheduler> && !std::is_copy_constructible_v<scheduler>);
static_assert(!std::is_default_constructible_v<task<int>>);
static_assert(std::is_same_v<task<>::value_type, void> && std::is_same_v<task<int&>::value_type, int&>);

// --- starting ---

template <class T>
concept can_spawn = requires(T t) { spawn(std::forward<T>(t)); };
static_assert(can_spawn<task<int>> && !can_spawn<task<int>&>, "spawn takes the task over");

template <class... Ts>
concept can_join = requires(Ts... ts) { when_all(std::forward<Ts>(ts)...); };
static_assert(can_join<task<int>, task<>> && !can_join<task<int>&, task<>> && !can_join<>);

static_assert(std::is_same_v<decltype(spawn(std::declval<task<int>>())), join_handle<int>>);
static_assert(std::is_same_v<decltype(spawn_future(std::declval<scheduler&>(), std::declval<task<int>>())), std::future<int>>);
static_assert(std::is_void_v<decltype(spawn_detached(std::declval<task<int>>()))>);
static_assert(std::is_same_v<decltype(sync_wait(std::declval<scheduler&>(), std::declval<task<int&>>())), int&>);
static_assert(std::is_same_v<decltype(run(std::declval<task<int>>())), int>);

// --- scopes and races ---

static_assert(awaitable<child_handle<int>> && !awaitable<child_handle<int>&> && only_moves<child_handle<int>>);
static_assert(std::is_nothrow_copy_constructible_v<scope> && !std::is_default_constructible_v<scope>, "a copy is the same scope");
static_assert(std::is_convertible_v<scope_of<int>&, scope&>);
constexpr auto gives_nothing = [](scope&) -> task<> { co_return; };
constexpr auto gives_text = [](scope_of<int>&) -> task<std::string> { co_return ""; };
static_assert(std::is_same_v<decltype(with_scope(gives_nothing)), task<>>);
static_assert(std::is_same_v<decltype(with_scope<int>(gives_text)), task<std::string>>);
template <class... As>
concept can_race = requires(As... as) { when_any(std::forward<As>(as)...); };
static_assert(can_race<task<int>, join_handle<char>> && !can_race<task<int>&> && !can_race<> && !can_race<int>);
static_assert(std::is_same_v<await_result<decltype(when_any(std::declval<task<int>>(), std::declval<task<>>()))>, any_result<int, void>>);
static_assert(std::is_same_v<await_result<decltype(race(std::declval<task<int>>(), std::declval<task<double>>()))>, double>);

// --- errors ---

template <class E>
constexpr bool is_weft_error = std::is_base_of_v<error, E> && std::is_base_of_v<std::exception, E>;
static_assert(is_weft_error<usage_error> && is_weft_error<scheduler_stopped> && is_weft_error<operation_cancelled>);
static_assert(is_weft_error<timeout_error> && is_weft_error<exception_group>);

TEST(concepts, options_have_defaults_that_are_said_nowhere_else) {
  const scheduler_options options;
  EXPECT_EQ(options.workers, std::nullopt);
  EXPECT_EQ(options.name, "weft");
  EXPECT_FALSE(options.on_worker_start || options.on_worker_stop || options.on_unhandled);
  EXPECT_EQ(options.frame_limit, std::nullopt);
  EXPECT_EQ(stop_options().drain_for, std::nullopt);
  EXPECT_EQ(stop_options().grace, std::chrono::seconds(1));
  EXPECT_EQ(max_workers, 1000);
}

}  // namespace
}  // namespace weft
