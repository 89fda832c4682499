// SPDX-License-Identifier: Apache-2.0
// Something foreign that tasks wait for until the test opens it: suspends where the test says, without a clock.
#pragma once

#include <condition_variable>
#include <coroutine>
#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

namespace weft::test {

class gate {
 public:
  struct awaiter {
    gate& at;
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> waiting) const { return at.admit(waiting); }
    void await_resume() const noexcept {}
  };
  /// Waits until the gate is open.
  [[nodiscard]] awaiter operator co_await() noexcept { return {*this}; }

  /// Lets everybody through who waits, and everybody who comes later.
  void open() {
    std::vector<std::coroutine_handle<>> through;
    {
      const std::scoped_lock hold(lock_);
      open_ = true;
      through = std::exchange(waiting_, {});
    }
    for (const std::coroutine_handle<> handle : through) handle.resume();
  }

  /// Blocks this thread until `count` tasks have come, waiting or let through.
  void wait_for_arrivals(std::size_t count) {
    std::unique_lock hold(lock_);
    arrived_.wait(hold, [&] { return arrivals_ >= count; });
  }

 private:
  bool admit(std::coroutine_handle<> handle) {
    const std::scoped_lock hold(lock_);
    ++arrivals_;
    arrived_.notify_all();
    if (open_) return false;
    waiting_.push_back(handle);
    return true;
  }

  std::mutex lock_;
  std::condition_variable arrived_;
  std::vector<std::coroutine_handle<>> waiting_;
  std::size_t arrivals_ = 0;
  bool open_ = false;
};

}  // namespace weft::test
