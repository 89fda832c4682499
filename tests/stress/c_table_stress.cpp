// SPDX-License-Identifier: Apache-2.0
// Many threads make, use and release tokens that they all see, alive or dead: each thing is given back once, after the last use, and a
// token finds only what it was made for.
#include "coro/c_table.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "scale.hpp"
#include "seed.hpp"
#include "watchdog.hpp"

namespace weft::coro {
namespace {

constexpr c_kind object = c_kind::object;

/// Says which token it is of. Written by whoever makes it, read under a pin.
struct thing {
  void* handle = nullptr;
};

/// What all threads share: tokens on show, which anybody uses, keeps, or releases more often than is right.
struct run {
  c_table table;
  std::array<std::atomic<void*>, 4> shown{};
  std::atomic<std::int64_t> made{0};
  std::atomic<std::int64_t> destroyed{0};
  std::atomic<std::uint64_t> wrong{0};

  void destroy(void* what) {
    if (what == nullptr) return;
    delete static_cast<thing*>(what);
    destroyed.fetch_add(1);
  }
  void use(c_token token) {
    const c_found found = table.pin(token, object);
    if (found.access != c_access::granted) return;
    void* const handle = static_cast<thing*>(found.thing)->handle;
    if (handle != token.handle()) wrong.fetch_add(1);
    destroy(table.unpin(token));
  }
  void release_one(c_token token) { destroy(table.release_reference(token, object).thing); }
  /// A new token: its thing is told the handle before anybody else can know it.
  void* make() {
    auto* const fresh = new thing;
    const c_token token = table.make(object, fresh);
    fresh->handle = token.handle();
    made.fetch_add(1);
    return token.handle();
  }
};

void work(run& r, std::uint64_t rounds, unsigned number, test::watchdog& dog) {
  test::random_source random(number);
  for (std::uint64_t i = 0; i < rounds; ++i) {
    std::atomic<void*>& place = r.shown[random.below(r.shown.size())];
    const auto token = c_token::of(place.load());
    switch (random.below(4)) {
      case 0: r.release_one(c_token::of(place.exchange(r.make()))); break;  // somebody may have done so
      case 1:
        if (r.table.retain(token, object) == c_access::granted) {
          r.use(token);
          r.release_one(token);
        }
        break;
      case 2:
        if (random.one_in(8)) r.release_one(token);  // of others
        break;
      default: r.use(token);
    }
    if (i % 1024 == 0) dog.beat();
  }
}

TEST(c_table_stress, each_thing_goes_once_whoever_releases_what_is_not_his) {
  constexpr unsigned thread_count = 6;
  const std::uint64_t rounds = test::scaled(12'000'000, 120'000) / thread_count;
  test::seed();
  test::watchdog dog("c_table_stress");
  run r;
  {
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < thread_count; ++i) threads.emplace_back([&, i] { work(r, rounds, i, dog); });
  }
  for (std::atomic<void*>& place : r.shown) {
    const auto token = c_token::of(place.load());
    while (r.table.retain(token, object) == c_access::granted) {
      r.release_one(token);
      r.release_one(token);
    }
  }
  EXPECT_EQ(r.wrong.load(), 0u);
  EXPECT_EQ(r.made.load(), r.destroyed.load());
}

}  // namespace
}  // namespace weft::coro
