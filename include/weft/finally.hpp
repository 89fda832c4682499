// SPDX-License-Identifier: Apache-2.0
//
// finally: what has to be done whatever comes, and may take waiting: C++ has no co_await in a catch and no asynchronous destructor.
#pragma once

#include "weft/as_result.hpp"
#include "weft/awaitable.hpp"
#include "weft/cancellation.hpp"
#include "weft/detail/bridge.hpp"
#include "weft/detail/failures.hpp"
#include "weft/task.hpp"

#include <concepts>
#include <exception>
#include <source_location>
#include <type_traits>
#include <utility>

namespace weft {

/// Awaits `body`, and then, whether it gave a value, threw or was cancelled, what `cleanup` gives, which nothing around it cancels. Gives
/// what `body` gives or throws. If the cleanup throws, that is thrown; if both did, an exception_group of the two, in which a cancellation
/// does not count. Worker only. `cleanup` is called once `body` has ended, and lives as long as what it gives; neither if nobody awaits it.
///
/// Before anything is started the memory for the wait is there, but for what `cleanup` takes itself.
template <awaitable A, std::invocable Cleanup>
  requires awaitable<std::invoke_result_t<Cleanup&>>
[[nodiscard]] task<await_result<A>> finally(A body, Cleanup cleanup, std::source_location where = std::source_location::current()) {
  auto came = co_await detail::awaiter_at(as_result(std::move(body)), where);
  std::exception_ptr failed;
  {
    detail::shield_level shielded;
    co_await shielded;
    try {
      static_cast<void>(co_await detail::awaiter_at(cleanup(), where));
    } catch (...) {
      failed = std::current_exception();
    }
  }
  if (failed) detail::throw_both(came.failure(), failed);
  co_return std::move(came).value();
}

}  // namespace weft
