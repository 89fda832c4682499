// SPDX-License-Identifier: Apache-2.0
// Values of task locals under every schedule: read by several, destroyed by the last.
#include "weft/detail/local_value.hpp"

#include <gtest/gtest.h>

#include "explored_pool.hpp"

namespace weft {
namespace {

using detail::hold_locals;
using detail::release_locals;
using explorer::explore;
using explorer::require;
using explorer::thread;

/// Notices a value that is destroyed while another holder still reads it.
struct watched_value {
  int readers = 0;
  explicit watched_value(int n) noexcept : readers(n) {}
  watched_value(watched_value&& other) noexcept = default;
  ~watched_value() { readers = 0; }
};

TEST(local_value_model, the_last_holder_destroys_after_all_have_read) {
  explore(
      [] {
        const int key = 0;
        detail::local_value* const outer = detail::make_local(&key, watched_value(7));
        detail::local_value* const inner = detail::make_local(&key, watched_value(8));
        inner->outer = hold_locals(outer);
        const auto read = [](detail::local_value* list, int expected) {
          require(static_cast<detail::local_of<watched_value>*>(list)->value.readers == expected, "the value is there");
          release_locals(list);
        };
        const thread other([&, held = hold_locals(inner)] { read(held, 8); });
        const thread third([&, held = hold_locals(outer)] { read(held, 7); });
        release_locals(outer);
        read(inner, 8);
      },
      {.exhaustive = 20'000});
}

const task_local<int> number(-1);

task<int> reads() {
  co_await yield();
  co_return number.get();
}

TEST(local_value_model, a_spawned_task_against_the_end_of_where_the_value_was_set) {
  explore([] {
    scheduler pool(test::workers(2));
    const auto spawns = []() -> task<join_handle<int>> { co_return spawn(reads()); };
    const auto asks = [&]() -> task<int> {
      auto handle = co_await with_local(number, 7, spawns());
      const int outside = number.get();
      co_return co_await std::move(handle) + outside;
    };
    require(sync_wait(pool, asks()) == 6, "it sees the value, and nobody else does");
  });
}

}  // namespace
}  // namespace weft
