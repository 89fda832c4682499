// SPDX-License-Identifier: Apache-2.0
//
// What is told of coroutines where nobody can take an exception.
#pragma once

#include "weft/detail/coro_node.hpp"

#include <exception>
#include <string>

namespace weft::detail {

/// A coroutine that was never started goes: tells the hook for it.
void report_never_awaited(const coro_node& n) noexcept;

/// An exception that has nowhere to go, of a coroutine or generator.
void report_unraisable(std::exception_ptr failure, const char* kind, const protocol_node& n) noexcept;

}  // namespace weft::detail
