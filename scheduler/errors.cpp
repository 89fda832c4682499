// SPDX-License-Identifier: Apache-2.0
//
// How wrong use is told.
#include "weft/errors.hpp"

#include "weft/detail/expects.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

namespace weft {

exception_group::exception_group(std::vector<std::exception_ptr> failures)
    : error(std::to_string(failures.size()) + " tasks failed; see failures()"),
      failures_(std::make_shared<const std::vector<std::exception_ptr>>(std::move(failures))) {}

namespace detail {

void reject(const char* call, const char* rule) { throw usage_error(std::string("weft: ") + call + ": " + rule); }

void fail(const char* call, const char* rule) noexcept {
  std::fprintf(stderr, "weft: %s: %s\n", call, rule);
  std::abort();
}

}  // namespace detail

}  // namespace weft
