// SPDX-License-Identifier: Apache-2.0
// An object that counts how many of its kind live: nothing lost, nothing destroyed twice.
#pragma once

#include <atomic>

namespace weft::test {

/// Copies and moves count; `value` of a moved-from one is 0.
class counted {
 public:
  explicit counted(long of = 0) noexcept : value(of) { ++live_; }
  counted(const counted& other) noexcept : value(other.value) { ++live_; }
  counted(counted&& other) noexcept : value(other.value) {
    other.value = 0;
    ++live_;
  }
  counted& operator=(const counted&) noexcept = default;
  counted& operator=(counted&& other) noexcept {
    value = other.value;
    if (&other != this) other.value = 0;
    return *this;
  }
  ~counted() { --live_; }

  /// Those that live in the process.
  [[nodiscard]] static long live() noexcept { return live_.load(); }

  long value;

 private:
  static inline std::atomic<long> live_{0};
};

}  // namespace weft::test
