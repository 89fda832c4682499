// SPDX-License-Identifier: Apache-2.0
// What get_return_object() gives is converted to the return type when the call returns, not before the body ran
// (clang 15 and 16 convert at once).
// Instead: get_return_object() of the library's promises gives the return type itself.
#include <coroutine>
#include <exception>

namespace {

int value = 0;

struct answer {
  int seen;
};
struct late {
  operator answer() const noexcept { return {value}; }
};

}  // namespace

template <>
struct std::coroutine_traits<answer, int> {
  struct promise_type {
    late get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
};

namespace {

answer sets(int to) {
  value = to;
  co_return;
}

}  // namespace

int main() { return sets(7).seen == 7 ? 0 : 1; }
