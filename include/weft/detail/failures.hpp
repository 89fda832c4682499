// SPDX-License-Identifier: Apache-2.0
//
// The failed children of a join, taken off its parent: which slots have no value, and what to throw.
#pragma once

#include "weft/detail/frame_head.hpp"
#include "weft/detail/join.hpp"

#include <cstddef>
#include <exception>
#include <vector>

namespace weft::detail {

/// One failed child.
struct failed_child {
  std::size_t place;  // bytes from the parent to its slot
  std::exception_ptr what;
};

/// The failures of one join in child order. Takes them off the parent and destroys the failed frames.
class failure_list {
 public:
  /// None.
  failure_list() = default;
  /// Those of the join that `parent` waited for.
  explicit failure_list(frame* parent) { take_from(parent); }

  /// Adds those of another parent whose slots come after all slots so far.
  void take_from(frame* parent);

  [[nodiscard]] bool is_empty() const noexcept { return failed_.empty(); }
  /// What the child of slot `place` below `parent` threw, or null if it has a value.
  [[nodiscard]] std::exception_ptr of(const frame* parent, const void* place) const noexcept;

  /// Throws the one failure as it is, several as a group.
  [[noreturn]] void throw_all() const;

 private:
  struct entry {
    const frame* parent;
    failed_child child;
  };
  std::vector<entry> failed_;
};

/// Destroys the value in a slot, if there is something to destroy.
template <class T>
WEFT_INLINE void destroy_value(slot<T>& s) noexcept {
  using held = typename stored<T>::type;
  if constexpr (!std::is_trivially_destructible_v<held>) s.value.~held();
}

/// Destroys the values in slots [first, first + count).
template <class T>
WEFT_INLINE void destroy_slots(slot<T>* first, std::size_t count) noexcept {
  if constexpr (!std::is_trivially_destructible_v<typename stored<T>::type>)
    for (std::size_t i = 0; i < count; ++i) destroy_value(first[i]);
}

/// The value in a slot, as a reference to it.
template <class T>
  requires(!std::is_void_v<T>)
WEFT_INLINE std::remove_reference_t<T>& value_of(slot<T>& s) noexcept {
  if constexpr (std::is_reference_v<T>)
    return *s.value;
  else
    return s.value;
}

/// Destroys the values of the children that did not fail, in slots [first, first + count).
template <class T>
void destroy_values(const failure_list& failures, const frame* parent, slot<T>* first, std::size_t count) noexcept {
  if constexpr (!std::is_trivially_destructible_v<typename stored<T>::type>)
    for (slot<T>* s = first; s != first + count; ++s)
      if (failures.of(parent, s) == nullptr) destroy_value(*s);
}

/// How far a join in a frame has come: who owns what the slots hold.
class join_stage {
 public:
  /// The slots hold tasks that were not started.
  [[nodiscard]] bool is_fresh() const noexcept { return parent_ == nullptr; }
  /// The slots hold values.
  [[nodiscard]] bool has_values() const noexcept { return parent_ == with_values; }

  void start(frame* parent) noexcept { parent_ = parent; }
  void fill() noexcept { parent_ = with_values; }
  void empty() noexcept { parent_ = emptied; }
  [[nodiscard]] frame* parent() const noexcept { return parent_; }

 private:
  static inline frame* const with_values = reinterpret_cast<frame*>(1);
  static inline frame* const emptied = reinterpret_cast<frame*>(2);
  frame* parent_ = nullptr;  // the awaiting frame while children run
};

}  // namespace weft::detail
