// SPDX-License-Identifier: Apache-2.0
// How many free blocks threads keep, as they last published it.
#pragma once

#include <cstddef>

namespace weft::sched {

/// Free blocks in open caches. Any thread; exact once every cache has published after its last use.
[[nodiscard]] std::size_t cached_frames() noexcept;

}  // namespace weft::sched
