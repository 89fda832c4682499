// SPDX-License-Identifier: Apache-2.0
// operator new of a promise may take a parameter of the coroutine by value (clang 19 under ASan: llvm 124612).
// Instead: the library reaches its pool through the thread, not through parameters (include/weft/detail/frame_pool.hpp).
#include <coroutine>
#include <cstddef>
#include <cstdlib>
#include <exception>

namespace {

// That a compiler leaves the allocation out is allowed.
struct allocator {
  int* taken;
  explicit allocator(int* counter) noexcept : taken(counter) {}
  allocator(const allocator& other) noexcept : taken(other.taken) {}
  ~allocator() {}  // NOLINT: not trivial, so that it is passed in memory
};

struct allocated {
  struct promise_type {
    static void* operator new(std::size_t bytes, allocator from) { return *from.taken == 0 ? std::malloc(bytes) : nullptr; }
    static void operator delete(void* frame) noexcept { std::free(frame); }
    allocated get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
};

allocated counts(allocator from) {
  ++*from.taken;
  co_return;
}

}  // namespace

int main() {
  int taken = 0;
  counts(allocator(&taken));
  return taken == 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}
