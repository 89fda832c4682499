// SPDX-License-Identifier: Apache-2.0
//
// What the scheduler knows of a coroutine frame: the first words of every weft promise, at one fixed place.
//
// Shape: the ABI shared by clang and g++ starts a frame with two code pointers (resume, destroy); the promise follows at
//   16 bytes if its alignment is at most 16. So `frame` is what stands at a coroutine_handle's address, and an object of
//   ours that starts like it (a root, a hop, a chunk of a join) is resumed like a coroutine: its `resume` is a function.
//
// Who touches what
//   parent, level, join   whoever runs the frame, or is about to make it ready
//   link    as a ready frame: the next one of the injection list, see pack_failures
//           as a finished frame that failed: the next failure
//           as a waiting frame: the state of its join, touched by its children on any worker
#pragma once

#include "weft/detail/sync.hpp"

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <new>

namespace weft::detail {

struct frame;
struct context;

/// How a frame hangs below its parent; the low bits may hold the id of the scheduler that a joined child has left.
struct tag {
  static constexpr std::uint16_t chained = 0;       // awaited alone: goes where its awaiter goes, and takes it along
  static constexpr std::uint16_t joined = 0x8000;   // one child of a join, which resumes at home
  static constexpr std::uint16_t rooted = 0x4000;   // below a root or a hop, which know their home themselves
  static constexpr std::uint16_t home_ids = 0x3fff;
};

/// What a child knows of the join it belongs to; written whole, by one store.
struct alignas(8) join_place {
  std::uint16_t others;  // siblings that this frame does not answer for; 0 at its end: it resumes the parent
  std::uint16_t total;   // children of the join
  std::uint16_t slot;    // where its result goes: bytes / 8 from the parent
  std::uint16_t tag;

  static constexpr std::uint16_t long_way = 0x8000;  // in both counts, so that their difference stays, and others is not 0

  /// How many finished siblings this frame and its own end stand for.
  [[nodiscard]] unsigned credit() const noexcept { return static_cast<unsigned>(total - others); }
  /// This frame also answers for `n` more siblings.
  void answer_for(unsigned n) noexcept { others = static_cast<std::uint16_t>(others - n); }
  /// Its end must not be taken for that of an ordinary child: it failed, or it left its home.
  void take_long_way() noexcept {
    others |= long_way;
    total |= long_way;
  }
};

/// First base of every weft promise.
struct frame_head {
  frame* parent;                    // bit 0: this frame failed
  union {
    context* level;                 // cancellation, deadline and locals that the frame runs under
    void* failure;                  // once failed: an exception_ptr, see take_failure()
  };
  union {
    atomic<std::uint64_t> link;     // in a union, so that making a frame does not write it
  };
  join_place join;

  frame_head() noexcept {}          // the parent fills it in; nothing is written before
};

/// A coroutine frame as the ABI lays it out, or an object of ours that looks like one.
struct frame {
  void (*resume)(frame*);
  void (*destroy)(frame*);
  frame_head head;
};

static_assert(sizeof(frame_head) == 32 && offsetof(frame, head) == 16);

WEFT_INLINE frame* frame_at(void* address) noexcept { return static_cast<frame*>(address); }

/// A function of ours for frame::resume, hidden from the optimiser: clang calls the functions of coroutines by a convention of
/// its own, and would take such a call of a plain function for one that cannot happen.
WEFT_INLINE auto as_resumed(void (*function)(frame*)) noexcept {
  asm("" : "+r"(function));
  return function;
}

template <class Promise>
WEFT_INLINE frame* frame_of(std::coroutine_handle<Promise> handle) noexcept {
  static_assert(alignof(Promise) <= 16, "the head must lie at a fixed place in the frame");
  return frame_at(handle.address());
}

/// The parent of a finished frame, whether it failed or not.
WEFT_INLINE frame* parent_of(const frame_head& head) noexcept {
  return reinterpret_cast<frame*>(reinterpret_cast<std::uintptr_t>(head.parent) & ~std::uintptr_t{1});
}
WEFT_INLINE bool is_failed(const frame_head& head) noexcept { return (reinterpret_cast<std::uintptr_t>(head.parent) & 1) != 0; }

/// Where a child's result is written, seen from its parent.
WEFT_INLINE void* slot_address(const frame_head& child) noexcept {
  return reinterpret_cast<char*>(child.parent) + std::size_t{child.join.slot} * 8;
}

/// The state of a join, in the link of the waiting frame: children not yet accounted for, and the list of failed ones.
struct join_state {
  static constexpr unsigned count_bits = 16;
  static constexpr std::uint64_t count_mask = (std::uint64_t{1} << count_bits) - 1;
  static constexpr std::size_t most_children = join_place::long_way - 1;

  std::uint64_t word;

  [[nodiscard]] std::uint64_t remaining() const noexcept { return word & count_mask; }
  [[nodiscard]] bool has_failures() const noexcept { return word > count_mask; }
  [[nodiscard]] frame* first_failure() const noexcept { return reinterpret_cast<frame*>(word >> count_bits); }
  [[nodiscard]] join_state with_failure(frame* failed) const noexcept {
    return {reinterpret_cast<std::uint64_t>(failed) << count_bits | remaining()};
  }
};

/// An injection list takes the link of a frame, in which one that waited for children finds their failures. For the journey
/// its level gives way to the first failed child, marked by bit 0, which keeps the level in the place of its parent.
/// Before a frame whose children have all ended is injected.
inline void pack_failures(frame* f) noexcept {
  const join_state state{f->head.link.load(relaxed)};  // ours: nobody else has the frame
  if (!state.has_failures()) return;
  frame* const first = state.first_failure();
  first->head.parent = reinterpret_cast<frame*>(f->head.level);
  f->head.level = reinterpret_cast<context*>(reinterpret_cast<std::uintptr_t>(first) | 1);
}

/// After any frame was taken from an injection list: its link is a join's again.
inline void unpack_failures(frame* f) noexcept {
  const auto level = reinterpret_cast<std::uintptr_t>(f->head.level);
  if ((level & 1) == 0) [[likely]]
    return f->head.link.store(0, relaxed);  // ours: nobody else has the frame
  frame* const first = reinterpret_cast<frame*>(level & ~std::uintptr_t{1});
  f->head.level = reinterpret_cast<context*>(first->head.parent);
  first->head.parent = reinterpret_cast<frame*>(reinterpret_cast<std::uintptr_t>(f) | 1);
  f->head.link.store(join_state{0}.with_failure(first).word, relaxed);  // as above
}

}  // namespace weft::detail
