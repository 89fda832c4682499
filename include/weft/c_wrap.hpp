// SPDX-License-Identifier: Apache-2.0
//
// A coroutine written in C++ as an object for C.
#pragma once

#include "weft/c_value.hpp"
#include "weft/coroutine.hpp"
#include "weft/weft.h"

namespace weft {

/// A coroutine as C drives it.
using c_coroutine = coroutine<c_value, c_value, c_value>;

/// Makes `body` an object of the type weft_coro_coroutine_type and gives its only reference. Any thread. Throws usage_error if `body` was
/// moved from, and std::bad_alloc: `body` is closed then, and not told of as never awaited.
[[nodiscard]] weft_coro_object* wrap(c_coroutine body);

}  // namespace weft
