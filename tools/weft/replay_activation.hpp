// SPDX-License-Identifier: Apache-2.0
// One activation of a function: what a frame of CPython holds, and the statements that need no await.
//
// The blocks that it is in are kept in a stack of its own: C++ cannot await in a catch handler. So an exception is caught, kept, and its
// handler left before the except clause or finally that takes it begins.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "replay_errors.hpp"
#include "replay_program.hpp"

namespace weft::tool::replay {

class machine;
struct living;

/// What an activation needs done by its coroutine.
struct request {
  enum class kind { yield, await, iter, shared, view, target, give_back, fail };

  kind wants = kind::give_back;
  /// Of yield and give_back.
  value carried;
  /// The statement that awaits.
  const statement* of = nullptr;
  /// Of fail.
  error_ref failure;
};

/// Owned by its coroutine, and by the tracebacks of exceptions that went through it.
class activation : public std::enable_shared_from_this<activation> {
 public:
  /// `target`: what a waiter awaits.
  activation(machine& m, int number, int function, std::shared_ptr<living> target = {});
  activation(const activation&) = delete;
  activation& operator=(const activation&) = delete;

  /// Goes on to the next statement that awaits, or to the end.
  [[nodiscard]] request advance();
  /// The end of an await: its value, or what it threw.
  void receive(const request& asked, const value& got);
  void receive(const std::exception_ptr& thrown, bool was_thrown_in);

  [[nodiscard]] int number() const noexcept { return number_; }
  [[nodiscard]] int function() const noexcept { return function_; }
  [[nodiscard]] bool is_generator() const noexcept { return is_generator_; }
  [[nodiscard]] const std::shared_ptr<living>& target() const noexcept { return target_; }
  /// The exception of the except clause or finally that it is in.
  [[nodiscard]] const error_ref& handled() const noexcept { return handled_; }

  /// An await begins: of what has the activation `inner`, if it has one. `kept` is kept alive with this frame, if
  /// somebody else keeps the frame.
  void begin_await(std::weak_ptr<activation> inner, std::shared_ptr<const void> kept);
  void end_await() noexcept { delegates_ = false; }
  void drop_kept() noexcept { kept_.reset(); }
  /// Whether it awaits, and the activation of what it does.
  [[nodiscard]] bool delegates() const noexcept { return delegates_; }
  [[nodiscard]] std::shared_ptr<activation> awaited() const noexcept { return awaited_.lock(); }

  /// Drops all that it refers to, so that a cycle through it ends.
  void break_cycles() noexcept;

  // Of the stack of what runs (replay_stack.hpp).
  activation* previous = nullptr;  // who runs it
  activation* outside = nullptr;   // who drives the coroutine through which it runs
  bool has_ended = false;
  bool is_unwinding = false;       // what it awaited goes, because of an exception from outside

 private:
  /// What happens when a block ends.
  enum class ending { none, raise, give_back };
  struct open_block {
    enum class kind { plain, guard, clause, last } is = kind::plain;
    const block* code = nullptr;
    const statement* of = nullptr;  // the try statement
    std::size_t next = 0;
    error_ref before;               // what was handled before it
    ending then = ending::none;     // of last
    error_ref raised;
    value given;
  };

  [[nodiscard]] bool executes(const statement& one, request& asked);
  [[nodiscard]] value evaluate(const statement& one) const { return one.is_variable ? variable_ : one.constant; }
  void raise(error_ref what);
  void give_back(const value& given);
  /// Leaves the innermost block.
  open_block leave();
  void enter_clause(const statement& of, const except_clause& clause, const error_ref& what);
  void enter_last(const statement& of, ending then, error_ref raised, const value& given);
  void finish_block();

  machine& machine_;
  const int number_;
  const int function_;
  const bool is_generator_;
  std::shared_ptr<living> target_;
  value variable_;
  error_ref handled_;
  std::vector<open_block> blocks_;
  // How it ends, once there are no blocks.
  ending end_ = ending::none;
  error_ref failure_;
  value result_;

  bool delegates_ = false;
  std::weak_ptr<activation> awaited_;
  std::shared_ptr<const void> kept_;
};

}  // namespace weft::tool::replay
