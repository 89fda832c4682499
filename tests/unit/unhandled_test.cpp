// SPDX-License-Identifier: Apache-2.0
// Where failures of spawned tasks go: to who joins, to the scheduler's hook, to stderr, and to nobody twice.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "balanced.hpp"
#include "gate.hpp"

namespace weft {
namespace {

class unhandled_test : public test::balanced {};

struct mishap : std::runtime_error {
  using std::runtime_error::runtime_error;
};

task<int> fails(std::string why) {
  throw mishap(why);
  co_return 0;
}

// What the hook for failures was told: "name: text" each.
class told {
 public:
  auto hook() {
    return [this](std::exception_ptr failure, std::string_view name) {
      std::string text = "?";
      try {
        std::rethrow_exception(failure);
      } catch (const std::exception& e) {
        text = e.what();
      }
      const std::scoped_lock hold(lock_);
      all_.push_back(std::string(name) + ": " + text);
    };
  }
  [[nodiscard]] std::vector<std::string> all() {
    const std::scoped_lock hold(lock_);
    return all_;
  }

 private:
  std::mutex lock_;
  std::vector<std::string> all_;
};

task<> joins_a_failure() {
  auto handle = spawn(fails("joined"));
  try {
    co_await std::move(handle);
    ADD_FAILURE() << "nothing was thrown";
  } catch (const mishap& e) {
    EXPECT_STREQ(e.what(), "joined");
  }
}

TEST_F(unhandled_test, a_failure_is_thrown_to_who_joins_and_told_to_nobody_else) {
  told failures;
  scheduler pool{{.workers = 1, .on_unhandled = failures.hook()}};
  sync_wait(pool, joins_a_failure());
  pool.stop();
  EXPECT_TRUE(failures.all().empty());
  EXPECT_EQ(pool.metrics().roots_unhandled, 0U);
}

TEST_F(unhandled_test, the_failure_of_a_detached_task_is_told_to_the_hook_with_its_name) {
  told failures;
  scheduler pool{{.workers = 1, .on_unhandled = failures.hook()}};
  spawn_detached(pool, fails("nobody looks"), {.name = "worker bee"});
  spawn_detached(pool, fails("no name"));
  pool.stop();
  EXPECT_EQ(failures.all(), (std::vector<std::string>{"worker bee: nobody looks", ": no name"}));
  EXPECT_EQ(pool.metrics().roots_unhandled, 2U);
}

TEST_F(unhandled_test, a_long_name_is_cut_off_after_39_bytes) {
  told failures;
  scheduler pool{{.workers = 1, .on_unhandled = failures.hook()}};
  spawn_detached(pool, fails("x"), {.name = std::string(60, 'n')});
  pool.stop();
  EXPECT_EQ(failures.all(), std::vector<std::string>{std::string(39, 'n') + ": x"});
}

task<> drops_a_failed_handle() {
  auto handle = spawn(fails("dropped later"), {.name = "failed"});
  co_await yield();
  EXPECT_TRUE(handle.is_done());
}

TEST_F(unhandled_test, a_failure_whose_handle_is_dropped_later_is_told_then) {
  told failures;
  scheduler pool{{.workers = 1, .on_unhandled = failures.hook()}};
  sync_wait(pool, drops_a_failed_handle());
  pool.stop();
  EXPECT_EQ(failures.all(), std::vector<std::string>{"failed: dropped later"});
}

TEST_F(unhandled_test, a_failed_handle_that_a_thread_drops_is_told_to_the_hook_while_the_scheduler_lives) {
  told failures;
  scheduler pool{{.workers = 1, .on_unhandled = failures.hook()}};
  {
    const auto handle = spawn(pool, fails("dropped outside"), {.name = "failed"});
    while (!handle.is_done()) std::this_thread::yield();
  }
  pool.stop();
  EXPECT_EQ(failures.all(), std::vector<std::string>{"failed: dropped outside"});
  EXPECT_EQ(pool.metrics().roots_unhandled, 1U);
}

TEST_F(unhandled_test, a_stopped_scheduler_is_still_told_until_it_is_destroyed) {
  told failures;
  scheduler pool{{.workers = 1, .on_unhandled = failures.hook()}};
  auto handle = std::make_optional(spawn(pool, fails("after the stop"), {.name = "kept"}));
  pool.stop();
  EXPECT_TRUE(failures.all().empty());

  handle.reset();

  EXPECT_EQ(failures.all(), std::vector<std::string>{"kept: after the stop"});
}

TEST_F(unhandled_test, whichever_of_handle_and_task_is_faster_the_hook_is_told_once) {
  constexpr std::size_t rounds = 300;
  told failures;
  scheduler pool{{.workers = 2, .on_unhandled = failures.hook()}};
  scheduler other{{.workers = 1}};
  auto fails_elsewhere = [](scheduler& there) -> task<int> {
    co_await resume_on(there);
    throw mishap("raced");
  };
  for (std::size_t i = 0; i < rounds; ++i) {
    {
      const auto dropped = spawn(pool, i % 2 == 0 ? fails("raced") : fails_elsewhere(other), {.name = "r"});
    }
    EXPECT_THROW(sync_wait_for(pool, i % 4 < 2 ? fails("given up") : fails_elsewhere(other), std::chrono::nanoseconds(0)), std::exception);
  }
  pool.stop();
  const std::vector<std::string> all = failures.all();
  EXPECT_EQ(std::count(all.begin(), all.end(), "r: raced"), rounds);
  EXPECT_EQ(pool.metrics().roots_unhandled, all.size());
}

TEST_F(unhandled_test, the_failure_of_a_task_that_sync_wait_for_gave_up_is_told_to_the_hook) {
  told failures;
  test::gate gate;
  scheduler pool{{.workers = 1, .on_unhandled = failures.hook()}};
  auto fails_behind = [](test::gate& at) -> task<> {
    co_await at;
    throw mishap("too late");
  };
  EXPECT_THROW(sync_wait_for(pool, fails_behind(gate), std::chrono::nanoseconds(0)), timeout_error);
  gate.wait_for_arrivals(1);

  gate.open();
  pool.stop();

  EXPECT_EQ(failures.all(), std::vector<std::string>{"sync_wait_for: too late"});
}

TEST_F(unhandled_test, a_new_scheduler_is_not_told_what_failed_at_an_old_one) {
  told failures;
  std::optional<join_handle<int>> handle;
  {
    scheduler old{{.workers = 1}};
    handle.emplace(spawn(old, fails("long ago"), {.name = "old"}));
  }
  scheduler pool{{.workers = 1, .on_unhandled = failures.hook()}};  // perhaps in the old one's place
  testing::internal::CaptureStderr();

  handle.reset();

  EXPECT_EQ(testing::internal::GetCapturedStderr(), "weft: detached task old failed: long ago\n");
  EXPECT_TRUE(failures.all().empty());
}

TEST_F(unhandled_test, without_a_hook_the_failure_is_printed) {
  testing::internal::CaptureStderr();
  {
    scheduler pool{{.workers = 1}};
    spawn_detached(pool, fails("printed"), {.name = "loud"});
    auto odd = []() -> task<> {
      throw 7;
      co_return;
    };
    spawn_detached(pool, odd());
  }
  const std::string printed = testing::internal::GetCapturedStderr();
  EXPECT_NE(printed.find("weft: detached task loud failed: printed\n"), std::string::npos) << printed;
  EXPECT_NE(printed.find("weft: detached task (no name) failed: an exception that is no std::exception\n"), std::string::npos) << printed;
}

TEST_F(unhandled_test, a_failed_handle_that_is_dropped_by_no_worker_is_printed) {
  std::optional<join_handle<int>> handle;
  {
    scheduler pool{{.workers = 1}};
    handle.emplace(spawn(pool, fails("late"), {.name = "outlives"}));
  }
  testing::internal::CaptureStderr();
  handle.reset();
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "weft: detached task outlives failed: late\n");
}

TEST_F(unhandled_test, a_future_throws_the_failure_and_the_hook_is_not_asked) {
  told failures;
  scheduler pool{{.workers = 1, .on_unhandled = failures.hook()}};
  std::future<int> broken = spawn_future(pool, fails("in the future"));
  EXPECT_THROW(static_cast<void>(broken.get()), mishap);
  {
    const std::future<int> dropped = spawn_future(pool, fails("dropped"));
  }
  pool.stop();
  EXPECT_TRUE(failures.all().empty());
}

}  // namespace
}  // namespace weft
