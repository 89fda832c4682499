// SPDX-License-Identifier: Apache-2.0
// Runs one program: its slots, its operations, and the trace of all that is seen on the way.
//
// What the program's schema leaves open (tests/protocol does the same):
//   An operation is skipped if it drives an empty slot, or if it looks for a target in a slot that holds no coroutine or is the slot it
//   fills. `reenter` drives what the operation under way drives, and is told ["none"] outside of one. Its throw and close are skipped
//   as long as the operation that drove a coroutine last was itself a throw or close, even when that is over.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "replay_coroutine.hpp"

namespace weft::tool::replay {

/// How a program is looked at.
struct viewpoint {
  /// With the __context__ of exceptions.
  bool has_contexts = false;
  /// A coroutine that passes a throw or close on refuses to be awaited in the words of CPython 3.10, not in weft's (A21).
  bool tells_of_passing_on = false;
};

/// One run of a program. Operations come one at a time, from any threads; only those of a race come two at a time.
class machine {
 public:
  machine(const program& p, viewpoint from);
  machine(const machine&) = delete;
  machine& operator=(const machine&) = delete;
  /// Drops everything, and tells nothing of it.
  ~machine();

  /// Carries out the program's operation of this number.
  void operate(std::size_t number);
  /// One more operation, of which the trace tells nothing; gives its result.
  json operate_untold(const operation& op) { return result_of(op); }
  /// Drops the slots, one by one.
  void finish();
  /// From here on nothing is told.
  void fall_silent() noexcept { is_silent_ = true; }
  /// [STATE, [names of what is awaited]]; null for an empty slot and a view.
  [[nodiscard]] json state_of(std::size_t slot) const;
  [[nodiscard]] json take_trace() { return std::move(trace_); }
  /// Whether the trace depends on the viewpoint's tells_of_passing_on.
  [[nodiscard]] bool has_met_passing_on() const noexcept { return has_met_passing_on_; }

  // For activations, while they run.

  void log(json event);
  void report_unraisable(const std::exception_ptr& failure);
  void reenter(int number, call how);
  [[nodiscard]] bool has_contexts() const noexcept { return from_.has_contexts; }
  /// Asked as a coroutine that passes a throw or close on refuses to be awaited.
  [[nodiscard]] bool tells_of_passing_on() noexcept {
    has_met_passing_on_ = true;
    return from_.tells_of_passing_on;
  }
  [[nodiscard]] bool is_generator(int function) const noexcept;
  [[nodiscard]] const block& code_of(int function) const noexcept;
  [[nodiscard]] bool has_coroutine(int slot) const noexcept { return coroutine_in(slot) != nullptr; }
  [[nodiscard]] std::shared_ptr<living> coroutine_in(int slot) const noexcept;
  [[nodiscard]] std::shared_ptr<living> make_coroutine(int function, std::shared_ptr<living> target = {});
  [[nodiscard]] std::shared_ptr<flagged_generator> make_generator(int function);

 private:
  struct held_view {
    program_view view;
    std::weak_ptr<activation> frame;
  };
  /// What a slot holds: at most one of the two.
  struct place {
    std::shared_ptr<living> coroutine;
    std::shared_ptr<held_view> view;
  };

  [[nodiscard]] json result_of(const operation& op);
  [[nodiscard]] json drive(const place& at, call how, const value& sent, const error_ref& thrown);
  void put(std::size_t slot, place with);
  [[nodiscard]] std::shared_ptr<activation> make_activation(int function, std::shared_ptr<living> target);

  const program& program_;
  const viewpoint from_;
  std::array<place, slot_count> slots_;
  bool is_silent_ = false;
  std::atomic<bool> has_met_passing_on_ = false;
  std::atomic<call> drove_ = call::send;  // both of a race write it

  std::mutex mutex_;  // of what follows: in a race what one operation leaves may end as the other runs
  json trace_ = json::array();
  std::vector<std::weak_ptr<activation>> activations_;
};

}  // namespace weft::tool::replay
