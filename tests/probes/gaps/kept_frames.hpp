// SPDX-License-Identifier: Apache-2.0
// A coroutine whose frame stays readable after its end, filled with a pattern: a late write shows.
#pragma once

#include <coroutine>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <exception>

namespace gaps {

inline constexpr unsigned char filling = 0xdd;
inline unsigned char* ended_frame = nullptr;
inline std::size_t ended_bytes = 0;

struct kept {
  struct promise_type {
    [[gnu::noinline]] static void* operator new(std::size_t bytes) { return std::malloc(bytes); }
    static void operator delete(void* frame, std::size_t bytes) noexcept {
      std::memset(frame, filling, bytes);
      ended_frame = static_cast<unsigned char*>(frame);
      ended_bytes = bytes;
    }
    kept get_return_object() noexcept { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
  std::coroutine_handle<promise_type> handle;
};

/// Lets the optimiser believe that somebody looks at `place` and changes it.
inline void show(int* place) { asm volatile("" : "+r"(place) : : "memory"); }

/// Keeps the frame off the caller's stack, where no pattern would show anything.
[[gnu::noinline]] inline void resume_elsewhere(std::coroutine_handle<> handle) {
  asm volatile("" : "+r"(handle) : : "memory");
  handle.resume();
}

/// Whether a frame ended, and nobody has written to it since.
inline bool frame_is_untouched() {
  if (ended_frame == nullptr) return false;
  bool same = true;
  for (std::size_t i = 0; i < ended_bytes; ++i) same = same && ended_frame[i] == filling;
  std::free(ended_frame);
  return same;
}

}  // namespace gaps
