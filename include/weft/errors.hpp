// SPDX-License-Identifier: Apache-2.0
//
// Everything weft throws. All of it derives from `error`; a task's own exceptions pass through unchanged.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace weft {

/// Root of weft's exceptions. Copying never throws.
class error : public std::exception {
 public:
  /// An error whose `what()` is `text`.
  explicit error(const std::string& text) : text_(text) {}
  /// The text: which call, which object, and what to do instead.
  [[nodiscard]] const char* what() const noexcept override { return text_.what(); }

 private:
  std::runtime_error text_;  // shares its text between copies
};

/// A rule of an interface was broken by its caller.
class usage_error : public error {
 public:
  using error::error;
};

/// Work was refused because its scheduler is stopping or has stopped; what was submitted still belongs to the caller.
class scheduler_stopped : public error {
 public:
  using error::error;
};

/// Why something was cancelled.
enum class cancel_reason : std::uint8_t {
  requested,       // somebody asked for it
  sibling_failed,  // another task of its scope has failed
  lost_race,       // another one has won
  deadline,        // its time is over
  stopping         // its scheduler stops
};

/// The operation was cancelled before it could complete.
class operation_cancelled : public error {
 public:
  /// One whose `what()` is `text`.
  explicit operation_cancelled(const std::string& text, cancel_reason why = cancel_reason::requested) : error(text), why_(why) {}
  /// Why.
  [[nodiscard]] cancel_reason reason() const noexcept { return why_; }

 private:
  cancel_reason why_;
};

/// A deadline passed.
class timeout_error : public error {
 public:
  using error::error;
};

/// A virtual_scheduler has nothing left to do that could end what is waited for.
class deadlock_error : public error {
 public:
  using error::error;
};

namespace detail {

/// What `failure` holds, if it is an E or derives from one; else null. Lives as long as the exception_ptr: rethrowing makes no copy.
template <class E>
[[nodiscard]] const E* exception_as(const std::exception_ptr& failure) noexcept {
  try {
    std::rethrow_exception(failure);
  } catch (const E& e) {
    return &e;
  } catch (...) {
    return nullptr;
  }
}

}  // namespace detail

/// Several children of one join failed. The order is the children's; a nested group stays a group.
class exception_group : public error {
 public:
  /// A group of at least two exceptions. `names`: of the tasks that failed so, an empty one for a task without; or none at all.
  explicit exception_group(std::vector<std::exception_ptr> failures, std::vector<std::string> names = {});
  /// The failures, in child order.
  [[nodiscard]] const std::vector<std::exception_ptr>& failures() const noexcept { return held_->failures; }
  /// The name of the task whose failure is number `i` in failures(), from 0; empty if it has none. It lives as long as this group or a copy
  /// of it.
  [[nodiscard]] std::string_view name_of(std::size_t i) const noexcept {
    return i < held_->names.size() ? std::string_view(held_->names[i]) : std::string_view();
  }

  /// Calls `f` with every failure, as std::exception_ptr, in child order; those of a nested group in its place.
  template <class F>
  void visit(F&& f) const {
    for (const std::exception_ptr& failure : failures())
      if (const auto* const nested = detail::exception_as<exception_group>(failure))
        nested->visit(f);
      else
        f(failure);
  }
  /// The first failure that is an E or derives from one, in the order of visit(); null if there is none. It lives as long as this group or
  /// a copy of it.
  template <class E>
  [[nodiscard]] const E* find() const {
    const E* found = nullptr;
    visit([&](const std::exception_ptr& failure) {
      if (found == nullptr) found = detail::exception_as<E>(failure);
    });
    return found;
  }
  /// All of it as a list, a line a failure with the name of its task, nested groups indented.
  [[nodiscard]] std::string to_string() const;

 private:
  struct held {
    std::vector<std::exception_ptr> failures;
    std::vector<std::string> names;
  };
  std::shared_ptr<const held> held_;
};

// What the awaitable protocol throws, named and worded as Python's own (docs.python.org/3.10/library/exceptions.html).

/// A value was sent where none can be taken, or an exception that is none was thrown into a coroutine.
class type_error : public error {
 public:
  using error::error;
};

/// The coroutine is executing already: of two callers at once one proceeds.
class value_error : public error {
 public:
  using error::error;
};

/// A coroutine cannot be used so: it has ended, is being awaited, ignored generator_exit, or let a stop_iteration escape (then what
/// was thrown is nested in it).
class runtime_error : public error {
 public:
  using error::error;
};

/// What is awaited does not have the operation that was asked of it.
class attribute_error : public error {
 public:
  using error::error;
};

/// The end of an iterator, as an exception: if it escapes from a coroutine or generator it becomes a runtime_error (PEP 479).
class stop_iteration : public error {
 public:
  /// One without a text.
  stop_iteration() : error("") {}
  using error::error;
};

/// Raised where a coroutine or generator is suspended as it is closed; a class derived from it counts as one. It is no std::exception, so
/// that a body that handles errors lets it pass.
class generator_exit {};

}  // namespace weft
