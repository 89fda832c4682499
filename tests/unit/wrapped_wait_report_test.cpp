// SPDX-License-Identifier: Apache-2.0
// What is told of a task that waits by a call of the library that awaits for it: the line of the user's own call.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <semaphore>
#include <source_location>
#include <stop_token>
#include <string>

#include "gate.hpp"

namespace weft {
namespace {

using namespace std::chrono_literals;
using test::gate;

const std::string foreign = "an awaitable that is not weft's";

/// Awaits a gate: foreign, and by value.
struct at {
  gate& door;
  [[nodiscard]] gate::awaiter operator co_await() const noexcept { return {door}; }
};

unsigned next_line(std::source_location where = std::source_location::current()) { return where.line() + 1; }

/// A task of `make(door, line)` waits: for what, and in which line, is in what is told of the scheduler.
struct wrapped_wait_report_test : testing::Test {
  gate door;
  unsigned line = 0;
  std::counting_semaphore<> begun{0};
  std::stop_source stop;
  scheduler pool{{.workers = 1, .hooks = {.on_suspend = [this](auto, auto) { begun.release(); }}}};

  template <class Make>
  void expect_told(const std::string& what, Make make, int waits = 1) {
    spawn_detached(pool, with_stop_token(stop.get_token(), make(door, line)));
    while (waits-- > 0) begun.acquire();
    testing::internal::CaptureStderr();
    detail::scheduler_access::print_state(pool);
    const std::string printed = testing::internal::GetCapturedStderr();
    const std::string wait = "waits for " + what + ", " + std::source_location::current().file_name() + ':' + std::to_string(line) + '\n';
    EXPECT_NE(printed.find(wait), std::string::npos) << wait << printed;
    door.open();
    stop.request_stop();
  }
};

TEST_F(wrapped_wait_report_test, with_a_deadline) {
  expect_told(foreign, [](gate& door, unsigned& line) -> task<> {
    line = next_line();
    co_await timeout(1h, at{door});
  });
}

TEST_F(wrapped_wait_report_test, until_a_deadline) {
  expect_told(foreign, [](gate& door, unsigned& line) -> task<> {
    line = next_line();
    co_await timeout_at(std::chrono::steady_clock::time_point::max(), at{door});
  });
}

TEST_F(wrapped_wait_report_test, in_a_shield) {
  expect_told(foreign, [](gate& door, unsigned& line) -> task<> {
    line = next_line();
    co_await shield(at{door});
  });
}

TEST_F(wrapped_wait_report_test, with_a_stop_token) {
  expect_told(foreign, [](gate& door, unsigned& line) -> task<> {
    line = next_line();
    co_await with_stop_token({}, at{door});
  });
}

inline task_local<int> number;

TEST_F(wrapped_wait_report_test, with_a_task_local) {
  expect_told(foreign, [](gate& door, unsigned& line) -> task<> {
    line = next_line();
    co_await with_local(number, 7, at{door});
  });
}

TEST_F(wrapped_wait_report_test, with_its_result_as_a_value) {
  expect_told(foreign, [](gate& door, unsigned& line) -> task<> {
    line = next_line();
    static_cast<void>(co_await as_result(at{door}));
  });
}

TEST_F(wrapped_wait_report_test, before_a_cleanup) {
  expect_told(foreign, [](gate& door, unsigned& line) -> task<> {
    line = next_line();
    co_await finally(at{door}, []() -> task<> { co_return; });
  });
}

TEST_F(wrapped_wait_report_test, in_a_cleanup) {
  expect_told(foreign, [](gate& door, unsigned& line) -> task<> {
    line = next_line();
    co_await finally(yield(), [&] { return at{door}; });
  });
}

TEST_F(wrapped_wait_report_test, in_the_body_of_a_scope) {
  expect_told(foreign, [](gate& door, unsigned& line) -> task<> {
    const auto body = [&](scope&) { return at{door}; };
    line = next_line();
    co_await with_scope(body);
  });
}

TEST_F(wrapped_wait_report_test, of_several_that_race) {
  const auto race_timers = [](gate&, unsigned& line) -> task<> {
    line = next_line();
    co_await when_any(sleep_for(1h), sleep_until(std::chrono::steady_clock::now() + 2h));
  };
  expect_told("a timer, and others", race_timers, 2);
}

TEST_F(wrapped_wait_report_test, for_a_tick_of_an_interval_in_a_race) {
  expect_told("a timer", [](gate&, unsigned& line) -> task<> {
    interval every(1h);
    line = next_line();
    co_await when_any(every.tick());
  });
}

TEST_F(wrapped_wait_report_test, for_a_blocking_call_in_a_race) {
  std::promise<void> comes;
  const auto waits = [&](gate&, unsigned& line) -> task<> {
    line = next_line();
    co_await race(from_future(comes.get_future()));
  };
  expect_told("a blocking call", waits);
  comes.set_value();
}

TEST_F(wrapped_wait_report_test, what_is_made_by_no_call_has_no_place_in_a_race) {
  spawn_detached(pool, [](gate& door) -> task<> { co_await when_any(at{door}); }(door));
  begun.acquire();
  testing::internal::CaptureStderr();
  detail::scheduler_access::print_state(pool);
  const std::string printed = testing::internal::GetCapturedStderr();
  EXPECT_NE(printed.find("waits for " + foreign + "\n"), std::string::npos) << printed;
  door.open();
}

}  // namespace
}  // namespace weft
