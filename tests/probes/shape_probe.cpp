// SPDX-License-Identifier: Apache-2.0
// Shapes that users write and some compilers get wrong: where one does, the form that works is printed, and that form is
// checked everywhere.
#include <weft/weft.hpp>

#include "probe.hpp"

#include <coroutine>
#include <cstddef>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace weft::probe {

namespace {

task<int> number(int n) {
  co_await yield();
  co_return n;
}

task<std::string> text(std::string s) { co_return s + "!"; }

task<std::unique_ptr<int>> box(int n) { co_return std::make_unique<int>(n); }

// Runs a task that answers whether its shape worked, and whether nothing is left of it.
bool works(task<bool> (*shape)()) {
  bool good = false;
  {
    scheduler pool{{.workers = 2}};
    good = sync_wait(pool, shape());
  }
  return good && balance::live == 0;
}
template <task<bool> (*Shape)()>
bool run() {
  return works(Shape);
}

task<bool> bound_pair() {
  auto [a, b] = co_await when_all(number(1), number(2));
  co_return a == 1 && b == 2;
}

task<bool> bound_mixed() {
  auto [a, s, p] = co_await when_all(number(1), text("long enough to be on the heap, not in the string"), box(3));
  co_return a == 1 && s.size() == 49 && *p == 3;
}

task<bool> in_place() {
  auto all = when_all(number(1), text("long enough to be on the heap, not in the string"), box(3));
  co_await all;
  co_return all.get<0>() == 1 && all.get<1>().size() == 49 && *all.get<2>() == 3;
}

task<bool> capturing_lambda_at_once() {
  const balance captured;
  const int n = 5;
  const int got = co_await [captured, n]() -> task<int> {
    co_await yield();
    co_return n;
  }();
  co_return got == 5;
}

task<bool> capturing_lambda_named() {
  const balance captured;
  const int n = 5;
  const auto make = [captured, n]() -> task<int> {
    co_await yield();
    co_return n;
  };
  const int got = co_await make();
  co_return got == 5;
}

task<bool> range_for() {
  int sum = 0;
  for (const int v : co_await fork_join<3>(3, [](std::size_t i) { return number(static_cast<int>(i)); })) sum += v;
  co_return sum == 3;
}

task<bool> range_for_named() {
  auto all = fork_join<3>(3, [](std::size_t i) { return number(static_cast<int>(i)); });
  co_await all;
  int sum = 0;
  for (const int v : all) sum += v;
  co_return sum == 3;
}

task<bool> in_condition() {
  if (co_await number(0) == 1) co_return false;
  co_return true;
}

task<bool> in_condition_beside_a_local() {
  const int right = 1;
  if (co_await number(0) == right) co_return false;
  co_return true;
}

task<bool> on_both_sides() { co_return co_await number(1) == 1 && co_await number(2) == 2; }

task<bool> in_arguments() {
  const auto add = [](int a, int b, const std::string& s) { return a + b + static_cast<int>(s.size()); };
  co_return add(co_await number(1), co_await number(2), co_await text("abc")) == 7;
}

task<bool> named_arguments() {
  const int a = co_await number(1);
  const int b = co_await number(2);
  const std::string s = co_await text("abc");
  co_return a + b + static_cast<int>(s.size()) == 7;
}

task<bool> conditional() {
  int ran = 0;
  const auto counted = [&ran](int n) {
    ++ran;
    return number(n);
  };
  const bool first = co_await number(1) == 1;
  const bool right = (first ? co_await counted(7) : co_await counted(8)) == 7;
  co_return ran == 1 && right;
}

task<bool> vector_of_tasks() {
  std::vector<task<std::string>> tasks;
  for (int i = 0; i < 4; ++i) tasks.push_back(text(std::string(30, 'x')));
  const auto all = co_await when_all(std::move(tasks));
  co_return all.size() == 4 && all[3].size() == 31;
}

/// Ready at once, with a part that needs a destructor.
struct ready {
  int value;
  balance part;

  [[nodiscard]] bool await_ready() const noexcept { return true; }
  void await_suspend(std::coroutine_handle<>) const noexcept {}
  [[nodiscard]] int await_resume() const noexcept { return value; }
};

task<bool> braced_temporary() { co_return co_await ready{3, {}} == 3; }

task<bool> named_awaitable() {
  const ready awaited{3, {}};
  co_return co_await awaited == 3;
}

}  // namespace

void probe_shapes() {
  constexpr auto name_the_join = "auto all = when_all(..); co_await all; all.get<0>()";
  check_shape(run<bound_pair>, is_clang, "auto [a, b] = co_await when_all(..)", name_the_join);
  check_shape(run<bound_mixed>, is_clang, "auto [a, s, p] = co_await when_all(..) with owners", name_the_join);
  check_shape(run<capturing_lambda_at_once>, is_clang, "co_await [captures]() -> task<> {..}()",
              "auto make = [captures]() -> task<> {..}; co_await make();");
  check_shape(run<range_for>, is_clang, "for (v : co_await fork_join<N>(..))", "auto all = fork_join<N>(..); co_await all; for (v : all)");
  check_shape(run<in_condition>, is_clang, "co_await in the condition of an if, with no local variable", "bool b = co_await ..; if (b)");
  check_shape(run<in_arguments>, is_clang, "co_await in the arguments of a call", "a named local for each");
  check_shape(run<conditional>, is_clang, "co_await on both sides of ?:", "an if for each");
  check_shape(run<braced_temporary>, is_clang, "co_await a_type{..} with members that need destructors", "a_type a{..}; co_await a;");

  check(survives(run<named_awaitable>), "a named awaitable");
  check(survives(run<in_condition_beside_a_local>), "co_await in the condition of an if, with a local variable");
  check(survives(run<on_both_sides>), "co_await on both sides of &&");
  check(survives(run<in_place>), "a named join, read in place");
  check(survives(run<capturing_lambda_named>), "a named lambda with captures");
  check(survives(run<range_for_named>), "a named fork_join, walked in place");
  check(survives(run<named_arguments>), "a named local for each awaited argument");
  check(survives(run<vector_of_tasks>), "a vector of tasks");
}

}  // namespace weft::probe
