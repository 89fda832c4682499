// SPDX-License-Identifier: Apache-2.0
//
// What is told of coroutines that nobody awaited, and of exceptions that have nowhere to go.
#pragma once

#include <exception>
#include <functional>
#include <optional>
#include <source_location>
#include <string>

namespace weft {

/// Told as a coroutine that was never started goes: its qualname, and where it was made if that was tracked. May throw: the exception goes
/// to the unraisable hook, and the usual line is printed.
using never_awaited_hook = std::function<void(const std::string& qualname, const std::optional<std::source_location>& origin)>;

/// Told of an exception that left a coroutine as its last reference went, or a never-awaited hook. What it throws itself is dropped.
using unraisable_hook = std::function<void(std::exception_ptr failure, const std::string& qualname)>;

/// Sets the hook of the process, an empty one for the usual line on stderr, as Python prints it; gives the one before. Any thread; a call
/// of the hook before may still be under way.
never_awaited_hook set_never_awaited_hook(never_awaited_hook hook);
/// The same for the unraisable hook.
unraisable_hook set_unraisable_hook(unraisable_hook hook);

/// How many places coroutines remember of how they were made: none (0, at first), or one, the most there is without a stack trace. Of the
/// process, unlike Python's, which is of the thread: workers make coroutines for others. Gives what it was. value_error if `depth` is
/// negative.
int set_origin_tracking_depth(int depth);

}  // namespace weft
