// SPDX-License-Identifier: Apache-2.0
//
// What a frame runs under: the level of cancellation, deadline and locals that its children inherit by one store.
#pragma once

#include "weft/detail/durations.hpp"
#include "weft/detail/frame_head.hpp"

#include <cstdint>

namespace weft::detail {

struct cancel_node;
struct root;

/// One level, in the frame or root that opened it.
struct context {
  context* outer = nullptr;
  const root* top = nullptr;      // what the tasks of this level hang below, in the end
  cancel_node* cancel = nullptr;  // what they are cancelled with, if anything
  std::int64_t deadline = no_deadline;  // when they are, at the latest, in nanoseconds of the steady clock
};

}  // namespace weft::detail
