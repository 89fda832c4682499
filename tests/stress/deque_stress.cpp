// SPDX-License-Identifier: Apache-2.0
// One owner and one to eight thieves on a deque that starts with two slots, at positions near every wrap: each item is
// taken exactly once.
#include <weft/detail/deque.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bitmap.hpp"
#include "scale.hpp"
#include "seed.hpp"
#include "watchdog.hpp"

namespace weft::detail {
namespace {

struct item {
  std::uint64_t id;     // written by the owner before it pushes
  std::uint64_t proof;  // as id: a taker that does not see what was written before the push reads something else
};

/// What all threads of one run share.
struct run {
  explicit run(std::uint64_t count, std::uint64_t first_position) : items(count), taken(count), ready(2, first_position) {}

  void take(const item* i) {
    if (i->proof != ~i->id) wrong.fetch_add(1);
    taken.mark(i->id);
  }

  std::vector<item> items;
  test::bitmap taken;
  std::atomic<std::uint64_t> wrong{0};
  std::atomic<std::uint64_t> stolen_items{0};
  std::atomic<bool> over{false};
  deque<item> ready;
};

void rob(run& r) {
  auto view = r.ready.as_thief();
  std::uint64_t stolen_here = 0;
  for (;;) {
    const bool last_look = r.over.load();
    const stolen<item> got = view.steal();
    if (got.outcome == steal_outcome::taken) {
      ++stolen_here;
      r.take(got.item);
    } else if (got.outcome == steal_outcome::empty) {
      if (last_look) break;
      std::this_thread::yield();
    }
  }
  r.stolen_items += stolen_here;
}

// Pushes singly and several at once, by both kinds of push, and pops by both ways or leaves it to the thieves, in random runs.
void own(run& r, test::random_source random) {
  auto view = r.ready.as_owner();
  const std::uint64_t count = r.items.size();
  const auto fill = [&](std::uint64_t id) { return &(r.items[id] = {id, ~id}); };
  for (std::uint64_t next = 0; next < count;) {
    const std::uint64_t batch = std::min(count - next, random.below(random.one_in(64) ? 300 : 6) + 1);
    if (random.one_in(2)) {
      const std::uint64_t bottom = view.bottom();
      ASSERT_TRUE(view.has_room(bottom, batch));
      for (std::uint64_t i = 0; i < batch; ++i) view.put(bottom + i, fill(next + i));
      view.advance(bottom + batch);
      next += batch;
    } else {
      for (const std::uint64_t end = next + batch; next < end; ++next) {
        item* const made = fill(next);
        ASSERT_TRUE(random.one_in(2) ? view.push(made) : view.push_quietly(made));
      }
    }
    if (random.one_in(256)) {
      while (!view.is_empty()) std::this_thread::yield();  // the thieves take it all
    }
    for (std::uint64_t pops = random.below(random.one_in(32) ? 400 : 8); pops != 0; --pops) {
      if (random.one_in(2)) {
        if (item* i = view.pop()) r.take(i);
        continue;
      }
      const std::uint64_t position = view.take_back();
      item* const i = view.is_last(position) ? view.pop_last(position) : view.at(position);
      if (i != nullptr) r.take(i);
    }
  }
  while (item* i = view.pop()) r.take(i);
}

/// By number of thieves.
class deque_stress : public testing::TestWithParam<int> {};

TEST_P(deque_stress, every_item_is_taken_once_wherever_positions_start) {
  test::watchdog dog("deque_stress");
  constexpr std::uint64_t near[] = {0, (std::uint64_t{1} << 31) - 4, (std::uint64_t{1} << 32) - 4, (std::uint64_t{1} << 63) - 4,
                                    ~std::uint64_t{0} - 3};
  const std::uint64_t count = test::scaled(2'000'000, 8'000);
  std::uint64_t all_stolen = 0;

  for (const std::uint64_t first : near) {
    run r(count, first);
    std::vector<std::thread> thieves;
    for (int t = 0; t < GetParam(); ++t) thieves.emplace_back([&] { rob(r); });
    own(r, test::random_source(first));
    r.over = true;
    for (std::thread& t : thieves) t.join();

    EXPECT_EQ(r.taken.lost(), 0U);
    EXPECT_EQ(r.taken.twice(), 0U);
    EXPECT_EQ(r.wrong, 0U);
    EXPECT_TRUE(r.ready.as_thief().is_empty());
    all_stolen += r.stolen_items;
    dog.beat();
  }

  EXPECT_GT(all_stolen, 0U) << "nothing was stolen: the run showed nothing of what it is for";
}

INSTANTIATE_TEST_SUITE_P(thieves, deque_stress, testing::Range(1, 9), [](const auto& run) { return std::to_string(run.param); });

}  // namespace
}  // namespace weft::detail
