// SPDX-License-Identifier: Apache-2.0
// Threads with and without caches pass frames through a ring, each word of each frame checked: no frame is in two hands,
// none is lost, and the pool does not grow beyond what was in use at once.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <thread>
#include <vector>

#include "open_cache.hpp"
#include "scale.hpp"
#include "scheduler/frame_budget.hpp"
#include "scheduler/frame_classes.hpp"
#include "seed.hpp"
#include "watchdog.hpp"
#include "weft/frames.hpp"

namespace weft {
namespace {

using detail::allocate_frame;
using detail::release_frame;
using test::random_source;

constexpr std::array<std::size_t, 9> sizes{64, 64, 128, 200, 256, 1024, 1500, 4096, 16384};
constexpr std::size_t big_size = 20000;

/// A frame of ours: every word behind the first two follows from the stamp.
struct stamped {
  std::uint64_t stamp;
  std::uint64_t words;

  static stamped* make(std::size_t bytes, std::uint64_t stamp) {
    auto* frame = ::new (allocate_frame(bytes)) stamped{stamp, bytes / sizeof(std::uint64_t)};
    for (std::uint64_t i = 2; i < frame->words; ++i) frame->content()[i] = stamp ^ i;
    return frame;
  }

  [[nodiscard]] bool is_whole() const noexcept {
    for (std::uint64_t i = 2; i < words; ++i) {
      if (content()[i] != (stamp ^ i)) return false;
    }
    return words >= 8 && words <= big_size / sizeof(std::uint64_t);
  }

  void release() noexcept { release_frame(this, words * sizeof(std::uint64_t)); }

 private:
  [[nodiscard]] std::uint64_t* content() noexcept { return reinterpret_cast<std::uint64_t*>(this); }
  [[nodiscard]] const std::uint64_t* content() const noexcept { return reinterpret_cast<const std::uint64_t*>(this); }
};

/// Where frames change hands: a slot is exchanged, so each frame leaves the ring once.
class ring {
 public:
  explicit ring(std::size_t slots) : slots_(slots) {}
  ~ring() {
    for (auto& slot : slots_) {
      if (stamped* left = slot.load()) left->release();
    }
  }

  stamped* swap(std::uint64_t slot, stamped* with) noexcept { return slots_[slot % slots_.size()].exchange(with); }

 private:
  std::vector<std::atomic<stamped*>> slots_;
};

class frame_pool_stress : public testing::Test {
 protected:
  void SetUp() override {
    test::seed();
    ASSERT_TRUE(choose_frame_source(frame_source::pool));
    trim_frames();
    live_before_ = live_frames();
  }
  void TearDown() override {
    set_frame_limit(std::nullopt);
    EXPECT_EQ(live_frames(), live_before_) << "frames were lost, or counted twice";
    trim_frames();
    EXPECT_EQ(describe_frames().carved_bytes, 0u) << "free blocks were lost: their slabs cannot be given back";
    EXPECT_EQ(describe_frames().large_bytes, 0u);
    EXPECT_EQ(sched::charged_bytes(), 0u) << "the budget and what is really held have drifted apart";
  }

  /// Runs `body(index)` on so many threads, of which the first `workers` have caches.
  template <class Body>
  static void on_threads(unsigned workers, unsigned foreign, Body body) {
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < workers + foreign; ++i) {
      threads.emplace_back([=] {
        std::optional<test::open_cache> cache;
        if (i < workers) cache.emplace();
        body(i);
      });
    }
    for (std::thread& thread : threads) thread.join();
  }

  test::watchdog dog_{"frame_pool_stress"};

 private:
  std::size_t live_before_ = 0;
};

/// The most blocks of a class that may exist: those in use at once, and what threads, bins and lists on their way keep.
std::size_t block_bound(std::size_t size_class, std::size_t in_use, unsigned threads) {
  constexpr unsigned bins = 16;
  return in_use + (4 * threads + bins) * (sched::list_blocks(size_class) + sched::batch_blocks(size_class));
}

void expect_bounded(std::size_t in_use, unsigned threads) {
  const frame_statistics now = describe_frames();
  for (std::size_t k = 1; k < sched::class_count; ++k) {
    EXPECT_LE(now.classes[k - 1].carved_blocks, block_bound(k, in_use, threads)) << "frames of " << sched::block_bytes[k] << " bytes";
  }
}

/// Exchanges frames of random sizes; answers how many were not whole.
std::uint64_t exchange_frames(ring& through, std::uint64_t operations, std::uint64_t stream, test::watchdog& dog) {
  random_source random(stream);
  std::uint64_t broken = 0;
  for (std::uint64_t i = 0; i < operations; ++i) {
    const std::uint64_t r = random.next();
    const std::size_t bytes = r % 4096 == 0 ? big_size : sizes[r / 4096 % sizes.size()];
    stamped* made = stamped::make(bytes, r);
    if (stamped* other = through.swap(r >> 40, made)) {
      if (!other->is_whole()) ++broken;
      other->release();
    }
    if (i % 1024 == 0) dog.beat();
  }
  return broken;
}

struct mix {
  unsigned workers;
  unsigned foreign;
};

class frame_pool_mix : public frame_pool_stress, public testing::WithParamInterface<mix> {};

TEST_P(frame_pool_mix, frames_cross_threads_whole_and_the_pool_stays_small) {
  constexpr std::size_t slots = 512;
  const auto [workers, foreign] = GetParam();
  const unsigned threads = workers + foreign;
  const std::uint64_t operations = test::scaled(4'000'000, 100'000) / threads;
  std::atomic<std::uint64_t> broken{0};
  {
    ring through(slots);
    on_threads(workers, foreign, [&](unsigned i) { broken += exchange_frames(through, operations, i, dog_); });
    expect_bounded(slots + threads, threads);
  }
  EXPECT_EQ(broken.load(), 0u);
}

INSTANTIATE_TEST_SUITE_P(threads, frame_pool_mix,
                         testing::Values(mix{1, 0}, mix{0, 1}, mix{2, 0}, mix{0, 2}, mix{2, 2}, mix{4, 0}, mix{0, 20}, mix{8, 8}),
                         [](const auto& info) {
                           return std::to_string(info.param.workers) + "_workers_" + std::to_string(info.param.foreign) + "_foreign";
                         });

/// One thread makes what another releases, a ring of slots apart.
void produce_and_consume(unsigned producer_kind, unsigned consumer_kind, test::watchdog& dog) {
  constexpr std::size_t slots = 1000;
  constexpr std::size_t bytes = 256;
  const std::uint64_t operations = test::scaled(4'000'000, 50'000);
  std::vector<std::atomic<stamped*>> channel(slots);
  std::uint64_t broken = 0;
  const auto wait = [](std::uint64_t& turns) {
    if (++turns % 64 == 0) std::this_thread::yield();
  };
  std::thread producer([&, producer_kind] {
    std::optional<test::open_cache> cache;
    if (producer_kind != 0) cache.emplace();
    for (std::uint64_t i = 0, turns = 0; i < operations; ++i) {
      while (channel[i % slots].load() != nullptr) wait(turns);
      channel[i % slots].store(stamped::make(bytes, i));
    }
  });
  std::thread consumer([&, consumer_kind] {
    std::optional<test::open_cache> cache;
    if (consumer_kind != 0) cache.emplace();
    for (std::uint64_t i = 0, turns = 0; i < operations; ++i) {
      stamped* got = nullptr;
      while ((got = channel[i % slots].exchange(nullptr)) == nullptr) wait(turns);
      if (got->stamp != i || !got->is_whole()) ++broken;
      got->release();
      if (i % 1024 == 0) dog.beat();
    }
  });
  producer.join();
  consumer.join();
  EXPECT_EQ(broken, 0u);
  expect_bounded(slots + 1, 2);
}

TEST_F(frame_pool_stress, what_one_worker_makes_and_another_releases_does_not_drift) { produce_and_consume(1, 1, dog_); }
TEST_F(frame_pool_stress, what_a_worker_makes_and_a_foreign_thread_releases_does_not_drift) { produce_and_consume(1, 0, dog_); }
TEST_F(frame_pool_stress, what_a_foreign_thread_makes_and_a_worker_releases_does_not_drift) { produce_and_consume(0, 1, dog_); }
TEST_F(frame_pool_stress, what_one_foreign_thread_makes_and_another_releases_does_not_drift) { produce_and_consume(0, 0, dog_); }

TEST_F(frame_pool_stress, caches_come_and_go_and_leave_nothing) {
  constexpr std::size_t slots = 256;
  const std::uint64_t lives = test::scaled(20'000, 200);
  std::atomic<std::uint64_t> broken{0};
  {
    ring through(slots);
    on_threads(0, 3, [&](unsigned thread) {
      for (std::uint64_t life = 0; life < lives; ++life) {
        const test::open_cache cache;
        broken += exchange_frames(through, 40, thread * lives + life, dog_);
      }
    });
    expect_bounded(slots + 3, 3);
  }
  EXPECT_EQ(broken.load(), 0u);
}

TEST_F(frame_pool_stress, trim_takes_nothing_that_is_in_use) {
  constexpr std::size_t slots = 512;
  const std::uint64_t operations = test::scaled(500'000, 20'000);
  std::atomic<std::uint64_t> broken{0};
  std::atomic<unsigned> at_work{4};
  std::size_t trimmed = 0;
  std::thread trimmer([&] {
    while (at_work.load() != 0) {
      trimmed += trim_frames();
      std::this_thread::yield();  // or it takes the growth lock again before those that it has woken can
    }
  });
  {
    ring through(slots);
    on_threads(2, 2, [&](unsigned i) {
      for (int burst = 0; burst < 10; ++burst) {
        broken += exchange_frames(through, operations / 10, i * 10 + burst, dog_);
        for (std::size_t slot = i; slot < slots; slot += 4) {  // leaves whole slabs free for the trimmer
          if (stamped* left = through.swap(slot, nullptr)) left->release();
        }
      }
      --at_work;
    });
  }
  trimmer.join();
  EXPECT_EQ(broken.load(), 0u);
  EXPECT_GT(trimmed, 0u);
}

TEST_F(frame_pool_stress, the_limit_holds_at_every_moment) {
  const std::size_t limit = 40 * sched::slab_bytes;
  const std::uint64_t rounds = test::scaled(2'000, 20);
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> over{0};
  set_frame_limit(limit);
  on_threads(2, 2, [&](unsigned i) {
    random_source random(i);
    for (std::uint64_t round = 0; round < rounds; ++round) {
      const std::size_t bytes = random.one_in(8) ? big_size : sizes[random.below(sizes.size())];
      std::vector<stamped*> held;
      try {
        while (held.size() * bytes < 2 * limit) held.push_back(stamped::make(bytes, round));
      } catch (const std::bad_alloc&) {
        ++refused;
      }
      const frame_statistics now = describe_frames();
      if (now.carved_bytes > limit || now.large_bytes > limit) ++over;
      for (stamped* frame : held) {
        if (!frame->is_whole()) ++over;
        frame->release();
      }
      dog_.beat();
    }
  });
  EXPECT_EQ(refused.load(), rounds * 4) << "each thread asked for more than there is";
  EXPECT_EQ(over.load(), 0u);
}

TEST_F(frame_pool_stress, no_two_threads_pass_the_limit_together) {
  const std::uint64_t rounds = test::scaled(2'000'000, 50'000);
  std::atomic<std::size_t> held{0};
  std::atomic<std::uint64_t> over{0};
  set_frame_limit(2);
  on_threads(0, 4, [&](unsigned) {
    for (std::uint64_t i = 0; i < rounds; ++i) {
      if (!sched::charge(1)) continue;
      if (held.fetch_add(1) >= 2) ++over;
      held.fetch_sub(1);
      sched::discharge(1);
      if (i % 1024 == 0) dog_.beat();
    }
  });
  EXPECT_EQ(over.load(), 0u);
}

}  // namespace
}  // namespace weft
