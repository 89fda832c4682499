// SPDX-License-Identifier: Apache-2.0
// Reading WEFT_MUTANT.
#include "mutation.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace weft::explorer {

const mutation& mutation::of_this_process() {
  static const mutation chosen = [] {
    mutation m;
    const char* const text = std::getenv("WEFT_MUTANT");
    if (text == nullptr || *text == '\0') return m;
    char how[16] = {};
    if (std::strcmp(text, "barrier:skip") == 0) {
      m.drops_barrier_ = true;
      return m;
    }
    if (std::sscanf(text, "%119[^:]:%u:%15s", m.file_, &m.line_, how) == 3) {
      constexpr const char* orders[] = {"relaxed", "consume", "acquire", "release", "acq_rel"};
      m.kind_ = kind_of::order;
      if (std::strcmp(how, "skip") == 0) return m.kind_ = kind_of::skip, m;
      if (std::strcmp(how, "failure") == 0) return m.kind_ = kind_of::failure, m;
      if (std::strcmp(how, "split") == 0) return m.kind_ = kind_of::split, m;
      if (std::strcmp(how, "late") == 0) return m.kind_ = kind_of::late, m;
      if (std::strcmp(how, "silent") == 0) return m.kind_ = kind_of::silent, m;
      if (std::strcmp(how, "old") == 0) return m.kind_ = kind_of::old, m;
      for (int i = 0; i < 5; ++i)
        if (std::strcmp(how, orders[i]) == 0) return m.order_ = static_cast<std::memory_order>(i), m;
    }
    std::fprintf(stderr,
                 "explorer: WEFT_MUTANT=%s: must be FILE:LINE:{relaxed,acquire,release,acq_rel,failure,skip,split,late,silent,old} "
                 "or barrier:skip\n",
                 text);
    std::_Exit(2);
  }();
  return chosen;
}

bool mutation::is_file(const char* name) const noexcept {
  const std::size_t length = std::strlen(name);
  const std::size_t wanted = std::strlen(file_);
  return length >= wanted && std::strcmp(name + length - wanted, file_) == 0;
}

}  // namespace weft::explorer
