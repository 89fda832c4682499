// SPDX-License-Identifier: Apache-2.0
// The smallest lazy task there can be, without the library: what goes wrong with it is the compiler's doing.
#pragma once

#include <coroutine>
#include <cstdlib>
#include <exception>
#include <utility>

namespace gaps {

/// Constructions less destructions; one thread runs.
struct balance {
  static inline int live = 0;
  int value;
  explicit balance(int of = 0) noexcept : value(of) { ++live; }
  balance(const balance& other) noexcept : value(other.value) { ++live; }
  balance(balance&& other) noexcept : value(other.value) { ++live; }
  balance& operator=(const balance&) noexcept = default;
  ~balance() { --live; }
};

struct bare_task {
  struct promise_type {
    std::coroutine_handle<> continuation = std::noop_coroutine();
    std::exception_ptr failure = nullptr;
    int result = 0;

    bare_task get_return_object() noexcept { return bare_task(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    struct final_awaiter {
      bool await_ready() const noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> ended) const noexcept {
        return ended.promise().continuation;
      }
      void await_resume() const noexcept {}
    };
    final_awaiter final_suspend() const noexcept { return {}; }
    void return_value(int value) noexcept { result = value; }
    void unhandled_exception() noexcept { failure = std::current_exception(); }
  };
  using handle_type = std::coroutine_handle<promise_type>;

  explicit bare_task(handle_type h) noexcept : handle(h) {}
  bare_task(bare_task&& other) noexcept : handle(std::exchange(other.handle, nullptr)) {}
  bare_task& operator=(bare_task&&) = delete;
  ~bare_task() {
    if (handle) handle.destroy();
  }

  struct awaiter {
    handle_type child;
    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) const noexcept {
      child.promise().continuation = awaiting;
      return child;
    }
    int await_resume() const {
      if (child.promise().failure) std::rethrow_exception(child.promise().failure);
      return child.promise().result;
    }
  };
  awaiter operator co_await() const noexcept { return {handle}; }

  /// Runs it to its end on this thread.
  int run() const {
    handle.resume();
    return awaiter{handle}.await_resume();
  }

  handle_type handle;
};

/// The status of the program: 0 if all holds.
inline int verdict(bool holds) { return holds ? EXIT_SUCCESS : EXIT_FAILURE; }

}  // namespace gaps
