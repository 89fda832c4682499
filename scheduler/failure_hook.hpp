// SPDX-License-Identifier: Apache-2.0
//
// Where the failures of detached tasks go: to the function that the scheduler was made with, as long as the scheduler lives.
//
// Shape: one word: how many hold the hook, and bit 31: closed. Who has a failure to tell, or may have one soon, holds it;
//   the end of the scheduler closes it, and waits for the holders.
//
// Edges
//   E1  release (release) -> close's load that finds no holder (acquire): no call of the function is going on, nor will one come.
//       hold and close are changes of one word: a holder is before close(), or refused.
//
// Progress  hold and release are lock-free; close waits for user code that is being told of a failure.
// Checked   tests/unit/unhandled_test.cpp, tests/model/failure_hook_model.cpp
#pragma once

#include "weft/detail/sync.hpp"

#include <cstdint>
#include <exception>
#include <functional>
#include <string_view>
#include <utility>

namespace weft::sched {

class failure_hook {
 public:
  using function = std::function<void(std::exception_ptr failure, std::string_view task)>;

  /// `scheduler`: its name, which lives as long as it.
  failure_hook(function listener, const char* scheduler) : listener_(std::move(listener)), scheduler_(scheduler) {}

  /// Keeps the hook open until release(). False: it is closed. Any thread that knows the scheduler to be there.
  [[nodiscard]] bool hold() noexcept {
    std::uint32_t seen = word_.load(detail::relaxed);  // the CAS decides
    do {
      if ((seen & closed) != 0) return false;
    } while (!word_.compare_exchange_weak(seen, seen + 1, detail::relaxed, detail::relaxed));  // the order in the word is enough
    return true;
  }
  /// Nothing of the scheduler may be touched afterwards, unless it is known to live.
  void release() noexcept {
    if (word_.fetch_sub(1, detail::release) == (closed | 1)) detail::futex_wake(&word_);  // E1
  }
  /// Tells a failure: to the function, or to stderr where none was given. By a holder. What the function throws ends the process.
  void tell(std::exception_ptr failure, const char* task) noexcept;
  /// Nobody is told any more. Once, by the end of the scheduler.
  void close() noexcept;

  /// How many failures were told.
  [[nodiscard]] std::uint64_t told() const noexcept { return count_.load(detail::relaxed); }  // a figure

 private:
  static constexpr std::uint32_t closed = std::uint32_t{1} << 31;

  function listener_;
  const char* scheduler_;
  detail::atomic<std::uint32_t> word_{0};   // futex word of close(): E1
  detail::atomic<std::uint64_t> count_{0};  // a figure
};

}  // namespace weft::sched
