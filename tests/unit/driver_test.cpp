// SPDX-License-Identifier: Apache-2.0
// The driver that knows neither time nor I/O: nothing is ever due, and an interrupt ends the current or the next wait.
#include "scheduler/driver.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace weft::sched {
namespace {

TEST(futex_driver, nothing_is_ever_due) {
  futex_driver d;

  EXPECT_EQ(d.next_deadline(), std::nullopt);
  EXPECT_FALSE(d.poll());
}

TEST(futex_driver, an_interrupt_ends_the_next_wait) {
  futex_driver d;
  d.interrupt();

  d.wait(-1);  // without the interrupt this never returns

  EXPECT_FALSE(d.poll());
}

TEST(futex_driver, a_wait_of_no_time_returns) {
  futex_driver d;

  d.wait(0);

  EXPECT_FALSE(d.poll());
}

TEST(futex_driver, an_interrupt_ends_the_current_wait) {
  futex_driver d;
  driver& seam = d;
  bool returned = false;
  std::thread waiting([&] {
    seam.wait(-1);
    returned = true;
  });

  seam.interrupt();
  waiting.join();

  EXPECT_TRUE(returned);
}

}  // namespace
}  // namespace weft::sched
