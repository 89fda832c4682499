// SPDX-License-Identifier: Apache-2.0
//
// The results of a scope's children in the order in which they come, and the one task that waits for the next.
//
// Who touches what: all of it under its lock. A result keeps a reference to its root until it is taken.
// Rules   R1  a wait is ended under the lock, and its frame takes the lock before it goes: nobody touches it afterwards
//         R2  what has come beats a cancellation: who goes on looks for a result before it looks at how its wait ended
//         R3  no frame is made ready under the lock
//         R4  who waits, or is about to take, is noted until it has taken: what has come for it cannot be taken by another
// Checked tests/unit/scope_results_test.cpp, tests/model/scope_model.cpp
#pragma once

#include "weft/detail/root.hpp"
#include "weft/detail/short_lock.hpp"
#include "weft/detail/waiter.hpp"

#include <cstdint>

namespace weft::detail {

struct scope_child;

/// How the next result stands for who asks: it is somebody else's turn; there is one, or none is to come; or it has to wait.
enum class next_result : std::uint8_t { taken, settled, to_come };

class child_results {
 public:
  child_results() noexcept = default;
  child_results(const child_results&) = delete;
  child_results& operator=(const child_results&) = delete;
  ~child_results() = default;

  /// One more is to come. Any thread.
  void expect() noexcept;
  /// It came; null: it will not come. Any thread.
  void give(scope_child* finished) noexcept;

  /// Notes `w` as whose turn it is, unless it would have to wait.
  [[nodiscard]] next_result ask(waiter& w) noexcept;
  /// Notes `w`, and ends it when the next one comes, or none is to come any more.
  [[nodiscard]] next_result link(waiter& w) noexcept;
  /// The turn of `w` is over: takes the next result, with its reference; null: there is none.
  [[nodiscard]] scope_child* take(waiter& w) noexcept;
  /// Destroys what nobody has taken. After all others.
  void clear() noexcept;

 private:
  [[nodiscard]] next_result look() const noexcept;
  void note_ended(waiter& w) noexcept;

  short_lock lock_;
  scope_child* first_ = nullptr;
  scope_child* last_ = nullptr;
  std::uint64_t to_come_ = 0;
  waiter* turn_ = nullptr;  // whose it is
};

}  // namespace weft::detail
