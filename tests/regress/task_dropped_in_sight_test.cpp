// SPDX-License-Identifier: Apache-2.0
// A task that is made and dropped where the compiler sees all of it: clang once took the destruction of its frame for something
// that cannot happen, and threw std::bad_alloc instead.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <utility>

namespace weft {
namespace {

struct witness {
  explicit witness(int& count) : destroyed(&count) {}
  witness(witness&& other) noexcept : destroyed(std::exchange(other.destroyed, nullptr)) {}
  ~witness() {
    if (destroyed != nullptr) ++*destroyed;
  }
  int* destroyed;
};

task<> takes(witness) { co_return; }

task<> drops_an_awaiter(int& destroyed) {
  task<> t = takes(witness(destroyed));
  {
    [[maybe_unused]] auto never_awaited = std::move(t).operator co_await();
  }
  co_return;
}

task<> drops_a_task(int& destroyed) {
  {
    const task<> never = takes(witness(destroyed));
  }
  co_return;
}

TEST(task_dropped_in_sight, is_destroyed_inside_another_task) {
  scheduler pool{{.workers = 1}};
  int destroyed = 0;

  sync_wait(pool, drops_an_awaiter(destroyed));
  EXPECT_EQ(destroyed, 1);
  sync_wait(pool, drops_a_task(destroyed));

  EXPECT_EQ(destroyed, 2);
}

TEST(task_dropped_in_sight, is_destroyed_in_a_plain_function) {
  int destroyed = 0;

  {
    const task<> never = takes(witness(destroyed));
  }

  EXPECT_EQ(destroyed, 1);
}

}  // namespace
}  // namespace weft
