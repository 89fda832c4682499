// SPDX-License-Identifier: Apache-2.0
//
// What a frame runs under: the level of cancellation, deadline and locals that its children inherit by one store.
#pragma once

#include "weft/detail/frame_head.hpp"

namespace weft::detail {

/// One level, in the frame that opened it.
struct context {
  context* outer = nullptr;
};

}  // namespace weft::detail
