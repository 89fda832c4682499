// SPDX-License-Identifier: Apache-2.0
// The constructor of a promise sees the frame's copies of the parameters, which stay where they are.
// Instead: the library's promises take no parameters.
#include <coroutine>
#include <exception>

namespace {

struct big {
  int numbers[8] = {};
};

struct observed {
  struct promise_type {
    const big* seen;
    explicit promise_type(const big& parameter) noexcept : seen(&parameter) {}
    observed get_return_object() noexcept { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    std::suspend_always final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
  std::coroutine_handle<promise_type> handle;
};

const big* in_body = nullptr;

observed looks(big parameter) {
  parameter.numbers[0] = 1;
  co_await std::suspend_always{};
  in_body = &parameter;
}

}  // namespace

int main() {
  const observed o = looks(big());
  o.handle.resume();
  o.handle.resume();
  const bool same = o.handle.promise().seen == in_body;
  o.handle.destroy();
  return same ? 0 : 1;
}
