// SPDX-License-Identifier: Apache-2.0
// The README's example of a test that takes time, and takes none.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

using namespace std::chrono_literals;

/// Something remote that does not answer the first times.
struct service {
  int silent = 0;

  weft::task<int> ask() {
    if (silent-- > 0) co_await weft::sleep_for(24h);
    co_return 42;
  }
};

// [virtual]
weft::task<int> ask_again_and_again(service& remote) {
  for (auto pause = 100ms;; pause *= 2) {
    auto answer = co_await weft::as_result(weft::timeout(1s, remote.ask()));
    if (answer.has_value()) co_return answer.value();
    co_await weft::sleep_for(pause);
  }
}

TEST(ask_again_and_again, waits_twice_as_long_each_time) {
  weft::virtual_scheduler pool{{.workers = 3}, {.seed = 7}};
  service remote{.silent = 4};
  const auto start = pool.now();
  EXPECT_EQ(pool.run(ask_again_and_again(remote)), 42);
  EXPECT_EQ(pool.now() - start, 4 * 1s + 100ms + 200ms + 400ms + 800ms);
}
// [/virtual]

TEST(ask_again_and_again, whatever_the_order_of_things) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    weft::virtual_scheduler pool{{.workers = 2}, {.seed = seed}};
    service one{.silent = 1};
    service other{.silent = 2};
    const auto both = [&]() -> weft::task<int> {
      auto [a, b] = co_await weft::when_all(ask_again_and_again(one), ask_again_and_again(other));
      co_return a + b;
    };
    EXPECT_EQ(pool.run(both()), 84);
  }
}
