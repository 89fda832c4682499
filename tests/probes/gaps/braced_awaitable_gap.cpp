// SPDX-License-Identifier: Apache-2.0
// co_await of a braced temporary whose members need destructors destroys them once.
// Instead: a_type a{..}; co_await a;
#include "bare_task.hpp"

namespace {

struct ready {
  int value;
  gaps::balance part;
  bool await_ready() const noexcept { return true; }
  void await_suspend(std::coroutine_handle<>) const noexcept {}
  int await_resume() const noexcept { return value; }
};

gaps::bare_task awaits_braces() { co_return co_await ready{3, gaps::balance()}; }

}  // namespace

int main() {
  const int got = awaits_braces().run();
  return gaps::verdict(got == 3 && gaps::balance::live == 0);
}
