// SPDX-License-Identifier: Apache-2.0
//
// Bodies of generators that tests share, and the texts that generators use.
#pragma once

#include <weft/as_coroutine.hpp>
#include <weft/generator.hpp>
#include <weft/generator_coroutine.hpp>

#include <string>

#include "protocol_bodies.hpp"

namespace weft::test {

/// Of the same Y and S as `numbers`; None is returned where there is nothing to return.
using plain = generator<int, maybe, maybe>;
using flagged = generator_coroutine<int, maybe, maybe>;

/// Yields 0 to n - 1 and returns the sum of what was sent.
inline plain plain_counts(int n) {
  int sum = 0;
  for (int i = 0; i < n; ++i) sum += (co_yield i).value_or(0);
  co_return sum;
}
inline const auto flagged_counts = as_coroutine(&plain_counts);

/// Awaits `what` and returns its value and 100; 1 if that was None.
template <class Awaited>
numbers awaits_it(Awaited& what) {
  const maybe got = co_await what;
  co_return got.has_value() ? *got + 100 : 1;
}

/// outcome_of a call that returns a `maybe`: "return 2" or "return None".
template <class Call>
std::string maybe_of(Call call) {
  try {
    auto result = call();
    if (result.is_yielded()) return "yield " + std::to_string(result.yielded());
    return result.returned().has_value() ? "return " + std::to_string(*result.returned()) : "return None";
  } catch (...) {
    return told(std::current_exception());
  }
}

inline const std::string generator_executing = "ValueError: generator already executing";
inline const std::string generator_ignored_exit = "RuntimeError: generator ignored GeneratorExit";
inline const std::string generator_just_started = "TypeError: can't send non-None value to a just-started generator";
inline const std::string generator_raised_stop = "RuntimeError: generator raised StopIteration";

}  // namespace weft::test
