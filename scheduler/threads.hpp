// SPDX-License-Identifier: Apache-2.0
//
// Threads of a scheduler: started with an error that can be thrown, named, joined; and what a forked child may know.
#pragma once

#include <pthread.h>
#include <cstdint>
#include <string>
#include <string_view>

namespace weft::sched {

/// A thread that runs `body(argument)`. Owner: the scheduler.
class thread {
 public:
  /// Throws std::system_error with `what` as its text.
  thread(void* (*body)(void*), void* argument, const std::string& what);
  thread(thread&&) noexcept = default;
  /// Waits for its end. Once.
  void join() noexcept;
  /// Leaves it to itself. Instead of join.
  void detach() noexcept;

 private:
  pthread_t handle_;
};

/// Names the calling thread "prefix-index"; of a prefix too long for the system, the end is cut off.
void name_this_thread(std::string_view prefix, unsigned index) noexcept;

/// Counts the forks between the first process and this one: a scheduler of another count is unusable here.
[[nodiscard]] std::uint32_t process_generation() noexcept;

}  // namespace weft::sched
