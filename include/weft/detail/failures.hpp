// SPDX-License-Identifier: Apache-2.0
//
// The failed children of a join, taken off its parent: which slots have no value, and what to throw.
#pragma once

#include "weft/detail/frame_head.hpp"
#include "weft/detail/join.hpp"

#include <cstddef>
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace weft::detail {

/// What a failed frame threw.
inline const std::exception_ptr& failure_of(const frame* failed) noexcept {
  return *std::launder(reinterpret_cast<const std::exception_ptr*>(&failed->head.failure));
}

/// The next failed child after `failed` in its list, or null.
inline frame* failure_after(const frame* failed) noexcept {
  return reinterpret_cast<frame*>(failed->head.link.load(relaxed));  // all children have accounted: ordered by E1 of join.hpp
}

/// The failed children of one join in child order, taken off the parent. Needs no memory of its own: it links their frames,
/// which hold the exceptions, and destroys them at its end.
class failure_list {
 public:
  /// None.
  failure_list() = default;
  /// Those of the join that `parent` waited for.
  explicit failure_list(frame* parent) noexcept { take_from(parent); }
  failure_list(failure_list&& other) noexcept : first_(std::exchange(other.first_, nullptr)), last_(std::exchange(other.last_, nullptr)) {}
  failure_list& operator=(failure_list&&) = delete;
  ~failure_list();

  /// Adds those of another parent, whose children come after all so far.
  void take_from(frame* parent) noexcept;

  [[nodiscard]] bool is_empty() const noexcept { return first_ == nullptr; }
  [[nodiscard]] const frame* first() const noexcept { return first_; }

  /// Throws the one failure as it is, several as a group.
  [[noreturn]] void throw_all() const;

 private:
  frame* first_ = nullptr;
  frame* last_ = nullptr;
};

/// What several have failed with, made one.
class failure_sum {
 public:
  /// Adds what comes next in the order of a group, and the name of whose it is. Of cancellations the first is kept, for the case that
  /// nothing else failed. Throws std::bad_alloc.
  void add(std::exception_ptr failure, std::string_view name = {});
  [[nodiscard]] bool is_empty() const noexcept { return failures_.empty() && cancelled_ == nullptr; }
  /// Throws the one failure as it is, several as a group. There is one.
  [[noreturn]] void throw_all();

 private:
  std::exception_ptr cancelled_;
  std::vector<std::exception_ptr> failures_;
  std::vector<std::string> names_;  // as many as had to be kept
};

/// Whether it is an operation_cancelled.
[[nodiscard]] bool is_cancellation(const std::exception_ptr& failure);

/// Throws the two failures of something and its cleanup, the first of which may be null: a cancellation only if nothing else failed, both
/// as a group.
[[noreturn]] void throw_both(const std::exception_ptr& first, const std::exception_ptr& second);

/// Tells slot by slot, in child order, which children failed.
class failure_cursor {
 public:
  explicit failure_cursor(const failure_list& failures) noexcept : next_(failures.first()) {}

  /// What the child of the slot at `place` threw, or null if it gave a value.
  [[nodiscard]] const std::exception_ptr* pass(const void* place) noexcept {
    if (next_ == nullptr || failed_slot(next_) != place) return nullptr;
    const frame* const failed = std::exchange(next_, failure_after(next_));
    return &failure_of(failed);
  }

 private:
  static const void* failed_slot(const frame* failed) noexcept {
    return reinterpret_cast<const char*>(parent_of(failed->head)) + std::size_t{failed->head.join.slot} * 8;
  }

  const frame* next_;
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
void destroy_values(failure_cursor& failures, slot<T>* first, std::size_t count) noexcept {
  for (slot<T>* s = first; s != first + count; ++s)
    if (failures.pass(s) == nullptr) destroy_value(*s);
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
