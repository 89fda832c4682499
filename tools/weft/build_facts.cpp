// SPDX-License-Identifier: Apache-2.0
// Asks the preprocessor; the flags come from CMake.
#include "build_facts.hpp"

#include <absl/strings/str_cat.h>
#include <tbb/version.h>

namespace weft::tool {

std::string compiler() {
#if defined(__clang__)
  return absl::StrCat("clang ", __clang_major__, ".", __clang_minor__, ".", __clang_patchlevel__);
#else
  return absl::StrCat("g++ ", __GNUC__, ".", __GNUC_MINOR__, ".", __GNUC_PATCHLEVEL__);
#endif
}

std::string build_flags() { return WEFT_MEASURED_FLAGS; }

std::string tbb_version() { return absl::StrCat(TBB_VERSION_MAJOR, ".", TBB_VERSION_MINOR); }

}  // namespace weft::tool
