// SPDX-License-Identifier: Apache-2.0
//
// Regions of frames: made, found by number, and the arithmetic between blocks and their names.
//
// Edges
//   There are none: what is written here reaches its readers along with the first block of the new region (I1 in
//   frame_regions.hpp).
#include "frame_regions.hpp"

#include "frame_map.hpp"
#include "pages.hpp"

namespace weft::sched {
namespace {

using detail::relaxed;

constexpr auto first_links = [] {
  std::array<std::uint32_t, class_count> sums{};
  for (std::size_t k = 0; k < class_count; ++k) sums[k] = links_before(k);
  return sums;
}();

// Where each span of the directory lies. Written under the growth lock by whoever makes the span's first region.
constinit atomic<atomic<region*>*> spans[region_limit / directory_span];

// Regions made. Written under the growth lock.
constinit atomic<std::uint32_t> regions_made{0};

}  // namespace

bool add_region() noexcept {
  const std::uint32_t number = regions_made.load(relaxed) + 1;  // only the lock's holder writes it
  if (number == region_limit) return false;
  void* memory = map_pages(region_bytes, region_bytes);
  if (memory == nullptr) return false;
  if (!note_mapping(memory, mapping_kind::region)) {
    unmap_pages(memory, region_bytes);
    return false;
  }
  // A class has a 32nd of each region: huge pages would back the other classes' slabs, which may never be used.
  keep_small_pages(memory, region_bytes);
  auto* made = static_cast<region*>(memory);
  made->number = number;
  atomic<atomic<region*>*>& span = spans[number / directory_span];
  if (span.load(relaxed) == nullptr) span.store(made->directory, relaxed);                    // I1
  span.load(relaxed)[number % directory_span].store(made, relaxed);                           // I1
  regions_made.store(number, relaxed);                                                        // I1
  return true;
}

std::uint32_t region_count() noexcept {
  return regions_made.load(relaxed);  // a statistic
}

region& region_numbered(std::uint32_t number) noexcept {
  return *spans[number / directory_span].load(relaxed)[number % directory_span].load(relaxed);  // I1
}

std::uint32_t place_of(const void* block, std::size_t size_class) noexcept {
  const std::size_t offset = reinterpret_cast<std::uintptr_t>(block) % slab_bytes;
  const std::size_t first = first_block_offset(size_class, region_of(block).number);
  return static_cast<std::uint32_t>(offset - first) / block_bytes[size_class];
}

std::byte* block_at(region& in, std::size_t size_class, std::uint32_t place) noexcept {
  return slab_start(in, size_class) + first_block_offset(size_class, in.number) + std::size_t{place} * block_bytes[size_class];
}

block_name name_of(const free_block* block, std::size_t size_class) noexcept {
  return region_of(block).number << place_bits | place_of(block, size_class);
}

free_block* named_block(block_name name, std::size_t size_class) noexcept {
  region& in = region_numbered(name >> place_bits);
  return reinterpret_cast<free_block*>(block_at(in, size_class, name % (1u << place_bits)));
}

atomic<block_name>& link_of(block_name name, std::size_t size_class) noexcept {
  return region_numbered(name >> place_bits).links[first_links[size_class] + name % (1u << place_bits)];
}

}  // namespace weft::sched
