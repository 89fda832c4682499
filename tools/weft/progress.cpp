// SPDX-License-Identifier: Apache-2.0
// Writes progress at a bearable rate.
#include "progress.hpp"

namespace weft::tool {

void progress::show(const std::string& text, seconds elapsed) {
  if (elapsed < next_) return;
  if (style_ == style::rewritten) {
    out_ << "\r\033[K" << text << std::flush;
    line_is_shown_ = true;
    next_ = elapsed + between_rewrites;
  } else {
    out_ << text << "\n" << std::flush;
    next_ = elapsed + between_lines;
  }
}

void progress::clear() {
  if (line_is_shown_) out_ << "\r\033[K" << std::flush;
  line_is_shown_ = false;
}

}  // namespace weft::tool
