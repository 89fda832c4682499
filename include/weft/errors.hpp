// SPDX-License-Identifier: Apache-2.0
//
// Everything weft throws. All of it derives from `error`; a task's own exceptions pass through unchanged.
#pragma once

#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
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

/// The operation was cancelled before it could complete.
class operation_cancelled : public error {
 public:
  using error::error;
};

/// A deadline passed.
class timeout_error : public error {
 public:
  using error::error;
};

/// Several children of one join failed. The order is the children's; a nested group stays a group.
class exception_group : public error {
 public:
  /// A group of at least two exceptions.
  explicit exception_group(std::vector<std::exception_ptr> failures);
  /// The failures, in child order.
  [[nodiscard]] const std::vector<std::exception_ptr>& failures() const noexcept { return *failures_; }

 private:
  std::shared_ptr<const std::vector<std::exception_ptr>> failures_;
};

}  // namespace weft
