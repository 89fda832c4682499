// SPDX-License-Identifier: Apache-2.0
// auto [a, b] = co_await: both are there after another suspension, and are destroyed once (GCC PR124584).
// Instead: auto all = when_all(..); co_await all; all.get<0>()
#include "bare_task.hpp"

namespace {

struct pair {
  gaps::balance first, second;
};
struct gives_pair {
  int from;
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<>) const noexcept { return false; }
  pair await_resume() const noexcept { return {gaps::balance(from), gaps::balance(from + 1)}; }
};

gaps::bare_task binds() {
  auto [a, b] = co_await gives_pair{4};
  co_await std::suspend_never{};
  co_return a.value * 10 + b.value;
}

}  // namespace

int main() {
  const int got = binds().run();
  return gaps::verdict(got == 45 && gaps::balance::live == 0);
}
