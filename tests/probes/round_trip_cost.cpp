// SPDX-License-Identifier: Apache-2.0
// n round trips of a send and the yield that answers it, for round_trip_cost_test.py to count what one costs.
#include <weft/weft.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "allocations.hpp"

namespace {

using number = std::uint64_t;

using coroutine = weft::coroutine<number, std::optional<number>, void>;
using generator = weft::generator<number, std::optional<number>>;

/// Yields how many ones it has been sent.
template <class Driven>
Driven counting() {
  for (number received = 0;;) {
    auto&& sent = co_yield received;  // g++ 12 knows no type of a co_yield within an expression of a template
    received += sent.value_or(0);
  }
}

/// The same below that many awaits.
coroutine counting_below(unsigned awaits) {
  if (awaits <= 1) co_return co_await counting<coroutine>();
  co_return co_await counting_below(awaits - 1);
}

/// Prints how many round trips there were, and how often they called the allocator.
template <class Driven>
void drive(Driven driven, number trips) {
  static_cast<void>(driven.send());
  number received = 0;
  const weft::test::allocation_counts before = weft::test::allocations();
  for (number trip = 0; trip < trips; ++trip) received = driven.send(1).yielded();
  const weft::test::allocation_counts after = weft::test::allocations();
  std::printf("%llu %llu\n", static_cast<unsigned long long>(received),
              static_cast<unsigned long long>(after.heap - before.heap + after.mappings - before.mappings));
}

}  // namespace

int main(int count, char** arguments) {
  // Every frame is an allocation then, which is counted.
  if (count != 3 || !weft::choose_frame_source(weft::frame_source::heap)) return 2;
  const std::string_view what = arguments[1];
  const number trips = std::strtoull(arguments[2], nullptr, 10);
  const auto heap_before = weft::test::allocations().heap;
  if (what == "coroutine") {
    drive(counting_below(1), trips);
  } else if (what == "deep") {
    drive(counting_below(1000), trips);
  } else {
    drive(counting<generator>(), trips);
  }
  return weft::test::allocations().heap > heap_before ? 0 : 3;
}
