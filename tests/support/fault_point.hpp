// SPDX-License-Identifier: Apache-2.0
// Counts how often a fault was injected: a test that names a fault and hardly ever injects it has shown nothing.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>

namespace weft::test {

/// At its end it prints the count, and fails the test if that is below `least`. hit(): any thread.
class fault_point {
 public:
  static constexpr std::uint64_t least = 100;

  explicit fault_point(std::string name) : name_(std::move(name)) {}
  fault_point(const fault_point&) = delete;
  fault_point& operator=(const fault_point&) = delete;
  ~fault_point() {
    std::printf("fault: %s: %llu times\n", name_.c_str(), static_cast<unsigned long long>(hits()));
    EXPECT_GE(hits(), least) << name_ << " was not injected often enough";
  }

  void hit(std::uint64_t times = 1) noexcept { hits_.fetch_add(times, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t hits() const noexcept { return hits_.load(std::memory_order_relaxed); }
  /// Whether it was hit often enough.
  [[nodiscard]] bool is_covered() const noexcept { return hits() >= least; }

 private:
  std::string name_;
  std::atomic<std::uint64_t> hits_{0};
};

}  // namespace weft::test
