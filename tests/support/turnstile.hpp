// SPDX-License-Identifier: Apache-2.0
// What threads that may block wait at until the test lets them through.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace weft::test {

class turnstile {
 public:
  /// Blocks this thread until it is open.
  void pass() {
    std::unique_lock hold(lock_);
    ++arrivals_;
    changed_.notify_all();
    changed_.wait(hold, [&] { return is_open_; });
  }
  /// Lets everybody through who waits, and everybody who comes later.
  void open() {
    const std::scoped_lock hold(lock_);
    is_open_ = true;
    changed_.notify_all();
  }
  /// Blocks this thread until `count` others have come.
  void wait_for_arrivals(std::size_t count) {
    std::unique_lock hold(lock_);
    changed_.wait(hold, [&] { return arrivals_ >= count; });
  }
  /// How many have come.
  [[nodiscard]] std::size_t arrivals() {
    const std::scoped_lock hold(lock_);
    return arrivals_;
  }

 private:
  std::mutex lock_;
  std::condition_variable changed_;
  std::size_t arrivals_ = 0;
  bool is_open_ = false;
};

}  // namespace weft::test
