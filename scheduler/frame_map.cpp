// SPDX-License-Identifier: Apache-2.0
//
// The map of frame addresses. Rules: frame_map.hpp.
//
// Edges
//   E1  leaf   the CAS that installs a leaf (release)  ->  a load of it (acquire)
#include "frame_map.hpp"

#include "frame_classes.hpp"
#include "pages.hpp"

namespace weft::sched {
namespace {

using detail::acquire;
using detail::atomic;
using detail::relaxed;
using detail::release;

constexpr unsigned address_bits = 48;
constexpr unsigned unit_bits = 21;
constexpr unsigned leaf_bits = 14;
constexpr std::size_t leaf_bytes = std::size_t{1} << leaf_bits;
static_assert(region_bytes == std::size_t{1} << unit_bits);

using kind_byte = atomic<mapping_kind>;
static_assert(sizeof(kind_byte) == 1);

constinit atomic<kind_byte*> leaves[std::size_t{1} << (address_bits - unit_bits - leaf_bits)];

atomic<kind_byte*>* leaf_for(const void* pointer) noexcept {
  const auto address = reinterpret_cast<std::uintptr_t>(pointer);
  return address >> address_bits == 0 ? &leaves[address >> (unit_bits + leaf_bits)] : nullptr;
}

std::size_t place_in_leaf(const void* pointer) noexcept {
  return reinterpret_cast<std::uintptr_t>(pointer) >> unit_bits & (leaf_bytes - 1);
}

}  // namespace

bool note_mapping(const void* start, mapping_kind kind) noexcept {
  if constexpr (!detail::checked_frames) return true;
  atomic<kind_byte*>* slot = leaf_for(start);
  if (slot == nullptr) return false;
  kind_byte* leaf = slot->load(acquire);  // E1
  if (leaf == nullptr) {
    auto* fresh = static_cast<kind_byte*>(map_pages(round_to_pages(leaf_bytes), page_bytes));
    if (fresh == nullptr) return false;
    if (slot->compare_exchange_strong(leaf, fresh, release, acquire)) {  // E1
      leaf = fresh;
    } else {
      unmap_pages(fresh, round_to_pages(leaf_bytes));
    }
  }
  leaf[place_in_leaf(start)].store(kind, relaxed);  // see the header
  return true;
}

void forget_mapping(const void* start) noexcept {
  if constexpr (!detail::checked_frames) return;
  leaf_for(start)->load(acquire)[place_in_leaf(start)].store(mapping_kind::none, relaxed);  // E1
}

mapping_kind kind_at(const void* pointer) noexcept {
  atomic<kind_byte*>* slot = leaf_for(pointer);
  const kind_byte* leaf = slot == nullptr ? nullptr : slot->load(acquire);              // E1
  return leaf == nullptr ? mapping_kind::none : leaf[place_in_leaf(pointer)].load(relaxed);  // see the header
}

}  // namespace weft::sched
