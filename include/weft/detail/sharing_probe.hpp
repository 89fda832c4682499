// SPDX-License-Identifier: Apache-2.0
//
// Whether it takes longer to hand a share of some work to another worker than to do it here.
//
// What an element costs is not known before. So who calls an algorithm does the first elements alone, and looks at the clock: until that
// has shown enough, nothing is offered; if what is left would not take as long as another worker needs to come, nothing is. What turns out
// dearer than what came before is noticed at the next look, which is never more than half of what is left away.
#pragma once

#include "weft/detail/sync.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace weft::detail {

/// From its construction on, the caller works alone.
class sharing_probe {
 public:
  using nanoseconds = std::chrono::duration<double, std::nano>;

  /// How many of `left` elements to do before the next look.
  [[nodiscard]] std::size_t next(std::size_t left) const noexcept {
    return std::max<std::size_t>(is_trusted_ ? left / 2 : std::min(size_, left / 8), 1);
  }

  /// A look: whether it is time to offer the `left` elements after the `done` first ones, of which there is one at least.
  [[nodiscard]] bool is_worth_it(std::size_t done, std::size_t left) noexcept {
    spent_ = now() - start_;
    is_trusted_ = spent_ >= trusted;
    if (!is_trusted_) size_ *= 4;
    return is_trusted_ && spent_ * (static_cast<double>(left) / static_cast<double>(done)) >= worth;
  }

  /// How many elements take `time`, by the last look, which was after the `done` first ones.
  [[nodiscard]] std::size_t in_time(std::size_t done, nanoseconds time) const noexcept {
    return std::max<std::size_t>(static_cast<std::size_t>(static_cast<double>(done) * (time / std::max(spent_, nanoseconds{1}))), 1);
  }

 private:
  static constexpr nanoseconds trusted{500};  // less may be the clock itself
  static constexpr nanoseconds worth{4000};   // a worker that searches needs about as much to come

  std::chrono::steady_clock::time_point start_ = now();
  nanoseconds spent_{};
  std::size_t size_ = 1;
  bool is_trusted_ = false;
};

}  // namespace weft::detail
