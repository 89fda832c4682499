// SPDX-License-Identifier: Apache-2.0
// A task that resumes a foreign coroutine on its own scheduler puts a carrier on its worker's deque, above its siblings. The carrier
// may lie where an earlier sibling's frame was: it must not be taken for that child of the join, or its join never ends.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <coroutine>
#include <cstddef>
#include <exception>

namespace weft {
namespace {

/// A coroutine that is not weft's: it starts at once and frees itself.
struct errand {
  struct promise_type {
    errand get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
};

struct goes_to {
  scheduler& pool;
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> self) const { pool.resume(self); }
  void await_resume() const noexcept {}
};

errand go(scheduler& pool) { co_await goes_to{pool}; }

/// Its frame is of a size class of its own for each step of `Bytes`: one of them is that of a carrier.
template <std::size_t Bytes>
task<int> first() {
  volatile char room[Bytes];
  for (auto& c : room) c = 1;
  co_await yield();
  int sum = 0;
  for (auto& c : room) sum += c;
  co_return sum;
}

task<int> second(scheduler& pool) {
  co_await yield();
  go(pool);  // the carrier gets the memory of first()
  co_return 1;
}

task<int> third() {
  co_await yield();
  co_await yield();
  co_return 1;
}

template <std::size_t Bytes>
task<int> join(scheduler& pool) {
  auto all = when_all(first<Bytes>(), second(pool), third());
  co_await all;
  co_return all.template get<0>();
}

template <std::size_t Bytes>
void expect_end() {
  scheduler pool{{.workers = 1}};
  for (int i = 0; i < 10; ++i)
    ASSERT_EQ(sync_wait_for(pool, join<Bytes>(pool), std::chrono::seconds(30)), static_cast<int>(Bytes)) << "with " << Bytes << " bytes";
}

TEST(carrier, is_no_sibling_where_it_takes_a_siblings_memory) {
  expect_end<16>();
  expect_end<48>();
  expect_end<80>();
  expect_end<112>();
  expect_end<144>();
  expect_end<176>();
  expect_end<208>();
}

}  // namespace
}  // namespace weft
