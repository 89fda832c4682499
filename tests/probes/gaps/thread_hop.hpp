// SPDX-License-Identifier: Apache-2.0
// A coroutine that is resumed by two threads in turn: what it knows of its thread must be the resumer's.
#pragma once

#include "bare_task.hpp"

#include <thread>

namespace gaps {

/// Starts `t` here, resumes it once on another thread and once more here. The body awaits std::suspend_always twice.
inline int resume_on_two_threads(const bare_task& t) {
  t.handle.resume();
  std::thread([&] { t.handle.resume(); }).join();
  t.handle.resume();
  return t.handle.promise().result;
}

}  // namespace gaps
