// SPDX-License-Identifier: Apache-2.0
// One run of `weft stress`, from the first scheduler to the verdict.
#pragma once

#include "stress_world.hpp"

namespace weft::tool::stress {

/// Runs, reports to standard output, and answers with the exit code.
[[nodiscard]] int run_and_report(const settings& chosen);

}  // namespace weft::tool::stress
