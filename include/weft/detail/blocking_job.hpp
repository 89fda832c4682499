// SPDX-License-Identifier: Apache-2.0
//
// A function that a task gave away to be called on a thread that may block, and the task's wait for it: what both halves of
// run_blocking know. The states of its wait, and who moves it on, are in scheduler/blocking_pool.hpp.
#pragma once

#include "weft/detail/list_link.hpp"
#include "weft/detail/waiter.hpp"

#include <cstdint>
#include <exception>

namespace weft::sched {
class blocking_pool;
}

namespace weft::detail {

/// What is done with a call for which there is no thread while the queue is full.
enum class when_full : std::uint8_t { waits, refuses };

/// How a call was taken.
enum class submission : std::uint8_t { queued, refused, too_late, without_thread };

/// Lives in the awaiter, in the waiting frame. Its links: in the queue.
struct blocking_job : list_link {
  waiter wait;
  void (*run)(blocking_job&) noexcept = nullptr;  // calls the function and keeps what it gives
  std::exception_ptr failure;                     // what it threw
  sched::blocking_pool* pool = nullptr;           // where it was submitted
  int error = 0;                                  // of the system, that has no thread for it
  submission taken = submission::queued;
};

/// Gives `job`, for which `waiting` is about to suspend, to the threads of this worker's scheduler. True: `waiting` sleeps, and nothing of
/// it may be touched. False: it goes on: the job was cancelled, or not taken. Throws usage_error where this thread is no worker.
[[nodiscard]] bool submit_job(blocking_job& job, frame* waiting, when_full how, const char* call);

/// Takes the job and its wait out of all lists. By who goes on in the frame, or destroys it.
void retire_job(blocking_job& job) noexcept;

/// After retire_job(): returns if the function was called, else throws why it was not. `call` names the public function.
void expect_called(const blocking_job& job, const char* call);

}  // namespace weft::detail
