// SPDX-License-Identifier: Apache-2.0
// The size classes of frames as numbers: how big a block is, how many a slab holds, how many a thread keeps.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "weft/detail/frame_pool.hpp"

namespace weft::sched {

using detail::class_count;

inline constexpr std::size_t slab_bytes = std::size_t{1} << detail::slab_bits;
inline constexpr std::size_t region_bytes = slab_bytes * class_count;
inline constexpr std::size_t page_bytes = 4096;  // a unit of thrift only: nothing breaks where pages are larger

/// Bytes of a block by class: lines up to small_bytes, then four steps a doubling. Class 0 holds no blocks.
inline constexpr std::array<std::uint32_t, class_count> block_bytes = [] {
  std::array<std::uint32_t, class_count> sizes{};
  for (std::uint32_t k = 1; k <= 16; ++k) sizes[k] = k * detail::line_bytes;
  constexpr std::uint32_t larger[] = {1280, 1536, 1792, 2048, 2560, 3072, 3584, 4096, 5120, 6144, 7168, 8192, 10240, 12288, 16384};
  std::copy(std::begin(larger), std::end(larger), sizes.begin() + 17);
  return sizes;
}();
inline constexpr std::size_t largest_block = block_bytes.back();

/// The class whose blocks fit `bytes` best; `bytes` is at least 1 and at most largest_block.
constexpr std::size_t size_class_for(std::size_t bytes) noexcept {
  constexpr std::size_t step = 256;  // every size above small_bytes is a multiple of it
  constexpr auto by_step = [] {
    std::array<std::uint8_t, largest_block / step + 1> classes{};
    std::uint8_t k = 0;
    for (std::size_t i = 1; i < classes.size(); ++i) {
      while (block_bytes[k] < i * step) ++k;
      classes[i] = k;
    }
    return classes;
  }();
  return bytes <= detail::small_bytes ? detail::small_class(bytes) : by_step[(bytes + step - 1) / step];
}

/// Bytes at the end of a slab that its first block may be moved by, so that blocks of different slabs lie in different
/// cache sets. At most one block a slab is given up for it, and only where a slab has many.
constexpr std::size_t colour_bytes(std::size_t size_class) noexcept {
  const std::size_t size = block_bytes[size_class];
  return size <= 2048 ? size - detail::line_bytes : 0;
}

constexpr std::uint32_t blocks_per_slab(std::size_t size_class) noexcept {
  return static_cast<std::uint32_t>((slab_bytes - colour_bytes(size_class)) / block_bytes[size_class]);
}

/// Where the first block of a class lies in its slab of region `number`.
constexpr std::size_t first_block_offset(std::size_t size_class, std::uint32_t number) noexcept {
  const std::size_t slack = slab_bytes - std::size_t{blocks_per_slab(size_class)} * block_bytes[size_class];
  return number % (slack / detail::line_bytes + 1) * detail::line_bytes;
}

/// Blocks in a full list. A list is about as many bytes in every class, so that large frames do not pile up in caches.
constexpr std::size_t list_blocks(std::size_t size_class) noexcept {
  constexpr std::size_t list_bytes = detail::list_limit * detail::line_bytes;
  return std::clamp<std::size_t>(list_bytes / block_bytes[size_class], 2, detail::list_limit);
}

/// The depth of a class's sentinel: a full list reaches list_limit.
constexpr std::size_t empty_depth(std::size_t size_class) noexcept { return detail::list_limit - list_blocks(size_class); }

/// Blocks cut from a slab at once: a page of them, so that a short program touches little memory.
constexpr std::uint32_t batch_blocks(std::size_t size_class) noexcept {
  return static_cast<std::uint32_t>(std::clamp<std::size_t>(page_bytes / block_bytes[size_class], 2, list_blocks(size_class)));
}

}  // namespace weft::sched
