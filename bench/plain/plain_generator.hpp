// SPDX-License-Identifier: Apache-2.0
// The least that C++20 allows: a generator of thirty lines without send, throw, close, recursion and errors of use, to measure others by.
#pragma once

#include <coroutine>
#include <cstdint>
#include <exception>
#include <iterator>
#include <memory>
#include <utility>

namespace weft::bench {

class plain_generator {
 public:
  struct promise_type {
    const std::uint64_t* value = nullptr;
    std::exception_ptr failure;

    plain_generator get_return_object() { return plain_generator(std::coroutine_handle<promise_type>::from_promise(*this)); }
    [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
    [[nodiscard]] std::suspend_always final_suspend() const noexcept { return {}; }
    std::suspend_always yield_value(const std::uint64_t& yielded) noexcept {
      value = std::addressof(yielded);
      return {};
    }
    void return_void() const noexcept {}
    void unhandled_exception() noexcept { failure = std::current_exception(); }
  };
  class iterator {
   public:
    explicit iterator(std::coroutine_handle<promise_type> handle) : handle_(handle) { ++*this; }
    const std::uint64_t& operator*() const noexcept { return *handle_.promise().value; }
    iterator& operator++() {
      handle_.resume();
      if (handle_.done() && handle_.promise().failure) std::rethrow_exception(handle_.promise().failure);
      return *this;
    }
    friend bool operator==(const iterator& i, std::default_sentinel_t) noexcept { return i.handle_.done(); }

   private:
    std::coroutine_handle<promise_type> handle_;
  };

  plain_generator(plain_generator&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  plain_generator& operator=(plain_generator&&) = delete;
  ~plain_generator() {
    if (handle_) handle_.destroy();
  }
  iterator begin() { return iterator(handle_); }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

 private:
  explicit plain_generator(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

/// The numbers below n. Not inlined: a generator comes from elsewhere, as a rule, and its frame is not on the caller's stack.
[[gnu::noinline, maybe_unused]] static plain_generator plain_counts(std::uint64_t n) {
  for (std::uint64_t i = 0; i < n; ++i) co_yield i;
}

}  // namespace weft::bench
