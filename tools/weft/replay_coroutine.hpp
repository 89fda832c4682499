// SPDX-License-Identifier: Apache-2.0
// The coroutines of a program: each activation is run by one of the library's.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "replay_activation.hpp"
#include "replay_leaves.hpp"

namespace weft::tool::replay {

using program_view = coroutine_view<value, value, value>;

/// A coroutine as a slot holds it, and whoever awaits it.
struct living {
  program_coroutine object;
  std::weak_ptr<activation> frame;
};

/// Runs `self`.
[[nodiscard]] program_coroutine run_coroutine(machine& m, std::shared_ptr<activation> self);
[[nodiscard]] program_generator run_generator(machine& m, std::shared_ptr<activation> self);

}  // namespace weft::tool::replay
