// SPDX-License-Identifier: Apache-2.0
// Watching tasks by name: hooks for what becomes of each, and a watchdog for those that hold their worker.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace {

using namespace std::chrono_literals;

weft::task<> request() { co_await weft::sleep_for(1ms); }

/// Which tasks live, and how often they had to wait.
class tasks_in_flight {
 public:
  weft::task_hooks hooks() {
    return {.on_spawn = [this](std::string_view task) { note([&] { live_.insert(std::string(task)); }); },
            .on_suspend = [this](std::string_view, std::string_view) { note([&] { ++waits_; }); },
            .on_finish = [this](std::string_view task) { note([&] { live_.extract(std::string(task)); }); }};
  }
  [[nodiscard]] std::size_t count() const { return live_.size(); }
  [[nodiscard]] int waits() const { return waits_; }

 private:
  template <class Change>
  void note(Change change) {  // several threads call at once
    const std::scoped_lock hold(lock_);
    change();
  }

  std::mutex lock_;
  std::multiset<std::string> live_;
  int waits_ = 0;
};

TEST(watching_example, hooks_tell_of_each_task) {
  tasks_in_flight seen;
  weft::scheduler pool{{.workers = 2, .hooks = seen.hooks()}};
  for (int i = 0; i < 100; ++i) weft::spawn_detached(pool, request(), {.name = "request"});
  pool.stop();
  EXPECT_EQ(seen.count(), 0U);
  EXPECT_EQ(seen.waits(), 100);
}

weft::task<> compute_until(std::future<void> told) {
  told.wait();  // should have been run_blocking
  co_return;
}

TEST(watching_example, the_watchdog_tells_of_a_task_that_holds_its_worker) {
  std::promise<void> told;
  std::string whom;
  std::atomic_flag once;
  const auto on_held = [&](const weft::held_worker& held) {
    if (once.test_and_set()) return;
    whom = held.task;  // and held.where: after which wait
    told.set_value();
  };
  weft::scheduler pool{{.workers = 1, .watchdog = {.threshold = 10ms, .on_held = on_held}}};
  weft::sync_wait(pool, compute_until(told.get_future()));
  EXPECT_EQ(whom, "sync_wait");
}

}  // namespace
