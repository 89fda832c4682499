// SPDX-License-Identifier: Apache-2.0
// UndefinedBehaviorSanitizer sees into what tasks do, and ends the process: an overflow and a misaligned access are not passed over.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <limits>
#include <utility>

namespace weft {
namespace {

// Not inlined: the compiler must not see what becomes of it.
[[gnu::noinline]] int one_more(int n) { return n + 1; }
[[gnu::noinline]] int read(const int* from) { return *from; }

task<int> overflow(int n) {
  co_await yield();
  co_return one_more(n);
}

task<int> read_at(std::size_t offset) {
  const int numbers[2] = {};  // g++ 12 would not align an array of bytes as it is told
  co_await yield();
  co_return read(reinterpret_cast<const int*>(reinterpret_cast<const std::byte*>(numbers) + offset));
}

int run_on_two_workers(task<int> t) {
  scheduler pool{{.workers = 2}};
  return sync_wait(pool, std::move(t));
}

TEST(planted_undefined, overflow_is_found) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(run_on_two_workers(overflow(std::numeric_limits<int>::max())), "runtime error: signed integer overflow");
}

TEST(planted_undefined, misaligned_access_is_found) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(run_on_two_workers(read_at(1)), "runtime error: load of misaligned address");
}

TEST(planted_undefined, is_not_seen_where_all_is_defined) {
  EXPECT_EQ(run_on_two_workers(overflow(1)), 2);
  EXPECT_EQ(run_on_two_workers(read_at(sizeof(int))), 0);
}

}  // namespace
}  // namespace weft
