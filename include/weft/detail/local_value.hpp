// SPDX-License-Identifier: Apache-2.0
//
// The values of task locals that a task runs under: a list that is never changed, only added to at its inner end, and shared by all who
// inherited it. So whoever outlives the place where a value was set, as a spawned task does, keeps it by a count.
//
// Edges   E1  every drop of a count (release) -> the last one (acquire), which destroys the value.
// Cost    nothing where there are no locals: a null pointer is copied with the level. A spawn under locals: one addition.
// Checked tests/unit/task_local_test.cpp, tests/model/local_value_model.cpp
#pragma once

#include "weft/detail/frame_pool.hpp"
#include "weft/detail/sync.hpp"

#include <cstdint>
#include <new>
#include <utility>

namespace weft::detail {

/// Everything of a value but itself.
struct local_value {
  atomic<std::uint32_t> holders{1};  // E1
  const void* key = nullptr;         // the task_local
  local_value* outer = nullptr;      // what was there before; held
  void (*discard)(local_value&) noexcept = nullptr;  // destroys the value and gives the memory back
};

template <class T>
struct local_of : local_value {
  T value;
};

/// One more holder of a list, which may be null, by one who holds it. Gives it back.
[[nodiscard]] inline local_value* hold_locals(local_value* list) noexcept {
  if (list != nullptr) list->holders.fetch_add(1, relaxed);  // who adds holds it already
  return list;
}
/// One less. Any thread. Compiled in scheduler/locals.cpp.
void release_locals(local_value* list) noexcept;

/// The innermost value for `key` under which this thread runs, or null. Compiled there, too.
[[nodiscard]] const local_value* find_local(const void* key) noexcept;

/// A value of its own. Throws std::bad_alloc, and what moving it throws.
template <class T>
[[nodiscard]] local_value* make_local(const void* key, T&& value) {
  static_assert(alignof(local_of<T>) <= line_bytes, "a task local may be aligned to 64 bytes at most");
  void* const block = allocate_frame(sizeof(local_of<T>));
  try {
    auto* const made = ::new (block) local_of<T>{{}, std::move(value)};
    made->key = key;
    made->discard = [](local_value& self) noexcept {
      auto& whole = static_cast<local_of<T>&>(self);
      whole.~local_of<T>();
      release_frame(&whole, sizeof(local_of<T>));
    };
    return made;
  } catch (...) {
    release_frame(block, sizeof(local_of<T>));
    throw;
  }
}

/// Holds a list, or none.
class held_locals {
 public:
  held_locals() noexcept = default;
  held_locals(const held_locals&) = delete;
  held_locals& operator=(const held_locals&) = delete;
  ~held_locals() { release_locals(list_); }

  [[nodiscard]] local_value* get() const noexcept { return list_; }
  /// Holds another one, of which the caller gives up a count.
  void take(local_value* list) noexcept { release_locals(std::exchange(list_, list)); }

 private:
  local_value* list_ = nullptr;
};

}  // namespace weft::detail
