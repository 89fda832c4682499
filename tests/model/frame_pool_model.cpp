// SPDX-License-Identifier: Apache-2.0
// The frame pool under every schedule: frames that one thread makes and another gives back, blocks cut by two at once, large
// frames kept for the next one.
#include "weft/detail/frame_pool.hpp"

#include <gtest/gtest.h>

#include "explorer/explore.hpp"
#include "open_cache.hpp"
#include "scheduler/big_frames.hpp"
#include "scheduler/frame_carver.hpp"
#include "scheduler/frame_exchange.hpp"

namespace weft::sched {
namespace {

using explorer::explore;
using explorer::require;
using explorer::thread;

/// A frame's owner writes all over it, no atomics.
int* fill(void* frame) {
  auto* const words = static_cast<int*>(frame);
  for (int i = 0; i < 6; ++i) words[i] = i;
  return words;
}

TEST(frame_pool_model, a_frame_is_given_back_elsewhere_and_used_again) {
  constexpr std::size_t bytes = 900;
  explore(
      [] {
        detail::atomic<void*> passed{nullptr};
        {
          const thread giver([&] {
            const test::open_cache own;
            void* const frame = detail::allocate_frame(bytes);
            fill(frame);
            passed.store(frame, detail::release);
            detail::release_frame(fill(detail::allocate_frame(bytes)), bytes);
          });
          const test::open_cache own;
          for (int n = 0; n < 3; ++n) {
            detail::release_frame(fill(detail::allocate_frame(bytes)), bytes);
            if (void* const frame = passed.exchange(nullptr, detail::acquire)) detail::release_frame(fill(frame), bytes);
          }
        }
        if (void* const frame = passed.load(detail::relaxed)) detail::release_frame(frame, bytes);
      },
      {.share = 0.5});
}

TEST(frame_pool_model, threads_without_a_cache_exchange_frames) {
  constexpr std::size_t bytes = 700;
  explore([] {
    const auto use = [] {
      void* const first = detail::allocate_frame(bytes);
      void* const second = detail::allocate_frame(bytes);
      require(first != second, "a block is in one thread's hands");
      detail::release_frame(fill(first), bytes);
      detail::release_frame(fill(second), bytes);
    };
    const thread other(use);
    use();
  });
}

TEST(frame_pool_model, two_threads_cut_blocks_of_one_slab) {
  static constexpr std::size_t size_class = 15;
  static class_carver carver;
  require(carver_of(size_class).carve(size_class) != nullptr, "there is memory");
  explore(
      [] {
        free_block* cut[2] = {};
        {
          const thread other([&] { cut[1] = carver.carve(size_class); });
          cut[0] = carver.carve(size_class);
        }
        for (free_block* b = cut[0]; b != nullptr && b->next != nullptr; b = b->next)
          for (free_block* c = cut[1]; c != nullptr && c->next != nullptr; c = c->next) require(b != c, "a block is cut once");
        for (free_block* list : cut)
          if (list != nullptr) exchange_of(size_class).give_list(list, size_class);
      },
      {.share = 0.05});
}

// I3 of frame_carver.hpp: all blocks that were cut are here, so the slab can go, unless another thread cuts more at that moment.
TEST(frame_pool_model, a_slab_is_retired_or_cut_from) {
  static constexpr std::size_t size_class = 14;
  static class_carver carver;
  explore([] {
    free_block* const first = carver.carve(size_class);
    const std::uint32_t slab = region_of(first).number;
    const auto blocks = [](free_block* list) { return static_cast<std::uint32_t>(length_of(list, size_class)); };
    free_block* second = nullptr;
    bool retired = false;
    {
      const thread other([&] { second = carver.carve(size_class); });
      retired = carver.try_retire(slab, blocks(first), size_class, hold_growth());
    }
    const std::uint32_t last = region_of(second).number;
    require(!retired || last != slab, "nobody has a block of a retired slab");
    const growth_hold hold = hold_growth();
    if (retired) carver.keep_emptied(slab, size_class, hold);
    require(carver.try_retire(last, blocks(second) + (retired ? 0 : blocks(first)), size_class, hold), "all that was cut is here");
    carver.keep_emptied(last, size_class, hold);  // each schedule begins without a slab
  });
}

// E1 of frame_carver.cpp: who cuts a slab that was opened again gets blocks that another thread has written to before.
TEST(frame_pool_model, a_slab_that_is_opened_again_is_cut_by_another_thread) {
  static constexpr std::size_t size_class = 13;
  static class_carver carver;
  explore([] {
    const auto carve = [] { return carver.carve(size_class); };
    const auto blocks = [](free_block* list) { return static_cast<std::uint32_t>(length_of(list, size_class)); };
    free_block* lists[2] = {};
    free_block* const before = carve();
    const std::uint32_t slab = region_of(before).number;
    {
      const thread other([&] { lists[1] = carve(); });
      const auto retire = [&](const growth_hold& hold) {
        if (!carver.try_retire(slab, blocks(before), size_class, hold)) return false;
        carver.keep_emptied(slab, size_class, hold);
        return true;
      };
      const bool retired = retire(hold_growth());
      lists[0] = retired ? carve() : before;
    }
    for (free_block* const list : lists) require(region_of(list).number == slab, "the emptied slab is the next one");
    const growth_hold hold = hold_growth();
    require(carver.try_retire(slab, blocks(lists[0]) + blocks(lists[1]), size_class, hold), "all that was cut is here");
    carver.keep_emptied(slab, size_class, hold);  // each schedule begins without a slab
  });
}

TEST(frame_pool_model, a_large_frame_is_kept_for_the_next_one) {
  constexpr std::size_t bytes = 200'000;
  explore([] {
    const auto use = [] {
      for (int n = 0; n < 2; ++n) {
        void* const frame = allocate_big_frame(bytes);
        require(frame != nullptr, "there is memory");
        release_big_frame(fill(frame));
      }
    };
    {
      const thread other(use);
      use();
    }
    static_cast<void>(drop_kept_big_frames());
    require(big_frame_bytes() == 0, "none is lost");
  });
}

// Only one is mapped: that the system gives no page again before it was given back is not in the explorer's view.
TEST(frame_pool_model, a_large_frame_is_dropped_by_another_thread) {
  explore([] {
    {
      const thread user([] { release_big_frame(fill(allocate_big_frame(200'000))); });
      static_cast<void>(drop_kept_big_frames());
    }
    static_cast<void>(drop_kept_big_frames());
    require(big_frame_bytes() == 0, "none is lost");
  });
}

}  // namespace
}  // namespace weft::sched
