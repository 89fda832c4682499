// SPDX-License-Identifier: Apache-2.0
//
// Which addresses are frames: what checked builds ask before they believe a pointer. Other builds keep no map.
//
// Shape: a byte for each 2 MiB of address space, in leaves that are mapped on first use and stay.
//
// Who touches what
//   leaves   written once each, by CAS, by whoever first maps something there
//   kinds    written by whoever maps or unmaps there; read by whoever holds a pointer of unknown origin
//
// Edges
//   E1  leaf   the CAS that installs a leaf (release)  ->  a load of it (acquire): the leaf reads as zeroes.
//   Kinds are relaxed: whoever got a pointer honestly has seen its mapping made; other pointers are wrong anyway.
//
// Checked   tests/unit/frame_checks_test.cpp
#pragma once

#include <cstdint>

namespace weft::sched {

enum class mapping_kind : std::uint8_t { none, region, big_frame };

/// Says what starts at `start`, a multiple of region_bytes. False: there is no memory for the note.
[[nodiscard]] bool note_mapping(const void* start, mapping_kind kind) noexcept;

/// Says that what starts there is going to be unmapped.
void forget_mapping(const void* start) noexcept;

/// What the 2 MiB around any pointer are. Any thread.
[[nodiscard]] mapping_kind kind_at(const void* pointer) noexcept;

}  // namespace weft::sched
