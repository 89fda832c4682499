// SPDX-License-Identifier: Apache-2.0
// A promise_type that is private to its return object and befriends it compiles (llvm 63536 is about such friends).
// Instead: promises in a namespace of their own, chosen by std::coroutine_traits (include/weft/task.hpp).
#include <coroutine>
#include <exception>

namespace {

class secretive {
  class promise;
  friend promise;
  explicit secretive(std::coroutine_handle<> h) noexcept : handle_(h) {}
  std::coroutine_handle<> handle_;

 public:
  using promise_type = promise;
  void run() const {
    handle_.resume();
    handle_.destroy();
  }
};

class secretive::promise {
 public:
  secretive get_return_object() noexcept { return secretive(std::coroutine_handle<promise>::from_promise(*this)); }
  std::suspend_always initial_suspend() const noexcept { return {}; }
  std::suspend_always final_suspend() const noexcept { return {}; }
  void return_void() const noexcept {}
  void unhandled_exception() const noexcept { std::terminate(); }
};

int ran = 0;
secretive counts() {
  ++ran;
  co_return;
}

}  // namespace

int main() {
  counts().run();
  return ran == 1 ? 0 : 1;
}
