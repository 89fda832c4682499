// SPDX-License-Identifier: Apache-2.0
//
// The links of a circular list through objects that derive from it: a list's head is a link, too, and taking one out needs no head.
#pragma once

namespace weft::detail {

/// In no list it is a list of one. Not moved, not copied; whoever guards the list touches it.
struct list_link {
  list_link* previous = this;
  list_link* next = this;

  list_link() noexcept = default;
  list_link(const list_link&) = delete;
  list_link& operator=(const list_link&) = delete;
  ~list_link() = default;

  /// Of a head: whether nothing is in its list.
  [[nodiscard]] bool is_alone() const noexcept { return next == this; }
  /// Of a head: puts `last`, which is in no list, at the end.
  void append(list_link& last) noexcept {
    last.previous = previous;
    last.next = this;
    previous->next = &last;
    previous = &last;
  }
  /// Takes it out of the list it is in, if any.
  void take_out() noexcept {
    previous->next = next;
    next->previous = previous;
    previous = next = this;
  }
};

}  // namespace weft::detail
