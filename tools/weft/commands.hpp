// SPDX-License-Identifier: Apache-2.0
// The subcommands of the `weft` program.
#pragma once

#include "options.hpp"

namespace weft::tool {

/// `weft bench`: measures all implementations on all workloads and compares them.
[[nodiscard]] subcommand bench_command();

/// `weft measure`: one run in this process; what `weft bench` starts for each of its runs.
[[nodiscard]] subcommand measure_command();

/// `weft info`: what the machine leaves to a scheduler.
[[nodiscard]] subcommand machine_command();

/// `weft replay`: programs of the coroutine protocol, compared with what CPython did.
[[nodiscard]] subcommand replay_command();

/// `weft stress`: random work of every kind, in which every task is counted.
[[nodiscard]] subcommand stress_command();

}  // namespace weft::tool
