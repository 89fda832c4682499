// SPDX-License-Identifier: Apache-2.0
// Nodes that open and close, waits in them, and cancellations and events that end them, all at once: each wait ends once.
#include <weft/detail/cancel_node.hpp>
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <random>
#include <stop_token>
#include <thread>
#include <vector>

#include "cancellable_event.hpp"
#include "scale.hpp"
#include "seed.hpp"

namespace weft {
namespace {

using detail::cancel_node;
using test::cancellable_event;

struct counts {
  std::atomic<std::uint64_t> begun{0}, signalled{0}, cancelled{0};
};

struct opened : cancel_node {
  explicit opened(cancel_node* outer) noexcept { detail::open_node(*this, outer); }
  ~opened() { detail::close_node(*this); }
};

task<> waits(cancellable_event& e, cancel_node& in, counts& c) {
  c.begun.fetch_add(1, std::memory_order_relaxed);
  const bool was_set = co_await e.wait(in);
  (was_set ? c.signalled : c.cancelled).fetch_add(1, std::memory_order_relaxed);
}

/// A node in another, with waits in it and one more node below, while somebody ends some of it.
task<> nest(cancellable_event& e, cancel_node& outer, counts& c, std::uint64_t random, int depth) {
  opened mine(&outer);
  if (random % 7 == 0) detail::cancel_node_now(mine, cancel_reason::requested, "before");
  std::vector<task<>> inside;
  for (std::uint64_t i = random % 4; i > 0; --i) inside.push_back(waits(e, mine, c));
  if (depth > 0) inside.push_back(nest(e, mine, c, random / 4, depth - 1));
  if (random % 5 == 0) {
    const auto cancels = [](cancel_node& n) -> task<> {
      co_await yield();
      detail::cancel_node_now(n, cancel_reason::sibling_failed, "beside");
    };
    inside.push_back(cancels(mine));
  }
  co_await when_all(std::move(inside));
}

TEST(cancel_node, every_wait_ends_once) {
  const std::uint64_t rounds = test::scaled(60'000, 50);
  scheduler pool{{.workers = 4}};
  counts c;
  std::mt19937_64 random(test::seed());
  for (std::uint64_t round = 0; round < rounds; ++round) {
    opened top(nullptr);
    std::array<cancellable_event, 2> events;
    std::vector<std::future<void>> all;
    for (int i = 0; i < 4; ++i) all.push_back(spawn_future(pool, nest(events[static_cast<std::size_t>(i % 2)], top, c, random(), 4)));
    if (round % 2 == 0) events[0].set();
    if (round % 4 < 2)
      detail::cancel_node_now(top, cancel_reason::requested, "all");
    else
      for (auto& e : events) e.set();
    for (auto& one : all) one.get();
  }
  std::printf("waits: %llu, set %llu, cancelled %llu\n", static_cast<unsigned long long>(c.begun.load()),
              static_cast<unsigned long long>(c.signalled.load()), static_cast<unsigned long long>(c.cancelled.load()));
  EXPECT_EQ(c.begun.load(), c.signalled.load() + c.cancelled.load());
  EXPECT_GT(c.signalled.load(), 0U);
  EXPECT_GT(c.cancelled.load(), 0U);
}

// --- the same through stop tokens and handles ---

task<int> works(std::uint64_t random) {
  for (std::uint64_t i = random % 4; i > 0; --i) co_await yield();
  co_return 1;
}
/// Joins `tasks` tasks, one after the other and all below each other; gives how many were joined before a wait was cancelled.
task<int> joins(std::uint64_t random, int tasks) {
  auto handle = spawn(works(random));
  int joined = 0;
  try {
    joined = co_await std::move(handle);
    if (tasks > 1) joined += co_await joins(random / 4, tasks - 1);
  } catch (const operation_cancelled&) {
  }
  co_return joined;
}

TEST(cancel_node, every_join_has_its_answer_or_is_cancelled) {
  const std::uint64_t rounds = test::scaled(100'000, 50);
  scheduler pool{{.workers = 4}};
  std::mt19937_64 random(test::seed());
  std::uint64_t whole = 0, cut = 0;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    std::array<std::stop_source, 3> stops;
    std::vector<std::future<int>> all;
    for (auto& stop : stops) all.push_back(spawn_future(pool, with_stop_token(stop.get_token(), joins(random(), 5))));
    for (std::size_t i = round % 4; i < stops.size(); ++i) stops[i].request_stop();
    for (auto& one : all) {
      const int joined = one.get();
      ASSERT_TRUE(joined >= 0 && joined <= 5);
      ++(joined == 5 ? whole : cut);
    }
  }
  std::printf("chains: %llu whole, %llu cut\n", static_cast<unsigned long long>(whole), static_cast<unsigned long long>(cut));
  EXPECT_GT(whole, 0U);
  EXPECT_GT(cut, 0U);
}

}  // namespace
}  // namespace weft
