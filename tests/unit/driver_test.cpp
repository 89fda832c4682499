// SPDX-License-Identifier: Apache-2.0
// The driver that knows time and no I/O: a wait ends when the next timer is due, and an interrupt ends the current or the next one.
#include "scheduler/driver.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <thread>

namespace weft::sched {
namespace {

struct futex_driver_test : testing::Test {
  timers armed;
  futex_driver d{armed};
};

TEST_F(futex_driver_test, without_timers_nothing_is_ever_due) {
  EXPECT_EQ(d.next_deadline(), std::nullopt);
  EXPECT_FALSE(d.poll());
}

TEST_F(futex_driver_test, an_interrupt_ends_the_next_wait) {
  d.interrupt();

  d.wait(-1);  // without the interrupt this never returns

  EXPECT_FALSE(d.poll());
}

TEST_F(futex_driver_test, a_wait_of_no_time_returns) {
  d.wait(0);

  EXPECT_FALSE(d.poll());
}

TEST_F(futex_driver_test, a_wait_ends_when_the_next_timer_is_due) {
  timer later(detail::now_as_deadline() + 5'000'000'000'000), next(detail::now_as_deadline() + 1'000'000);
  EXPECT_TRUE(armed.insert(later));
  EXPECT_TRUE(armed.insert(next)) << "it is earlier";
  EXPECT_EQ(d.next_deadline(), driver::time_point(std::chrono::nanoseconds(next.deadline)));

  while (detail::now_as_deadline() < next.deadline) d.wait(-1);  // it may return early, and does return

  EXPECT_TRUE(armed.remove(next));
  EXPECT_TRUE(armed.remove(later));
  EXPECT_FALSE(armed.remove(later));
}

TEST_F(futex_driver_test, a_timer_that_has_gone_is_looked_for_once) {
  timer gone(detail::now_as_deadline()), later(gone.deadline + 5'000'000'000'000);
  EXPECT_TRUE(armed.insert(gone));
  EXPECT_FALSE(armed.insert(later));
  EXPECT_TRUE(armed.remove(gone));
  EXPECT_EQ(armed.earliest(), gone.deadline);
  EXPECT_TRUE(armed.may_be_due());

  EXPECT_FALSE(d.poll());

  EXPECT_EQ(armed.earliest(), later.deadline);
  EXPECT_FALSE(armed.may_be_due());
  EXPECT_TRUE(armed.remove(later));
}

TEST_F(futex_driver_test, an_interrupt_ends_the_current_wait) {
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
