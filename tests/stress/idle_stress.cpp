// SPDX-License-Identifier: Apache-2.0
// An idle scheduler of sixteen workers costs nothing: hardly a context switch, hardly any processor time.
//
// The kernel's own figures are read over two seconds; the best of a few tries counts, for what else the machine does shows
// in them too.
#include <weft/weft.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

namespace weft {
namespace {

constexpr int workers = 16;
constexpr auto name = "idling";

/// What the workers have cost so far.
struct cost {
  std::uint64_t threads = 0;
  std::uint64_t switches = 0;
  std::uint64_t ticks = 0;  // of processor time
};

cost cost_of_workers() {
  cost sum;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task")) {
    std::string called;
    std::getline(std::ifstream(thread.path() / "comm"), called);
    if (!called.starts_with(name)) continue;
    ++sum.threads;
    std::ifstream status(thread.path() / "status");
    for (std::string line; std::getline(status, line);)
      if (const auto at = line.find("ctxt_switches:"); at != std::string::npos) sum.switches += std::stoull(line.substr(at + 14));
    std::string stat;
    std::getline(std::ifstream(thread.path() / "stat"), stat);
    std::istringstream fields(stat.substr(stat.rfind(')') + 2));
    std::string skipped;
    for (int field = 3; field < 14; ++field) fields >> skipped;
    std::uint64_t user = 0;
    std::uint64_t system = 0;
    fields >> user >> system;
    sum.ticks += user + system;
  }
  return sum;
}

task<int> tree(int depth) {
  if (depth == 0) co_return 1;
  auto both = when_all(tree(depth - 1), tree(depth - 1));
  co_await both;
  co_return both.get<0>() + both.get<1>();
}

// The least of each figure over two seconds.
cost cheapest_two_seconds(int tries) {
  constexpr auto span = std::chrono::seconds(2);
  cost least{0, ~std::uint64_t{0}, ~std::uint64_t{0}};
  for (int i = 0; i < tries; ++i) {
    const cost before = cost_of_workers();
    std::this_thread::sleep_for(span);
    const cost after = cost_of_workers();
    least = {after.threads, std::min(least.switches, after.switches - before.switches), std::min(least.ticks, after.ticks - before.ticks)};
    if (least.switches == 0 && least.ticks == 0) break;
  }
  return least;
}

TEST(idle_stress, workers_without_work_sleep) {
  scheduler pool{{.workers = workers, .name = name}};

  const cost idle = cheapest_two_seconds(3);

  EXPECT_EQ(idle.threads, static_cast<std::uint64_t>(workers));
  EXPECT_LE(idle.switches, 2U * 10U);
  EXPECT_LE(idle.ticks, static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK)) / 50);  // 1 % of one processor
}

TEST(idle_stress, workers_whose_work_has_ended_sleep_again) {
  scheduler pool{{.workers = workers, .name = name}};
  ASSERT_EQ(sync_wait(pool, tree(16)), 1 << 16);

  const cost idle = cheapest_two_seconds(3);

  EXPECT_EQ(idle.threads, static_cast<std::uint64_t>(workers));
  EXPECT_LE(idle.switches, 2U * 10U);
  EXPECT_LE(idle.ticks, static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK)) / 50);  // 1 % of one processor
}

}  // namespace
}  // namespace weft
