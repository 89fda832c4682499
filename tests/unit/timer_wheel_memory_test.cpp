// SPDX-License-Identifier: Apache-2.0
// The timer wheel takes no memory, whatever it is asked.
#include "scheduler/timer_wheel.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "allocations.hpp"

namespace weft::sched {
namespace {

TEST(timer_wheel_memory, no_call_allocates) {
  constexpr std::int64_t count = 100'000;
  std::vector<timer> timers(count);
  const auto wheel = std::make_unique<timer_wheel>();
  const test::allocation_counts before = test::allocations();

  for (std::int64_t i = 0; i < count; ++i) {
    timers[static_cast<std::size_t>(i)].deadline = (i - 10) * i * timer_wheel::tick;
    static_cast<void>(wheel->insert(timers[static_cast<std::size_t>(i)]));
  }
  for (std::size_t i = 0; i < timers.size(); i += 2) wheel->remove(timers[i]);
  std::int64_t taken = 0;
  while (wheel->size() != 0) {
    const std::int64_t now = wheel->next_deadline().value();
    while (wheel->take_due(now) != nullptr) ++taken;
  }

  EXPECT_EQ(test::allocations(), before);
  EXPECT_EQ(taken, count / 2);
}

}  // namespace
}  // namespace weft::sched
