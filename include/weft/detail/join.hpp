// SPDX-License-Identifier: Apache-2.0
//
// How a child is hung below its parent, and how it ends: the result is in the parent's slot, and whoever accounts for the
// last child goes on in the parent.
//
// Credits: each child carries the number of siblings it does not answer for: all but itself, at first. A child that ends
//   with 0 others resumes the parent, and no atomic operation was needed: nobody else took part. Else it pops its deque:
//   a sibling is given what this one answered for, and runs next; anything else means that a sibling is elsewhere, and
//   what this one answers for is subtracted from the shared count in the parent's link. Who brings that to zero resumes the
//   parent. Given, not set: a sibling that suspended and became ready again may already answer for others.
//
// Who touches what
//   parent->link   set by the parent before its children are published; then by children that account apart (E1)
//   child's head   by the parent until the child is published; then by whoever runs it, or holds it popped
//
// Edges
//   E1  result   the subtraction by one child (release) -> by the one that reaches zero (acquire): it and the parent see
//                every result and every failure. Children that passed their credit on are ordered by the frame that took it.
//
// A failed child keeps its frame, with the exception in it, and is listed in the link of its parent. Nothing tests for it:
// its others are made not 0 and its parent's low bit is set, so that both comparisons on the way fail.
//
// Checked   tests/unit/join_test.cpp, tests/stress/fork_join_stress.cpp, tests/model/join_model.cpp
#pragma once

#include "weft/detail/expects.hpp"
#include "weft/detail/resume.hpp"
#include "weft/detail/worker.hpp"

#include <exception>
#include <type_traits>
#include <utility>

namespace weft::detail {

/// What a slot holds for a result of type T.
template <class T>
struct stored {
  using type = T;
};
template <class T>
struct stored<T&> {
  using type = T*;
};
struct nothing {};
template <>
struct stored<void> {
  using type = nothing;
};

/// In the parent: a child's frame until its result replaces it.
template <class T>
union slot {
  frame* child;
  typename stored<T>::type value;

  slot() noexcept {}  // an array of them costs nothing
  explicit slot(frame* f) noexcept : child(f) {}
  ~slot() {}
};

inline constexpr std::ptrdiff_t farthest_slot = std::ptrdiff_t{0xffff} * 8;

/// How many slots of T a frame can hold at most.
template <class T>
inline constexpr std::size_t most_slots = (farthest_slot - sizeof(frame)) / sizeof(slot<T>);

/// The distance of a slot from the frame that awaits, in units of 8 bytes. Throws usage_error if it is outside that frame, or
/// too far into it.
WEFT_INLINE std::uint16_t slot_distance(const frame* parent, const void* place, std::size_t bytes) {
  const std::ptrdiff_t distance = static_cast<const char*>(place) - reinterpret_cast<const char*>(parent);
  if (distance < 0 || distance + static_cast<std::ptrdiff_t>(bytes) > farthest_slot) [[unlikely]]
    reject("co_await", "the awaited object must live in the frame that awaits it, as a local or a temporary, within its first 512 KiB");
  return static_cast<std::uint16_t>(distance / 8);
}

/// Hangs `child` below `parent`. Before anything of the child is published.
WEFT_INLINE void attach(frame* parent, context* level, frame* child, join_place place) noexcept {
  child->head.parent = parent;
  child->head.level = level;
  child->head.join = place;
}

/// Hangs the only child of an await below `parent`, its result to go to `slot`.
template <class Slot>
WEFT_INLINE void attach_only(frame* parent, frame* child, Slot* slot, std::uint16_t how) {
  attach(parent, parent->head.level, child, {0, 1, slot_distance(parent, slot, sizeof(Slot)), how});
}

/// Tells the parent's link how many children there are. Before any is published.
WEFT_INLINE void expect_children(frame* parent, std::uint64_t count) noexcept {
  parent->head.link.store(count, relaxed);  // published with the children, by the deque
}

/// Whether a child of the join that `parent` waited for has failed. After it resumed.
WEFT_INLINE bool has_failures(const frame* parent) noexcept {
  return join_state{parent->head.link.load(relaxed)}.has_failures();  // ordered by E1 or by the credits
}

/// The long way for a finished child: accounts in the shared count. `popped`: what the deque gave, or null.
/// Returns the frame to go on in, if only the one that does nothing. Compiled in scheduler/join.cpp.
[[gnu::noinline]] frame* finish_apart(frame* finished, frame* popped) noexcept;

/// Destroys a suspended frame. Not through frame::destroy: where clang knows the coroutine, it takes a plain call of its function
/// for one that cannot happen. Compiled, so that no caller's compiler sees the frame end and puts it on the stack.
WEFT_COLD void destroy_frame(frame* f) noexcept;

/// Marks a frame as failed with the current exception. In unhandled_exception.
WEFT_COLD void mark_failed(frame_head& head) noexcept;

/// Takes the exception out of a failed frame and destroys the frame.
std::exception_ptr take_failure(frame* failed) noexcept;

/// The end of a child that frees itself: `Dispose` destroys or releases the frame. Returns where to go on.
template <class Dispose>
WEFT_INLINE frame* finish(frame* finished, worker& self, Dispose dispose) noexcept {
  frame* const parent = finished->head.parent;
  if (finished->head.join.others == 0) {
    dispose();
    return parent;
  }
  auto own = self.ready.as_owner();
  const std::uint64_t position = own.take_back();
  if (own.is_last(position)) [[unlikely]]
    return finish_apart(finished, own.pop_last(position));
  frame* const sibling = own.at(position);
  if (sibling->head.parent != parent) [[unlikely]]
    return finish_apart(finished, sibling);
  sibling->head.join.answer_for(finished->head.join.credit());
  dispose();
  return sibling;
}

/// The last thing every task does. `Promise::frees_itself`: nothing but memory is left of the frame by then.
struct final_awaiter {
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_resume() const noexcept {}

  template <class Promise>
  WEFT_INLINE std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> handle) const noexcept {
    frame* const finished = frame_of(handle);
    worker& self = current_worker();
    return transfer(finish(finished, self, [&] {
      if constexpr (Promise::frees_itself)
        release_frame(self, finished);
      else
        handle.destroy();
    }));
  }
};

}  // namespace weft::detail
