// SPDX-License-Identifier: Apache-2.0
// AddressSanitizer sees into what tasks do: memory that a task has given back, of the heap or of a frame, is not used unnoticed.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <memory>

namespace weft {
namespace {

[[gnu::noinline]] void add_one(int& to) { ++to; }

task<> use_freed_memory() {
  auto owner = std::make_unique<int>(1);
  int& kept = *owner;
  owner.reset();
  co_await yield();
  add_one(kept);
}

task<int*> address_of_a_local() {
  int local = 1;
  co_await yield();
  add_one(local);
  co_return &local;
}

task<> use_an_ended_frame() {
  int* const dangling = co_await address_of_a_local();
  add_one(*dangling);
}

template <class Task>
void run_on_two_workers(Task (*start)()) {
  scheduler pool{{.workers = 2}};
  sync_wait(pool, start());
}

TEST(planted_use_after_free, of_the_heap_is_found) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(run_on_two_workers(use_freed_memory), "heap-use-after-free");
}

TEST(planted_use_after_free, of_a_frame_is_found) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(run_on_two_workers(use_an_ended_frame), "AddressSanitizer");
}

}  // namespace
}  // namespace weft
