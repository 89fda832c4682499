// SPDX-License-Identifier: Apache-2.0
// The exchange of free lists under every schedule: a list is in one thread's hands, with all its blocks, however often the
// same ones come back.
#include "scheduler/frame_exchange.hpp"

#include <gtest/gtest.h>

#include <new>
#include <vector>

#include "explorer/explore.hpp"
#include "scheduler/foreign_bins.hpp"
#include "scheduler/frame_carver.hpp"

namespace weft::sched {
namespace {

using explorer::explore;
using explorer::require;
using explorer::thread;

constexpr std::size_t size_class = 16;

/// Blocks that nobody else of this process uses.
const std::vector<free_block*>& blocks() {
  static const std::vector<free_block*> cut = [] {
    std::vector<free_block*> all;
    for (int batch = 0; batch < 4; ++batch)
      for (free_block* b = carver_of(size_class).carve(size_class); b != nullptr && b->next != nullptr; b = b->next) all.push_back(b);
    return all;
  }();
  return cut;
}

/// What its holder writes into a block, no atomic: behind the words of the list.
int& mark(free_block* b) { return *reinterpret_cast<int*>(b + 1); }

free_block* list_of(std::size_t first, std::size_t count) {
  free_block* list = empty_list(size_class);
  for (std::size_t i = 0; i < count; ++i) {
    mark(blocks()[first + i]) = 0;
    list = ::new (static_cast<void*>(blocks()[first + i])) free_block{list, list->depth + 1};
  }
  return list;
}
/// The holder of a list writes to its blocks, as frames would.
void use(free_block* list) {
  for (; list != nullptr && list->next != nullptr; list = list->next) {
    require(++mark(list) == 1, "a block is in one thread's hands");
    --mark(list);
  }
}
std::size_t count_of(list_stack& s) {
  std::size_t count = 0;
  while (free_block* const list = s.pop(size_class)) {
    use(list);
    count += length_of(list, size_class);
  }
  return count;
}

class exchange_model : public testing::Test {
 protected:
  void SetUp() override { ASSERT_GE(blocks().size(), 8U); }
};

TEST_F(exchange_model, a_list_arrives_with_its_blocks) {
  explore(
      [] {
        list_stack s;
        {
          const thread giver([&] { s.push(list_of(0, 2), size_class); });
          const thread other([&] { s.push(list_of(2, 1), size_class); });
          free_block* const taken = s.pop(size_class);
          use(taken);
          if (taken != nullptr) s.push(taken, size_class);
        }
        require(count_of(s) == 3, "no block is lost");
      },
      {.exhaustive = 20'000});
}

// I3: a list is taken, another one with it, and it comes back on top while a slow popper still holds its old link.
TEST_F(exchange_model, the_same_list_comes_back_on_top) {
  explore([] {
    list_stack s;
    for (const std::size_t i : {0U, 1U, 2U}) s.push(list_of(i, 1), size_class);
    free_block* kept = nullptr;
    free_block* slow = nullptr;
    {
      const thread popper([&] {
        slow = s.pop(size_class);
        use(slow);
      });
      free_block* const top = s.pop(size_class);
      kept = s.pop(size_class);
      use(kept);
      if (top != nullptr) s.push(top, size_class);
    }
    use(kept);
    require(count_of(s) + (kept != nullptr) + (slow != nullptr) == 3, "no block is lost or twice there");
  });
}

TEST_F(exchange_model, all_lists_taken_at_once) {
  explore([] {
    list_stack s;
    s.push(list_of(0, 1), size_class);
    std::size_t taken = 0;
    {
      const thread giver([&] { s.push(list_of(1, 2), size_class); });
      const thread popper([&] {
        free_block* const list = s.pop(size_class);
        use(list);
        if (list != nullptr) s.push(list, size_class);
      });
      for (block_name name = s.take_all(); name != 0;) {
        free_block* const list = named_block(name, size_class);
        name = list_stack::list_below(name, size_class);
        use(list);
        taken += length_of(list, size_class);
      }
    }
    require(taken + count_of(s) == 3, "no block is lost");
  });
}

// Threads that are no workers share a bin: a block that one gives back, the other gets, and nobody has it twice.
TEST_F(exchange_model, foreign_threads_share_a_bin) {
  explore([] {
    const auto give_and_take = [](std::size_t i) {
      free_block* const own = list_of(i, 1);
      give_foreign(own, size_class);
      void* const got = take_foreign(size_class);
      require(got != nullptr, "there is one");
      auto* const b = static_cast<free_block*>(got);
      require(++mark(b) == 1, "a block is in one thread's hands");
      --mark(b);
      give_foreign(got, size_class);
    };
    {
      const thread first([&] { give_and_take(0); });
      const thread second([&] { give_and_take(1); });
    }
    empty_bins(size_class);
    const auto lists = exchange_of(size_class).take_all();
    std::size_t count = 0;
    for (block_name chain : lists)
      for (; chain != 0; chain = list_stack::list_below(chain, size_class)) {
        use(named_block(chain, size_class));
        count += length_of(named_block(chain, size_class), size_class);
      }
    exchange_of(size_class).count_taken(count);
    require(count >= 2, "both blocks are there");
  });
}

}  // namespace
}  // namespace weft::sched
