// SPDX-License-Identifier: Apache-2.0
// Memory that no frame needs, given back to the system: on demand, and before the limit refuses anybody.
#pragma once

#include <cstddef>

#include "frame_carver.hpp"

namespace weft::sched {

/// Gives back the memory of every slab whose blocks are all in the exchange, and of the large frames kept for reuse.
/// Answers how many bytes. Any thread.
std::size_t trim(const growth_hold& hold) noexcept;

/// Takes `bytes` from the budget, after a trim if they do not fit as it stands. Any thread.
[[nodiscard]] bool charge_or_trim(std::size_t bytes, const growth_hold& hold) noexcept;

}  // namespace weft::sched
