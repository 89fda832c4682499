// SPDX-License-Identifier: Apache-2.0
// The exceptions of a program: what is known of each, and the C++ exceptions that carry them through the library.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "replay_program.hpp"

namespace weft::tool::replay {

class activation;

/// One exception of Python's. It keeps the frames that it went through, as a traceback does: what they await lives on with it.
struct error_record {
  error_kind kind = error_kind::ea;
  std::variant<std::monostate, std::int64_t, std::string> argument;
  std::shared_ptr<error_record> context;
  std::vector<std::shared_ptr<activation>> traceback;
};
using error_ref = std::shared_ptr<error_record>;

[[nodiscard]] error_ref make_error(error_kind kind, std::int64_t argument);
[[nodiscard]] error_ref make_error(error_kind kind, std::string text);

/// "EA" and so on; nothing for a name that is none.
[[nodiscard]] std::optional<error_kind> find_error(std::string_view name);
/// Whether an except clause for `caught` catches a `raised`.
[[nodiscard]] bool catches(error_kind caught, error_kind raised) noexcept;

/// Sets the context as CPython does: what would be a cycle of contexts is cut. Nothing if `context` is null or the exception itself.
void set_context(const error_ref& of, const error_ref& context);

/// [TYPE, argument, [the same of its context]]
[[nodiscard]] json described(const error_ref& of);

/// As a C++ exception, of the type that the library knows it by.
[[nodiscard]] std::exception_ptr thrown_as(error_ref what);

/// What a C++ exception carries. One of the library's own is given a record: then `is_new`.
struct caught_error {
  error_ref what;
  bool is_new = false;
};
[[nodiscard]] caught_error caught(const std::exception_ptr& thrown);

}  // namespace weft::tool::replay
