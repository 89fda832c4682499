// SPDX-License-Identifier: Apache-2.0
//
// How the elements of a reduction or a scan are cut: their number and the grain that was given decide, not who does them.
#pragma once

#include "weft/detail/parallel_call.hpp"
#include "weft/parallel_options.hpp"

#include <algorithm>
#include <cstddef>

namespace weft::detail {

/// `count` elements cut into leaves of one size, the last one perhaps smaller.
struct leaves {
  static constexpr unsigned most_bits = 32;  // at most two to this many

  std::size_t count;
  std::size_t size;
  bool is_given;  // the size was

  /// As the options say, or else at most `usual` of them, a power of two that can be halved evenly, unless they would be larger than
  /// `largest`. Throws usage_error.
  static leaves of(std::size_t count, const parallel_options& options, const char* call, std::size_t usual = 256,
                   std::size_t largest = 4096) {
    const std::size_t given = given_grain(options, call);
    const std::size_t chosen = given != 0 ? given : std::clamp<std::size_t>(count / usual + (count % usual != 0 ? 1 : 0), 1, largest);
    return {count, std::max(chosen, (count >> most_bits) + 1), given != 0};
  }

  [[nodiscard]] std::size_t number() const noexcept { return count / size + (count % size != 0 ? 1 : 0); }
  [[nodiscard]] std::size_t begin(std::size_t leaf) const noexcept { return leaf * size; }
  [[nodiscard]] std::size_t end(std::size_t leaf) const noexcept { return count - begin(leaf) < size ? count : begin(leaf) + size; }
};

}  // namespace weft::detail
