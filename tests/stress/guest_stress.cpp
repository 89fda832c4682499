// SPDX-License-Identifier: Apache-2.0
// Schedulers that are stopped and destroyed while tasks of another one are there, on their way, or refused: no task is lost.
#include <weft/frames.hpp>
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <future>
#include <latch>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "scale.hpp"
#include "seed.hpp"
#include "watchdog.hpp"

namespace weft {
namespace {

constexpr int travellers = 8;

task<std::uint64_t> stays(std::uint64_t steps) {
  for (std::uint64_t i = 0; i < steps; ++i) co_await yield();
  co_return 1;
}

/// One host that will be gone; nobody names it any more once it is told.
struct journey {
  scheduler& home;
  scheduler& host;
  std::latch arrived{travellers};
};

task<std::uint64_t> tells_and_stays(journey& j, std::uint64_t steps) {
  j.arrived.count_down();
  const std::uint64_t one = co_await stays(steps);
  co_return one;
}
task<std::uint64_t> moves(journey& j, std::uint64_t choice) {
  co_await resume_on(j.host);
  j.arrived.count_down();
  const std::uint64_t one = co_await stays(choice % 4);
  if (choice % 3 == 0) co_await resume_on(j.home);
  if (choice % 9 == 0) co_await stays(choice % 4);
  co_return one;
}
task<std::uint64_t> moves_again(scheduler& home, scheduler& host, std::uint64_t choice) {
  co_await resume_on(host);
  if (choice % 2 == 0) co_await yield();
  co_await resume_on(home);
  if (choice % 4 < 2) co_await resume_on(host);
  co_return 1;
}
task<std::uint64_t> joins(journey& j, std::uint64_t choice) {
  auto [a, b, c] = co_await when_all(moves(j, choice), stays(choice % 3), stays(choice % 5));
  co_return a* b* c;
}
task<std::uint64_t> joins_over_there(journey& j, std::uint64_t choice) {
  co_await resume_on(j.host);
  auto [a, b] = co_await when_all(tells_and_stays(j, choice % 4), stays(choice % 3));
  co_return a* b;
}
task<std::uint64_t> travels(journey& j, std::uint64_t choice) {
  switch (choice % 4) {
    case 0: return moves(j, choice / 4);
    case 1: return joins(j, choice / 4);
    case 2: return joins_over_there(j, choice / 4);
    default: break;
  }
  auto asks = [](journey& of, std::uint64_t steps) -> task<std::uint64_t> {
    const std::uint64_t one = co_await on(of.host, tells_and_stays(of, steps));
    co_return one;
  };
  return asks(j, choice / 4 % 4);
}

TEST(guest_stress, a_host_that_ends_brings_its_guests_to_their_end) {
  const std::size_t frames_before = live_frames();
  test::watchdog dog("guest_stress");
  const std::uint64_t rounds = test::scaled(5'000, 50);
  {
    scheduler home{{.workers = 2}};
    test::random_source random(0);
    for (std::uint64_t round = 0; round < rounds; ++round) {
      std::vector<std::future<std::uint64_t>> ends;
      std::optional<scheduler> host(std::in_place, scheduler_options{.workers = static_cast<int>(round % 3) + 1});
      journey j{home, *host};
      for (int i = 0; i < travellers; ++i) ends.push_back(spawn_future(home, travels(j, random.next())));
      j.arrived.wait();
      const bool stopped_first = round % 2 == 0;
      EXPECT_EQ(stopped_first ? host->stop().abandoned : 0, 0U) << "round " << round;
      host.reset();
      for (auto& end : ends) ASSERT_EQ(end.get(), 1U) << "round " << round;
      dog.beat();
    }
    EXPECT_EQ(home.stop().abandoned, 0U);
  }
  EXPECT_EQ(live_frames(), frames_before);
}

// Goes over, also as children of joins, until it is refused; the host lives on until all have told.
task<std::uint64_t> commutes(scheduler& home, scheduler& host, std::uint64_t seed, std::atomic<std::uint64_t>& trips) {
  test::random_source random(seed);
  for (;;) {
    try {
      const std::uint64_t choice = random.next();
      std::uint64_t ones = 0;
      if (choice % 2 == 0) {
        ones = co_await moves_again(home, host, choice / 2);
      } else {
        auto three = when_all(moves_again(home, host, choice / 2), stays(choice % 3), moves_again(home, host, choice / 4));
        co_await three;
        ones = three.get<0>() * three.get<1>() * three.get<2>();
      }
      trips += ones;
      co_await resume_on(home);
    } catch (const std::exception&) {  // scheduler_stopped, or a group of two
      co_return 1;
    }
  }
}

TEST(guest_stress, whoever_comes_and_goes_while_a_host_stops_is_let_in_or_refused) {
  const std::size_t frames_before = live_frames();
  test::watchdog dog("guest_stress, commuters");
  const std::uint64_t rounds = test::scaled(2'000, 30);
  std::atomic<std::uint64_t> trips{0};
  {
    scheduler home{{.workers = 2}};
    for (std::uint64_t round = 0; round < rounds; ++round) {
      scheduler host{{.workers = static_cast<int>(round % 3) + 1}};
      std::vector<std::future<std::uint64_t>> ends;
      for (std::uint64_t i = 0; i < travellers; ++i)
        ends.push_back(spawn_future(home, commutes(home, host, round * travellers + i, trips)));
      const std::uint64_t seen = trips;
      while (trips < seen + 10) std::this_thread::yield();
      std::vector<std::future<stop_report>> reports;
      for (int t = 0; t < 2; ++t) reports.push_back(std::async(std::launch::async, [&] { return host.stop(); }));
      for (auto& report : reports) EXPECT_EQ(report.get().abandoned, 0U) << "round " << round;
      for (auto& end : ends) ASSERT_EQ(end.get(), 1U);
      dog.beat();
    }
    EXPECT_EQ(home.stop().abandoned, 0U);
  }
  EXPECT_GE(trips, rounds);
  EXPECT_EQ(live_frames(), frames_before);
}

}  // namespace
}  // namespace weft
