// SPDX-License-Identifier: Apache-2.0
// An exception from each of an awaiter's three functions unwinds the body, and what the frame holds is destroyed once.
// Instead: await_ready and await_suspend of the library's awaiters throw before they have published anything.
#include "bare_task.hpp"

namespace {

struct thrower {
  int from;
  const gaps::balance& part;
  bool await_ready() const {
    if (from == 0) throw 0;
    return false;
  }
  bool await_suspend(std::coroutine_handle<>) const {
    if (from == 1) throw 1;
    return false;
  }
  void await_resume() const { throw 2; }
};

gaps::bare_task throws_from(int where, gaps::balance) {
  const gaps::balance local;
  try {
    const gaps::balance inner;
    co_await thrower{where, inner};
  } catch (int thrown) {
    if (thrown != where) co_return 1;
    throw;
  }
  co_return 2;
}

bool throws_it(int where) {
  try {
    throws_from(where, gaps::balance()).run();
  } catch (int thrown) {
    return thrown == where && gaps::balance::live == 0;
  }
  return false;
}

}  // namespace

int main() { return gaps::verdict(throws_it(0) && throws_it(1) && throws_it(2)); }
