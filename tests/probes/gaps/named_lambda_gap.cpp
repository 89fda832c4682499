// SPDX-License-Identifier: Apache-2.0
// A lambda with captures that has a name of its own is right with every compiler.
// Instead: nothing; this form is what the library tells users to write.
#include "bare_task.hpp"

namespace {

gaps::bare_task calls_by_name() {
  const gaps::balance captured(5);
  const auto make = [captured]() -> gaps::bare_task { co_return captured.value; };
  auto made = make();
  const int got = co_await made;
  co_return got;
}

}  // namespace

int main() {
  const int got = calls_by_name().run();
  return gaps::verdict(got == 5 && gaps::balance::live == 0);
}
