// SPDX-License-Identifier: Apache-2.0
//
// How wrong use is told.
#include "weft/errors.hpp"

#include "weft/detail/expects.hpp"

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

namespace weft {

exception_group::exception_group(std::vector<std::exception_ptr> failures, std::vector<std::string> names)
    : error(std::to_string(failures.size()) + " tasks failed; see failures()"),
      held_(std::make_shared<const held>(held{std::move(failures), std::move(names)})) {}

namespace {

void describe(const exception_group& group, std::size_t indent, std::string& text) {
  text.append(std::to_string(group.failures().size())).append(" tasks failed");
  for (std::size_t i = 0; i < group.failures().size(); ++i) {
    const std::exception_ptr& failure = group.failures()[i];
    text.append("\n").append(indent, ' ').append(std::to_string(i + 1));
    if (!group.name_of(i).empty()) text.append(" (").append(group.name_of(i)).append(")");
    text.append(": ");
    if (const auto* const nested = detail::exception_as<exception_group>(failure))
      describe(*nested, indent + 2, text);
    else if (const auto* const known = detail::exception_as<std::exception>(failure))
      text.append(known->what());
    else
      text.append("an exception that is no std::exception");
  }
}

}  // namespace

std::string exception_group::to_string() const {
  std::string text;
  describe(*this, 2, text);
  return text;
}

namespace detail {

void reject(const char* call, const char* rule) { throw usage_error(std::string("weft: ") + call + ": " + rule); }

void fail(const char* call, const char* rule) noexcept {
  std::fprintf(stderr, "weft: %s: %s\n", call, rule);
  std::abort();
}

}  // namespace detail

}  // namespace weft
