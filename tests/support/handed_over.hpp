// SPDX-License-Identifier: Apache-2.0
// Something foreign that model tests wait for: a thread of the test resumes whoever has come.
#pragma once

#include <coroutine>
#include <cstdint>

#include "weft/detail/sync.hpp"

namespace weft::test {

/// Suspends a coroutine and hands it to a thread that resumes it whenever it likes.
struct handed_over {
  std::coroutine_handle<> waiting = nullptr;
  detail::atomic<std::uint32_t> is_there{0};

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> h) noexcept {
    waiting = h;
    is_there.store(1, detail::release);
    detail::futex_wake(&is_there);
  }
  void await_resume() const noexcept {}
  void resume() {
    while (is_there.load(detail::acquire) == 0) detail::futex_wait(is_there, 0);
    waiting.resume();
  }
};

}  // namespace weft::test
