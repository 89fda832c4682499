// SPDX-License-Identifier: Apache-2.0
// Memory from the system, by pages: mapped aligned, given back whole or only emptied.
#pragma once

#include <cstddef>

namespace weft::sched {

/// Maps `bytes` of zeroed memory at a multiple of `alignment`, a power of two; null when the system has none left.
/// Both are multiples of the page size, or `bytes` is rounded up to one by the caller with round_to_pages.
[[nodiscard]] void* map_pages(std::size_t bytes, std::size_t alignment) noexcept;

/// Unmaps what map_pages gave.
void unmap_pages(void* memory, std::size_t bytes) noexcept;

/// Gives the memory back but keeps the addresses, which read as zero afterwards. False: the system kept it.
bool discard_pages(void* memory, std::size_t bytes) noexcept;

/// Asks that these addresses never be backed by huge pages.
void keep_small_pages(void* memory, std::size_t bytes) noexcept;

/// The next multiple of this machine's page size; 0 on overflow.
[[nodiscard]] std::size_t round_to_pages(std::size_t bytes) noexcept;

}  // namespace weft::sched
