// SPDX-License-Identifier: Apache-2.0
// What is driven by a send or a loop, without a scheduler. The functions are static for the reason that coroutine_work.hpp gives.
#pragma once

#include <weft/coroutine.hpp>
#include <weft/generator.hpp>

#include <cstdint>
#include <optional>

namespace weft::bench {

using echoing = coroutine<std::uint64_t, std::optional<std::uint64_t>, std::uint64_t>;

/// Yields for ever what is sent.
[[maybe_unused]] static echoing echoes() {
  std::uint64_t last = 0;
  for (;;) last = (co_yield last).value_or(0);
}

/// The same below that many awaits, at least one.
[[maybe_unused]] static echoing echoes_below(std::uint64_t awaits) {
  if (awaits <= 1) co_return co_await echoes();
  co_return co_await echoes_below(awaits - 1);
}

/// The numbers below n. Not inlined, as plain_counts.
[[gnu::noinline, maybe_unused]] static generator<std::uint64_t> counts(std::uint64_t n) {
  for (std::uint64_t i = 0; i < n; ++i) co_yield i;
}

}  // namespace weft::bench
