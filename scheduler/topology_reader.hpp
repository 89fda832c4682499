// SPDX-License-Identifier: Apache-2.0
// The decision behind default_workers(), apart from where its three numbers come from.
#pragma once

#include <optional>

namespace weft::sched {

/// The least of affinity mask, quota rounded up, and oneTBB's default; at least 1.
/// Numbers below 1 say that their source is broken, so they do not limit.
[[nodiscard]] int fitting_workers(int affinity_cpus, std::optional<double> quota_cpus, int tbb_concurrency);

}  // namespace weft::sched
