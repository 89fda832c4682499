// SPDX-License-Identifier: Apache-2.0
// A lambda with captures that is called and awaited in one expression destroys its captures once (GCC PR100611).
// Instead: auto make = [captures]() -> task<> {..}; co_await make();
#include "bare_task.hpp"

namespace {

gaps::bare_task calls_at_once() {
  const gaps::balance captured(5);
  const int got = co_await [captured]() -> gaps::bare_task { co_return captured.value; }();
  co_return got;
}

}  // namespace

int main() {
  const int got = calls_at_once().run();
  return gaps::verdict(got == 5 && gaps::balance::live == 0);
}
