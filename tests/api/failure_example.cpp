// SPDX-License-Identifier: Apache-2.0
// Failures: taken as values, cleaned up after by tasks that wait, and looked into where several come together.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>

namespace {

using namespace std::chrono_literals;

weft::task<int> parse(std::string text) { co_return std::stoi(text); }

weft::task<int> parse_or(std::string text, int otherwise) {
  weft::result<int> r = co_await weft::as_result(parse(text));
  if (!r) co_return otherwise;  // r.failure() says why
  co_return r.value();
}

weft::task<> close(std::string& log) {
  co_await weft::sleep_for(1ms);  // a cleanup may wait, and nothing cancels it
  log += " closed";
}

weft::task<> read_all(std::string& log) {
  log += "opened";
  co_await weft::sleep_for(24h);
}

weft::task<> read_and_close(std::string& log) {
  co_await weft::finally(read_all(log), [&] { return close(log); });
}

weft::task<> fail(std::string why) {
  throw std::runtime_error(why);
  co_return;
}

weft::task<> fail_twice() {
  auto body = [](weft::scope& s) -> weft::task<> {
    s.spawn(fail("no paper"), {.name = "printer"});
    s.spawn(fail("no ink"), {.name = "copier"});
    co_return;
  };
  co_await weft::with_scope(body);
}

struct failure_example : testing::Test {
  weft::scheduler pool{{.workers = 2}};
};

TEST_F(failure_example, is_taken_as_a_value) {
  EXPECT_EQ(weft::sync_wait(pool, parse_or("42", 0)), 42);
  EXPECT_EQ(weft::sync_wait(pool, parse_or("many", -1)), -1);
}

TEST_F(failure_example, is_cleaned_up_after_whatever_comes) {
  std::string log;
  EXPECT_THROW(weft::sync_wait(pool, weft::timeout(1ms, read_and_close(log))), weft::timeout_error);
  EXPECT_EQ(log, "opened closed");
}

TEST_F(failure_example, of_several_a_group_tells_each_with_its_task) {
  try {
    weft::sync_wait(pool, fail_twice());
    FAIL() << "nothing was thrown";
  } catch (const weft::exception_group& group) {
    EXPECT_EQ(group.to_string(), "2 tasks failed\n  1 (printer): no paper\n  2 (copier): no ink");
    EXPECT_NE(group.find<std::runtime_error>(), nullptr);
    EXPECT_EQ(group.name_of(1), "copier");
  }
}

}  // namespace
