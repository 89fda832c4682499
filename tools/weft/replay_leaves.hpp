// SPDX-License-Identifier: Apache-2.0
// What the coroutines of a program await besides coroutines and their views: "Y", a list's iterator, and generators.
#pragma once

#include <weft/await_range.hpp>
#include <weft/coroutine.hpp>
#include <weft/generator_coroutine.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <ranges>
#include <vector>

#include "replay_activation.hpp"
#include "replay_stack.hpp"

namespace weft::tool::replay {

using program_coroutine = coroutine<value, value, value>;
using program_generator = generator_coroutine<value, value, value>;

/// A generator of types.coroutine, as whoever awaits it keeps it.
struct flagged_generator {
  program_generator object;
  std::weak_ptr<activation> frame;
};

/// What a coroutine awaits to yield: a generator that yields once, and gives what is sent to it.
[[nodiscard]] program_generator yields_once(activation& by, value v);

/// Yields what a list has, for `by`.
[[nodiscard]] inline auto items_of(activation& by, const std::vector<std::int64_t>& items) {
  return std::views::iota(std::size_t{0}, items.size()) | std::views::transform([&](std::size_t i) {
           if (i == 0)
             running::suspend(by);
           else
             running::pass_by();
           return value(items[i]);
         });
}

}  // namespace weft::tool::replay
