// SPDX-License-Identifier: Apache-2.0
// Sixteen foreign threads submit to one pool in every way there is: each task runs once, each result reaches its submitter.
#include <weft/frames.hpp>
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <future>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "bitmap.hpp"
#include "scale.hpp"
#include "seed.hpp"
#include "watchdog.hpp"

namespace weft {
namespace {

constexpr std::size_t submitters = 16;

task<std::uint64_t> mark(test::bitmap& done, std::uint64_t id) {
  done.mark(id);
  co_return id;
}

task<std::uint64_t> mark_below(test::bitmap& done, std::uint64_t id) {
  auto child = mark(done, id);
  auto both = when_all(std::move(child), [](std::uint64_t i) -> task<std::uint64_t> { co_return i; }(id));
  co_await both;
  co_return both.get<0>() == both.get<1>() ? id : ~id;
}

// Submits [first, first + count); futures are looked at some time later. Returns how many results were wrong.
std::uint64_t submit(scheduler& pool, test::bitmap& done, std::uint64_t first, std::uint64_t count) {
  test::random_source random(first);
  std::deque<std::pair<std::uint64_t, std::future<std::uint64_t>>> open;
  std::uint64_t wrong = 0;
  const auto settle = [&] {
    wrong += open.front().second.get() == open.front().first ? 0 : 1;
    open.pop_front();
  };
  for (std::uint64_t id = first; id < first + count; ++id) {
    const std::uint64_t choice = random.below(100);
    if (choice < 50) {
      spawn_detached(pool, mark(done, id));
    } else if (choice < 80) {
      auto handle = spawn(pool, mark_below(done, id), {.name = "submitted"});
      if (random.one_in(2)) static_cast<void>(handle.is_done());
    } else if (choice < 97) {
      open.emplace_back(id, spawn_future(pool, mark_below(done, id)));
      if (open.size() > 100) settle();
    } else {
      wrong += sync_wait(pool, mark(done, id)) == id ? 0 : 1;
    }
  }
  while (!open.empty()) settle();
  return wrong;
}

/// By number of workers.
class submit_stress : public testing::TestWithParam<int> {};

TEST_P(submit_stress, every_task_submitted_from_outside_runs_once) {
  const std::size_t frames_before = live_frames();
  test::watchdog dog("submit_stress");
  const std::uint64_t each = test::scaled(150'000, 300);
  test::bitmap done(submitters * each);
  std::atomic<std::uint64_t> wrong{0};
  {
    scheduler pool{{.workers = GetParam()}};
    const test::watchdog::watched watch(dog, pool);
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < submitters; ++t) threads.emplace_back([&, t] { wrong += submit(pool, done, t * each, each); });
    for (std::thread& t : threads) t.join();
    EXPECT_EQ(pool.stop().abandoned, 0U);
  }

  EXPECT_EQ(wrong, 0U);
  EXPECT_EQ(done.lost(), 0U);
  EXPECT_EQ(done.twice(), 0U);
  EXPECT_EQ(live_frames(), frames_before);
}

INSTANTIATE_TEST_SUITE_P(workers, submit_stress, testing::Values(1, 2, 8), [](const auto& run) { return std::to_string(run.param); });

}  // namespace
}  // namespace weft
