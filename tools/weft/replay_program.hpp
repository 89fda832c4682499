// SPDX-License-Identifier: Apache-2.0
// A program of the coroutine protocol: functions made of statements, and operations on three slots (tests/protocol/reference.py).
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace weft::tool::replay {

using json = nlohmann::ordered_json;

/// An int or None.
using value = std::optional<std::int64_t>;
[[nodiscard]] json written(const value& v);

inline constexpr std::size_t slot_count = 3;

/// The kinds of exceptions. `any` and `ex` are only caught: BaseException and Exception.
enum class error_kind { ea, eb, re, si, ge, gx, ve, te, ae, any, ex };

/// What can be done to a coroutine.
enum class call { send, throw_, close };
[[nodiscard]] const char* name_of(call how) noexcept;

struct statement;
using block = std::vector<statement>;

struct except_clause {
  error_kind caught = error_kind::any;
  block code;
};

struct statement {
  enum class verb { yield, await, iter, shared, view, raise, reraise, give_back, guard, reenter, log, await_target };

  verb does = verb::log;
  /// A function, a slot, the argument of an exception, or what is logged.
  int number = 0;
  /// Of yield and give_back: the variable, or else `constant`.
  bool is_variable = false;
  value constant;
  /// Of yield and give_back: "h" in an except clause, "f" in a finally.
  std::string region;
  /// Of give_back: it is told of. That of the waiter is not.
  bool is_told = true;
  error_kind raised = error_kind::ea;
  call how = call::send;
  std::vector<std::int64_t> items;
  /// Of guard.
  block code;
  std::vector<except_clause> clauses;
  std::optional<block> last;
};

struct function {
  bool is_generator = false;
  block code;
};

/// The function whose coroutines await another one: `return await target`.
inline constexpr int waiter = -1;
[[nodiscard]] const block& waiter_code();
/// "f3", "waiter"
[[nodiscard]] std::string function_name(int number);

struct operation {
  enum class verb { make, send, throw_, close, await, view, drop };

  verb does = verb::drop;
  std::string name;
  std::size_t slot = 0;
  /// A function, the slot of a target, or the argument of an exception.
  int number = 0;
  value sent;
  error_kind thrown = error_kind::ea;
};

/// Two operations on slot 0 that are issued at once after the first `prefix` of the program's own.
struct race_plan {
  std::size_t prefix = 0;
  operation first, second;
  /// [[result of first, result of second, state]]
  json legal;
};

struct program {
  /// The line as it was read.
  json line;
  std::vector<function> functions;
  std::vector<operation> operations;
  std::optional<race_plan> race;

  /// "32" or "0 throw-depth4"
  [[nodiscard]] std::string title() const;
};

/// A line is no program; the text says what is wrong.
class malformed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws malformed.
[[nodiscard]] program read_program(const std::string& line);

}  // namespace weft::tool::replay
