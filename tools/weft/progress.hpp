// SPDX-License-Identifier: Apache-2.0
// Tells somebody who waits how far a long command is.
#pragma once

#include <chrono>
#include <ostream>
#include <string>

namespace weft::tool {

/// On a terminal one line that is rewritten; elsewhere a line every few seconds. Nothing at all in the first two seconds.
/// The caller says how much time has passed, so that this class needs no clock.
class progress {
 public:
  using seconds = std::chrono::duration<double>;
  enum class style { rewritten, lines };

  progress(std::ostream& out, style how) : out_(out), style_(how) {}

  /// Shows where things stand, if it is time to.
  void show(const std::string& text, seconds elapsed);

  /// Clears the rewritten line, so that the next output begins at the margin.
  void clear();

 private:
  static constexpr seconds quiet{2};
  static constexpr seconds between_lines{5};
  static constexpr seconds between_rewrites{0.1};

  std::ostream& out_;
  style style_;
  seconds next_ = quiet;
  bool line_is_shown_ = false;
};

}  // namespace weft::tool
