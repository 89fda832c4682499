// SPDX-License-Identifier: Apache-2.0
// More threads than cores take few lists from one stack and push them back in another order: the case that a stack
// without a tag gets wrong, because a list comes back on top while a slow thread still holds its old link.
#include "scheduler/frame_exchange.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <new>
#include <optional>
#include <thread>
#include <vector>

#include "scale.hpp"
#include "scheduler/frame_carver.hpp"
#include "seed.hpp"
#include "watchdog.hpp"

namespace weft::sched {
namespace {

constexpr std::size_t size_class = 1;

/// Lists of one block each, and who has them.
class tracked_lists {
 public:
  explicit tracked_lists(std::size_t count) {
    free_block* list = carver_of(size_class).carve(size_class);
    while (blocks_.size() < count && list != nullptr && list->next != nullptr) {
      free_block* below = list->next;
      blocks_.push_back(::new (static_cast<void*>(list)) free_block{empty_list(size_class), empty_depth(size_class) + 1});
      list = below;
    }
  }

  [[nodiscard]] const std::vector<free_block*>& all() const noexcept { return blocks_; }

  /// Whether the list was nobody's; and is nobody's again.
  [[nodiscard]] bool claim(const free_block* list) noexcept { return !held(list).exchange(true); }
  [[nodiscard]] bool give_up(const free_block* list) noexcept { return held(list).exchange(false); }

 private:
  std::atomic<bool>& held(const free_block* list) noexcept { return held_[place_of(list, size_class)]; }

  std::vector<free_block*> blocks_;
  std::array<std::atomic<bool>, blocks_per_slab(size_class)> held_{};
};

/// Pops up to two lists and pushes them back in either order; answers how often a list was in two hands.
std::uint64_t reorder(list_stack& stack, tracked_lists& lists, std::uint64_t rounds, std::uint64_t stream, test::watchdog& dog) {
  test::random_source random(stream);
  std::uint64_t wrong = 0;
  for (std::uint64_t i = 0; i < rounds; ++i) {
    free_block* first = stack.pop(size_class);
    free_block* second = stack.pop(size_class);
    if (random.one_in(2)) std::swap(first, second);
    for (free_block* list : {first, second}) {
      if (list != nullptr && !lists.claim(list)) ++wrong;
    }
    for (free_block* list : {first, second}) {
      if (list == nullptr) continue;
      if (!lists.give_up(list)) ++wrong;
      stack.push(list, size_class);
    }
    if (i % 1024 == 0) dog.beat();
  }
  return wrong;
}

TEST(frame_exchange_stress, a_list_is_in_one_hand_whatever_order_it_comes_back_in) {
  constexpr unsigned thread_count = 6;
  const std::uint64_t rounds = test::scaled(60'000'000, 600'000) / thread_count;
  test::seed();
  test::watchdog dog("frame_exchange_stress");
  tracked_lists lists(5);
  ASSERT_EQ(lists.all().size(), 5u);
  list_stack stack;
  for (free_block* list : lists.all()) stack.push(list, size_class);
  std::atomic<std::uint64_t> wrong{0};
  std::vector<std::thread> threads;

  for (unsigned i = 0; i < thread_count; ++i) {
    threads.emplace_back([&, i] { wrong += reorder(stack, lists, rounds, i, dog); });
  }
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(wrong.load(), 0u);
  std::size_t left = 0;
  while (const free_block* list = stack.pop(size_class)) {
    ASSERT_TRUE(lists.claim(list)) << "a list is in the stack twice";
    ++left;
  }
  EXPECT_EQ(left, lists.all().size());
}

}  // namespace
}  // namespace weft::sched
