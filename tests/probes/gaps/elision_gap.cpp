// SPDX-License-Identifier: Apache-2.0
// A frame that outlives its caller is not put on the caller's stack (llvm 59723).
// Instead: the frames of the library come from a pool whose calls no compiler can leave out.
#include "bare_task.hpp"

#include <cstring>
#include <memory>

namespace {

gaps::bare_task adds(int a, int b) {
  int sum = a;
  co_await std::suspend_always{};
  sum += b;
  co_return sum;
}

std::unique_ptr<gaps::bare_task> started(int a) {
  auto t = adds(a, 2);
  t.handle.resume();
  return std::make_unique<gaps::bare_task>(std::move(t));
}

[[gnu::noinline]] int overwrite_stack(int with) {
  volatile char dirt[2048];
  for (volatile char& c : dirt) c = static_cast<char>(with);
  return dirt[17];
}

}  // namespace

int main() {
  const auto t = started(40);
  if (overwrite_stack(0x5a) != 0x5a) return gaps::verdict(false);
  t->handle.resume();
  return gaps::verdict(t->handle.promise().result == 42);
}
