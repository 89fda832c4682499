// SPDX-License-Identifier: Apache-2.0
//
// The checks of checked builds. Rules: frame_checks.hpp; every access is relaxed because a bit guards only itself.
#include "frame_checks.hpp"

#include <algorithm>
#include <cstring>

#include "big_frames.hpp"
#include "frame_map.hpp"
#include "frame_poison.hpp"
#include "frame_regions.hpp"
#include "frame_source.hpp"
#include "weft/detail/expects.hpp"

namespace weft::sched {
namespace {

using detail::fail;
using detail::relaxed;

constexpr auto releasing = "release of a frame";
constexpr auto allocating = "allocation of a frame";
constexpr std::byte pattern{0xDD};
constexpr std::size_t link_bytes = sizeof(free_block);

constexpr auto first_live_words = [] {
  std::array<std::uint32_t, class_count> sums{};
  for (std::size_t k = 0; k < class_count; ++k) sums[k] = live_words_before(k);
  return sums;
}();

/// A block's bit among those of its class in its region.
struct live_bit {
  atomic<std::uint64_t>& word;
  std::uint64_t mask;

  live_bit(const void* block, std::size_t size_class) noexcept : live_bit(region_of(block), size_class, place_of(block, size_class)) {}
  live_bit(region& in, std::size_t size_class, std::uint32_t place) noexcept
      : word(in.live[first_live_words[size_class] + place / 64]), mask(std::uint64_t{1} << place % 64) {}

  bool set() noexcept { return (word.fetch_or(mask, relaxed) & mask) == 0; }     // guards only itself
  bool clear() noexcept { return (word.fetch_and(~mask, relaxed) & mask) != 0; }  // guards only itself
};

void poison(std::byte* block, std::size_t size_class) noexcept {
  const std::size_t bytes = block_bytes[size_class] - link_bytes;
  ASAN_UNPOISON_MEMORY_REGION(block, block_bytes[size_class]);  // the end of the frame that was here
  std::memset(block + link_bytes, static_cast<int>(pattern), bytes);
  ASAN_POISON_MEMORY_REGION(block + link_bytes, bytes);
}

/// Whether a block starts at this address, which lies in a region.
bool is_block_start(const void* pointer, std::size_t size_class) noexcept {
  if (size_class == 0) return false;
  region& in = region_of(pointer);
  const auto* address = static_cast<const std::byte*>(pointer);
  const std::byte* first = block_at(in, size_class, 0);
  const std::byte* end = block_at(in, size_class, blocks_per_slab(size_class));
  return address >= first && address < end && static_cast<std::size_t>(address - first) % block_bytes[size_class] == 0;
}

void check_released_block(void* block, std::size_t bytes) noexcept {
  const std::size_t size_class = detail::class_of(block);
  if (!is_block_start(block, size_class)) fail(releasing, "this address is not where a frame starts");
  if (bytes != 0 && (bytes > largest_block || size_class_for(bytes) != size_class)) {
    fail(releasing, "the size is not the one it was allocated with (wrong size class)");
  }
  if (!live_bit(block, size_class).clear()) fail(releasing, "it is free already (released twice, or never allocated)");
  poison(static_cast<std::byte*>(block), size_class);
}

}  // namespace

void poison_fresh(std::byte* block, std::size_t size_class) noexcept { poison(block, size_class); }

}  // namespace weft::sched

namespace weft::detail {

void check_allocated(void* block, std::size_t bytes) noexcept {
  using namespace sched;
  if (source_of_frames() == frame_source::heap || class_of(block) == 0) return;
  const std::size_t size_class = class_of(block);
  if (!live_bit(block, size_class).set()) fail(allocating, "the pool holds a frame that is in use (it was released while free or twice)");
  auto* start = static_cast<std::byte*>(block);
  auto* end = start + block_bytes[size_class];
  ASAN_UNPOISON_MEMORY_REGION(start, block_bytes[size_class]);
  if (!std::all_of(start + link_bytes, end, [](std::byte b) { return b == pattern; })) fail(allocating, "a released frame was written to");
  ASAN_POISON_MEMORY_REGION(start + bytes, block_bytes[size_class] - bytes);
}

void check_released(void* block, std::size_t bytes) noexcept {
  using namespace sched;
  if (source_of_frames() == frame_source::heap) return;
  switch (kind_at(block)) {
    case mapping_kind::none: fail(releasing, "this address was never given out as a frame, or it was a large frame released before");
    case mapping_kind::big_frame:
      if (!is_big_frame(block)) fail(releasing, "this address is not where a frame starts");
      if (bytes != 0 && !big_frame_holds(block, bytes)) fail(releasing, "the size is not the one it was allocated with (wrong size class)");
      return;
    case mapping_kind::region: check_released_block(block, bytes);
  }
}

}  // namespace weft::detail
