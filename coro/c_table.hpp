// SPDX-License-Identifier: Apache-2.0
//
// What C's handles stand for: a table of slots, in which a handle is looked up before each use.
//
// Shape: slots in segments, each twice as long as the one before, which are never moved or given back. A token names a slot and the
//   generation of it that it was made for; the slot's word says which generation that is, and who keeps it.
//
//     token {index, generation}  ->  segment[..][index]: | word {generation, kind, references, pins} | thing | next free |
//
//   A reference is C's; a pin is a call's that is at work with the thing. With the last reference the token is dead; when the last pin is
//   gone, too, the thing is whoever's took that, the generation is one more, and the slot is free. So a token that was released once too
//   often takes no pin away: the thing stays as long as the call.
//   A generation is never given again: a slot whose generations are used up is left out for good, 24 bytes in 2^32 uses.
//
// Who touches what
//   word       anyone's, by compare-exchange; a store only without a reference or pin, by who made it so, or took it off the free list
//   thing      written by whoever stores the word, read under a pin
//   next       written by whoever pushes the slot, read by whoever tries to pop it
//   free       by compare-exchange, anyone's: {first + 1, tag}
//   carved     by compare-exchange, anyone's: how many slots have been in use
//   segments   once each, by compare-exchange
//
// Invariants
//   I1  A word without references gets none but by the store that makes the slot's next token, so that a dead token stays dead.
//   I2  Each push moves the tag: who slept over a pop and a push of the same slot, and holds a stale `next`, fails.
//
// Edges
//   E1  token    make()'s store of the word (release)  ->  pin() (acquire): it sees the thing. All later writes are read-modify-writes,
//                so each continues that release sequence.
//   E2  last     unpin(), release() (release)  ->  the last one (acquire): what was done with the thing is done.
//   E3  free     a push (release)  ->  a pop (acquire): it sees the next free slot, and the generation of this one.
//   E4  segment  its publication (release)  ->  whoever looks for a slot (acquire): it sees the slots.
//
// Progress  lock-free: a failed compare-exchange means that another one succeeded. A new segment is allocated.
// Cost      a compare-exchange for a pin, one for its end.
// Checked   tests/unit/c_table_test.cpp, tests/stress/c_table_stress.cpp, tests/model/c_table_model.cpp
// From      Treiber 1986 with IBM's counted pointer, as scheduler/frame_exchange.hpp; generations as in handle tables of games.
#pragma once

#include "weft/detail/sync.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace weft::coro {

using detail::acq_rel;
using detail::acquire;
using detail::atomic;
using detail::relaxed;
using detail::release;

/// What a handle says. No token is null: generations start at 1.
struct c_token {
  std::uint32_t index = 0;
  std::uint32_t generation = 0;

  static c_token of(const void* handle) noexcept {
    static_assert(sizeof(std::uintptr_t) == 8, "a handle holds an index and a generation, of 32 bits each");
    const auto bits = reinterpret_cast<std::uintptr_t>(handle);
    return {static_cast<std::uint32_t>(bits), static_cast<std::uint32_t>(bits >> 32)};
  }
  [[nodiscard]] void* handle() const noexcept {
    return reinterpret_cast<void*>(std::uintptr_t{generation} << 32 | index);  // NOLINT: it is never followed
  }
  [[nodiscard]] bool is_null() const noexcept { return generation == 0; }
};

/// What a token may stand for; a handle of one is not taken for another.
enum class c_kind : std::uint8_t { object, exception, frame };

/// What a slot's word says.
struct c_slot_word {
  static constexpr unsigned pin_bits = 12;
  static constexpr unsigned reference_bits = 18;
  static constexpr std::uint32_t most_pins = (1U << pin_bits) - 1;
  static constexpr std::uint32_t most_references = (1U << reference_bits) - 1;

  std::uint32_t generation = 1;
  c_kind kind = c_kind::object;
  std::uint32_t references = 0;
  std::uint32_t pins = 0;

  static constexpr c_slot_word unpack(std::uint64_t word) noexcept {
    return {static_cast<std::uint32_t>(word >> 32), static_cast<c_kind>(word >> 30 & 3),
            static_cast<std::uint32_t>(word >> pin_bits) & most_references, static_cast<std::uint32_t>(word) & most_pins};
  }
  [[nodiscard]] constexpr std::uint64_t packed() const noexcept {
    return std::uint64_t{generation} << 32 | std::uint64_t{static_cast<std::uint8_t>(kind)} << 30 | std::uint64_t{references} << pin_bits |
           pins;
  }
  /// Whether nobody keeps it.
  [[nodiscard]] constexpr bool is_free() const noexcept { return references == 0 && pins == 0; }
};

/// How a token was received.
enum class c_access {
  granted,
  stale,       // it was released, or never was one
  other_kind,  // it stands for something else
  crowded,     // there are as many references or pins as can be counted
};

/// How it was received, and what it stands for; of release(): what is the caller's now to destroy, or null.
struct c_found {
  c_access access;
  void* thing = nullptr;
};

/// The table. Every call from any thread.
class c_table {
 public:
  /// `last_generation`: after which a slot is used no more.
  explicit constexpr c_table(std::uint32_t last_generation = 0xffff'ffff) noexcept : last_generation_(last_generation) {}
  c_table(const c_table&) = delete;
  c_table& operator=(const c_table&) = delete;
  ~c_table();

  /// A token for `thing`, with one reference. Null if memory is out.
  [[nodiscard]] c_token make(c_kind kind, void* thing) noexcept;

  /// Keeps the thing until unpin().
  [[nodiscard]] c_found pin(c_token token, c_kind kind) noexcept;
  /// Gives what is the caller's now to destroy, or null.
  [[nodiscard]] void* unpin(c_token token) noexcept;

  /// One reference more, or less.
  [[nodiscard]] c_access retain(c_token token, c_kind kind) noexcept;
  [[nodiscard]] c_found release_reference(c_token token, c_kind kind) noexcept;

 private:
  struct slot {
    atomic<std::uint64_t> word{c_slot_word{}.packed()};  // a c_slot_word; E1 E2
    void* thing = nullptr;
    atomic<std::uint32_t> next{0};  // of a free slot: the index of the next one, plus 1; 0: none. E3
  };

  static constexpr std::uint32_t first_length = static_cast<std::uint32_t>(detail::sized(64, 1));
  static constexpr std::size_t segment_count = detail::sized(24, 3);
  static constexpr std::uint32_t most_slots = first_length * ((1U << segment_count) - 1);

  /// The slot of that index, or null if there is none yet.
  [[nodiscard]] slot* find(std::uint32_t index) noexcept;
  /// Sees to it that there is one. False: memory is out.
  [[nodiscard]] bool provide(std::uint32_t index) noexcept;
  /// A slot that nobody uses: its index plus 1, or 0.
  [[nodiscard]] std::uint32_t pop_free() noexcept;
  [[nodiscard]] std::uint32_t carve() noexcept;
  void push_free(std::uint32_t index, slot& s) noexcept;
  [[nodiscard]] void* vacate(std::uint32_t index, slot& s, std::uint32_t generation) noexcept;

  std::uint32_t last_generation_;
  atomic<std::uint32_t> carved_{0};                      // slots that have been in use: by CAS, anyone's
  atomic<std::uint64_t> free_{0};                        // {tag, first + 1}: by CAS, anyone's; E3
  std::array<atomic<slot*>, segment_count> segments_{};  // once each, by CAS; E4
};

}  // namespace weft::coro
