// SPDX-License-Identifier: Apache-2.0
//
// Frames made ready from outside: an intrusive list that any thread adds to and a worker takes whole, and that can be closed.
//
// Shape: one word: the newest frame, linked to older ones through frame_head::link; bit 0: closed. Taking it whole means
//   that no link is read by two threads, so there is no ABA. Worked off oldest first.
//
// Who touches what
//   head_   anyone by CAS (push), a worker by fetch_and (take), stop by fetch_or (close)
//   link    of a frame in the list: written by its pusher before the CAS, read by the one who took the list
//
// Edges
//   E1  frame   push's CAS (release) -> take's fetch_and (acquire): the frame and its link are seen. The other pushes in
//               between are read-modify-writes and pass it on.
//   E2  sleep   push's CAS, then a load of the idle word; its partner announces a sleeper, then loads head_ in is_empty.
//               All four seq_cst: one of the two sees the other.
//
// Progress  push is lock-free; take and close are wait-free but for the hardware's fetch_and.
// Checked   tests/unit/injection_test.cpp, tests/stress/injection_stress.cpp, tests/model/injection_model.cpp
#pragma once

#include "weft/detail/frame_head.hpp"
#include "weft/detail/sync.hpp"

#include <cstdint>

namespace weft::sched {

using detail::frame;

/// Frames, newest first, as they were linked.
class frame_list {
 public:
  explicit frame_list(frame* newest) noexcept : newest_(newest) {}
  [[nodiscard]] bool is_empty() const noexcept { return newest_ == nullptr; }
  /// Takes the newest.
  frame* pop() noexcept {
    frame* const f = newest_;
    newest_ = reinterpret_cast<frame*>(f->head.link.load(detail::relaxed));  // ours since take, E1
    return f;
  }

 private:
  frame* newest_;
};

/// Multi-producer, multi-consumer, taken whole.
class injection {
 public:
  /// Adds a frame. False: closed; the frame is still the caller's. Any thread.
  [[nodiscard]] bool push(frame* f) noexcept {
    std::uintptr_t head = head_.load(detail::relaxed);  // the CAS decides
    do {
      if ((head & closed) != 0) return false;
      f->head.link.store(head, detail::relaxed);  // published by the CAS, E1
    } while (!head_.compare_exchange_weak(head, reinterpret_cast<std::uintptr_t>(f), detail::seq_cst, detail::relaxed));  // E1 E2
    return true;
  }

  /// Takes all frames. Any thread.
  [[nodiscard]] frame_list take() noexcept {
    if (is_empty()) return frame_list(nullptr);
    return frame_list(reinterpret_cast<frame*>(head_.fetch_and(closed, detail::acquire) & ~closed));  // E1
  }

  /// Refuses frames from now on, and takes what is there. Any thread.
  [[nodiscard]] frame_list close() noexcept {
    const std::uintptr_t head = head_.exchange(closed, detail::acquire);  // E1
    return frame_list(reinterpret_cast<frame*>(head & ~closed));
  }

  [[nodiscard]] bool is_empty() const noexcept { return (head_.load(detail::seq_cst) & ~closed) == 0; }  // E2

 private:
  static constexpr std::uintptr_t closed = 1;
  alignas(64) detail::atomic<std::uintptr_t> head_{0};  // E1, E2
};

}  // namespace weft::sched
