// SPDX-License-Identifier: Apache-2.0
// A service from its socket to its end: a shop that answers a line with a line, in time or not at all, until a signal stops it.
#include <weft/weft.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <map>
#include <mutex>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "line_socket.hpp"

namespace {

using weft::test::connection;
using weft::test::entrance;

using namespace std::chrono_literals;

/// What a client asks for: the price of an item, in so much time.
struct request {
  std::string item;
  std::chrono::milliseconds within;
};
request read_request(const std::string& line) {
  std::istringstream words(line);
  std::string item;
  int milliseconds = 0;
  if (!(words >> item >> milliseconds)) throw std::invalid_argument("name an item, and in how many milliseconds");
  return {item, std::chrono::milliseconds(milliseconds)};
}

/// What stands behind the service: three servers for prices, far away, and a stock whose calls block.
class shop {
 public:
  std::atomic<int> asked = 0, noted = 0;

  weft::task<int> ask_price(const std::string& item, int server) {
    ++asked;
    co_await weft::sleep_for(item == "slow" ? 24h : 1ms);
    if (item == "gold" || (item == "coffee" && server < 2)) throw std::runtime_error("server " + std::to_string(server) + " is down");
    co_return 3 + server;
  }
  weft::task<int> count(const std::string& item) {
    const auto look = [&] {
      const std::scoped_lock hold(lock_);
      return stock_.at(item);
    };
    co_return co_await weft::run_blocking(look);
  }
  weft::task<> note() {
    co_await weft::sleep_for(1ms);
    ++noted;
  }

 private:
  std::mutex lock_;
  std::map<std::string, int> stock_{{"tea", 5}, {"coffee", 7}, {"gold", 1}, {"slow", 1}};
};

// [service]
weft::task<int> price_of(shop& at, const std::string& item) {
  for (auto [server, pause] = std::pair(0, 1ms);; ++server, pause *= 2) {
    auto price = co_await weft::as_result(at.ask_price(item, server));
    if (price || server == 2) co_return std::move(price).value();  // throws what the last one has thrown
    co_await weft::sleep_for(pause);
  }
}

weft::task<std::string> answer(shop& at, const request& r) {
  auto body = [&](weft::scope& beside) -> weft::task<std::string> {
    beside.spawn(at.note(), {.name = "note"});  // the scope ends after it; if one fails, the others are cancelled
    auto both = weft::when_all(price_of(at, r.item), at.count(r.item));
    co_await both;
    co_return "200 " + std::to_string(both.get<1>()) + " for " + std::to_string(both.get<0>());
  };
  co_return co_await weft::with_scope(body);
}

weft::task<> serve(shop& at, connection client) {
  std::string reply;
  try {
    const std::string line = co_await weft::run_blocking([&] { return client.read_line(); });  // holds no worker
    const request r = read_request(line);
    reply = co_await weft::timeout(r.within, answer(at, r));  // then all that still waits below is cancelled
  } catch (const weft::timeout_error&) {
    reply = "504 not in time";
  } catch (const weft::operation_cancelled&) {
    reply = "503 closing";
  } catch (const std::exception& e) {
    reply = std::string("500 ") + e.what();
  }
  co_await weft::shield(weft::run_blocking([&] { client.write_line(reply); }));  // the stop does not cancel this
}

weft::stop_report run_shop(shop& at, const entrance& door, weft::stop_options patience) {
  weft::scheduler pool;
  while (std::optional<connection> client = door.next())  // until SIGTERM; this thread is no worker
    weft::spawn_detached(pool, serve(at, std::move(*client)), {.name = "request"});
  return pool.stop(patience);  // who has come in is answered
}
// [/service]

struct request_path : testing::Test {
  request_path() { pthread_sigmask(SIG_BLOCK, &entrance::sigterm(), nullptr); }

  std::string ask(const std::string& line) const {
    const connection mine = door.connect();
    mine.write_line(line);
    return mine.read_line();
  }
  /// Runs the shop until `during` has asked what it has to ask, with a request for `last` being served as the signal comes.
  template <class During>
  std::string serve_until_signal(const std::string& last, weft::stop_options patience, During during) {
    std::thread server([&] { report = run_shop(at, door, patience); });
    during();
    const connection late = door.connect();
    const int before = at.asked;
    late.write_line(last);
    while (at.asked == before) std::this_thread::yield();
    ::kill(::getpid(), SIGTERM);
    server.join();
    return late.read_line();
  }

  shop at;
  const entrance door;
  weft::stop_report report;
};

TEST_F(request_path, hundreds_of_requests_are_answered_in_time_or_told_that_they_are_not) {
  const std::vector<std::pair<std::string, std::string>> asked_and_answered{{"tea 60000", "200 5 for 3"},
                                                                            {"coffee 60000", "200 7 for 5"},
                                                                            {"gold 60000", "500 server 2 is down"},
                                                                            {"slow 20", "504 not in time"},
                                                                            {"what?", "500 name an item, and in how many milliseconds"}};
  const auto client = [&] {
    for (int i = 0; i < 20; ++i)
      for (const auto& [asked, answered] : asked_and_answered) EXPECT_EQ(ask(asked), answered) << asked;
  };

  const std::string last = serve_until_signal("coffee 60000", {.drain_for = 60s}, [&] {
    std::vector<std::jthread> clients;
    for (int i = 0; i < 5; ++i) clients.emplace_back(client);
  });

  EXPECT_EQ(last, "200 7 for 5");
  EXPECT_GE(at.noted, 2 * 5 * 20 + 1);
  EXPECT_EQ(report.cancelled + report.abandoned, 0U);
}

TEST_F(request_path, a_request_that_does_not_end_is_told_so_when_there_is_no_time_to_drain) {
  EXPECT_EQ(serve_until_signal("slow 3600000", {.drain_for = 0s, .grace = 60s}, [] {}), "503 closing");
  EXPECT_GE(report.cancelled, 1U);
  EXPECT_EQ(report.abandoned, 0U);
}

}  // namespace
