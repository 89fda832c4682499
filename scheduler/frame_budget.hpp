// SPDX-License-Identifier: Apache-2.0
//
// How many bytes frames hold in the whole process, and how many they may.
//
// Who touches what
//   charged, limit   anyone; a charge is one CAS, so that no two threads can pass the limit together
//
// Edges
//   There are none: the numbers guard nothing but themselves.
#pragma once

#include <cstddef>

namespace weft::sched {

inline constexpr std::size_t no_limit = static_cast<std::size_t>(-1);

/// Takes `bytes` from the budget, or answers false and changes nothing. Any thread.
[[nodiscard]] bool charge(std::size_t bytes) noexcept;

/// Gives them back.
void discharge(std::size_t bytes) noexcept;

[[nodiscard]] std::size_t charged_bytes() noexcept;
[[nodiscard]] std::size_t limit_bytes() noexcept;
void set_limit_bytes(std::size_t bytes) noexcept;

}  // namespace weft::sched
