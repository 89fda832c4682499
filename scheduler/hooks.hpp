// SPDX-License-Identifier: Apache-2.0
//
// What is said of exceptions where nobody takes them: by tasks, and by the user's hooks, which must not throw.
#pragma once

#include <exception>

namespace weft::sched {

/// Calls `say` with the text of an exception, where that lives: there may be no memory for a copy.
template <class Say>
void with_text_of(const std::exception_ptr& failure, Say say) noexcept {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& e) {
    say(e.what());
  } catch (...) {
    say("an exception that is no std::exception");
  }
}

/// What a task is called in messages.
[[nodiscard]] inline const char* shown_name(const char* name) noexcept { return *name != '\0' ? name : "(no name)"; }

/// Where an exception of a hook is handled: says which hook it was, of which scheduler, and "on worker 3" or "for task x"; then
/// std::terminate.
[[noreturn]] void end_for_hook(const char* hook, const char* scheduler, const char* where) noexcept;
/// The same for a hook that was told of a task.
[[noreturn]] void end_for_hook_of_task(const char* hook, const char* scheduler, const char* task) noexcept;

}  // namespace weft::sched
