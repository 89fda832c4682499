// SPDX-License-Identifier: Apache-2.0
//
// What time it is on this thread, for whoever arms a timer or looks at one: the only place that tells virtual time from the steady clock's.
#include "weft/detail/durations.hpp"
#include "weft/detail/worker.hpp"

namespace weft::detail {

std::int64_t now_as_deadline() noexcept {
  if (const atomic<std::int64_t>* const time = current_worker().virtual_time) [[unlikely]]
    return time->load(relaxed);  // it alone is what is asked for
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now().time_since_epoch()).count();
}

}  // namespace weft::detail
