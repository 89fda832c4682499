// SPDX-License-Identifier: Apache-2.0
//
// Frames with a mapping of their own. Rules: big_frames.hpp.
//
// Edges
//   E1  mapping   the CAS that puts it into a slot (release)  ->  the exchange that claims it (acquire)
#include "big_frames.hpp"

#include <new>

#include "frame_budget.hpp"
#include "frame_map.hpp"
#include "frame_trim.hpp"
#include "pages.hpp"
#include "weft/detail/expects.hpp"

namespace weft::sched {
namespace {

using detail::acquire;
using detail::atomic;
using detail::relaxed;
using detail::release;

struct alignas(detail::line_bytes) big_mapping {
  std::size_t bytes;
  std::uint64_t mark;  // tells a large frame from a wild pointer in every build
};
constexpr std::uint64_t big_mark = 0x6269672d6672616d;

constexpr std::size_t keep_limit = std::size_t{1} << 20;  // larger mappings cost more to hold than to make
constinit atomic<big_mapping*> kept[8];
constinit atomic<std::size_t> live{0};          // added to by all, read by statistics
constinit atomic<std::size_t> mapped_bytes{0};  // added to by all, read by statistics

void unmap(big_mapping* mapping) noexcept {
  const std::size_t bytes = mapping->bytes;
  if constexpr (detail::checked_frames) forget_mapping(mapping);
  mapping->mark = 0;
  unmap_pages(mapping, bytes);
  mapped_bytes.fetch_sub(bytes, relaxed);  // a gauge
  discharge(bytes);
}

bool keep(big_mapping* mapping) noexcept {
  // A checked build unmaps at once, so that whoever still uses the frame is caught in the act.
  if (detail::checked_frames || mapping->bytes > keep_limit) return false;
  for (atomic<big_mapping*>& slot : kept) {
    big_mapping* empty = nullptr;
    if (slot.load(relaxed) == nullptr && slot.compare_exchange_strong(empty, mapping, release, relaxed)) return true;  // E1
  }
  return false;
}

/// A kept mapping that holds `bytes` and wastes no more than as much again, or null.
big_mapping* claim(std::size_t bytes) noexcept {
  for (atomic<big_mapping*>& slot : kept) {
    if (slot.load(relaxed) == nullptr) continue;  // only a hint
    big_mapping* mapping = slot.exchange(nullptr, acquire);  // E1
    if (mapping == nullptr) continue;
    if (mapping->bytes >= bytes && mapping->bytes / 2 <= bytes) return mapping;
    if (!keep(mapping)) unmap(mapping);
  }
  return nullptr;
}

big_mapping* map_new(std::size_t bytes) noexcept {
  if (!charge(bytes) && !charge_or_trim(bytes, hold_growth())) return nullptr;
  void* memory = map_pages(bytes, region_bytes);
  if (memory == nullptr || !note_mapping(memory, mapping_kind::big_frame)) {
    if (memory != nullptr) unmap_pages(memory, bytes);
    discharge(bytes);
    return nullptr;
  }
  mapped_bytes.fetch_add(bytes, relaxed);  // a gauge
  return ::new (memory) big_mapping{bytes, big_mark};
}

big_mapping* mapping_of(const void* frame) noexcept { return static_cast<big_mapping*>(const_cast<void*>(frame)) - 1; }

}  // namespace

void* allocate_big_frame(std::size_t bytes) noexcept {
  if (bytes > static_cast<std::size_t>(-1) - sizeof(big_mapping)) return nullptr;
  const std::size_t rounded = round_to_pages(bytes + sizeof(big_mapping));
  if (rounded == 0) return nullptr;
  big_mapping* mapping = claim(rounded);
  if (mapping == nullptr) mapping = map_new(rounded);
  if (mapping == nullptr) return nullptr;
  live.fetch_add(1, relaxed);  // a gauge
  return mapping + 1;
}

void release_big_frame(void* frame) noexcept {
  big_mapping* mapping = mapping_of(frame);
  if (mapping->mark != big_mark) detail::fail("release of a frame", "this address was never given out as a frame");
  live.fetch_sub(1, relaxed);  // a gauge
  if (!keep(mapping)) unmap(mapping);
}

bool is_big_frame(const void* pointer) noexcept {
  return kind_at(pointer) == mapping_kind::big_frame && reinterpret_cast<std::uintptr_t>(pointer) % region_bytes == sizeof(big_mapping);
}

bool big_frame_holds(const void* frame, std::size_t bytes) noexcept {
  return bytes > largest_block && bytes <= mapping_of(frame)->bytes - sizeof(big_mapping);
}

std::size_t drop_kept_big_frames() noexcept {
  std::size_t bytes = 0;
  for (atomic<big_mapping*>& slot : kept) {
    big_mapping* mapping = slot.exchange(nullptr, acquire);  // E1
    if (mapping == nullptr) continue;
    bytes += mapping->bytes;
    unmap(mapping);
  }
  return bytes;
}

std::size_t live_big_frames() noexcept {
  return live.load(relaxed);  // a gauge
}

std::size_t big_frame_bytes() noexcept {
  return mapped_bytes.load(relaxed);  // a gauge
}

}  // namespace weft::sched
