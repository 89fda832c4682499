// SPDX-License-Identifier: Apache-2.0
//
// The version of the library.
#pragma once

#define WEFT_VERSION_MAJOR 0
#define WEFT_VERSION_MINOR 1
#define WEFT_VERSION_PATCH 0

namespace weft {

/// The version as text, "major.minor.patch".
inline constexpr const char* version = "0.1.0";

}  // namespace weft
