// SPDX-License-Identifier: Apache-2.0
// A lambda whose captures need destructors, given to a call that is awaited in the same expression, destroys them once (GCC PR100611).
// Instead: auto f = [captures] {..}; co_await call(std::move(f));
#include "bare_task.hpp"

namespace {

template <class F>
gaps::bare_task called(F f) {
  co_return f();
}

gaps::bare_task gives_at_once() {
  const gaps::balance captured(5);
  const int got = co_await called([captured] { return captured.value; });
  co_return got;
}

}  // namespace

int main() {
  const int got = gives_at_once().run();
  return gaps::verdict(got == 5 && gaps::balance::live == 0);
}
