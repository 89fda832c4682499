// SPDX-License-Identifier: Apache-2.0
// Cancellation: asked for from outside, inherited by all that is awaited, kept away by a shield, and asked about by loops that do not wait.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <stop_token>
#include <string>
#include <thread>

namespace {

using namespace std::chrono_literals;

weft::task<> wait_for_news() { co_await weft::sleep_for(24h); }  // knows nothing of any token

weft::task<std::string> listen(std::stop_token stop) {
  try {
    co_await weft::with_stop_token(stop, wait_for_news());
    co_return "news";
  } catch (const weft::operation_cancelled& e) {
    co_return e.what();  // and e.reason() is cancel_reason::requested
  }
}

weft::task<> save(bool& saved) {
  co_await weft::sleep_for(1ms);  // in a shield it is not cancelled
  saved = true;
}

weft::task<> work(bool& saved) {
  const auto ended = co_await weft::as_result(wait_for_news());
  co_await weft::shield(save(saved));
  if (!ended) std::rethrow_exception(ended.failure());
}

weft::task<long> count_until_stopped(std::atomic<bool>& counts) {
  const std::stop_token stop = co_await weft::current_stop_token();
  long n = 0;
  for (; !stop.stop_requested(); ++n) counts = true;  // computes, and waits for nothing
  co_return n;
}

struct cancellation_example : testing::Test {
  weft::scheduler pool{{.workers = 2}};
  std::stop_source source;
};

TEST_F(cancellation_example, a_wait_far_below_ends_when_a_stop_is_requested) {
  std::future<std::string> said = weft::spawn_future(pool, listen(source.get_token()));
  source.request_stop();  // by any thread, at any time
  EXPECT_EQ(said.get(), "weft: sleep_for: the wait for a timer was cancelled: a stop was requested");
}

TEST_F(cancellation_example, a_shield_keeps_it_away) {
  bool saved = false;
  source.request_stop();
  EXPECT_THROW(weft::sync_wait(pool, weft::with_stop_token(source.get_token(), work(saved))), weft::operation_cancelled);
  EXPECT_TRUE(saved);
}

TEST_F(cancellation_example, a_loop_asks_for_itself) {
  std::atomic<bool> counts = false;
  std::future<long> counted = weft::spawn_future(pool, weft::with_stop_token(source.get_token(), count_until_stopped(counts)));
  while (!counts) std::this_thread::yield();
  source.request_stop();
  EXPECT_GT(counted.get(), 0);
}

}  // namespace
