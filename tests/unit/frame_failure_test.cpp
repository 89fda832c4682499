// SPDX-License-Identifier: Apache-2.0
// Frames when the system has no memory left: the allocation throws, and everything is as it was. The linker sends the
// library's calls of mmap here (--wrap=mmap), where the n-th can be made to fail.
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cerrno>
#include <new>
#include <thread>
#include <vector>

#include "open_cache.hpp"
#include "scheduler/frame_classes.hpp"
#include "weft/frames.hpp"

namespace {

int calls_until_failure = -1;  // negative: none fails
bool one_failed = false;

}  // namespace

extern "C" void* __real_mmap(void* start, std::size_t bytes, int protection, int flags, int file, off_t offset);
extern "C" void* __wrap_mmap(void* start, std::size_t bytes, int protection, int flags, int file, off_t offset) {
  if (calls_until_failure == 0) {
    one_failed = true;
    errno = ENOMEM;
    return MAP_FAILED;
  }
  if (calls_until_failure > 0) --calls_until_failure;
  return __real_mmap(start, bytes, protection, flags, file, offset);
}

namespace weft {
namespace {

using detail::allocate_frame;
using detail::release_frame;

/// Fails all calls after the first `count` of them while it lives.
class failing_maps {
 public:
  explicit failing_maps(int count) {
    one_failed = false;
    calls_until_failure = count;
  }
  ~failing_maps() { calls_until_failure = -1; }
  failing_maps(const failing_maps&) = delete;
  failing_maps& operator=(const failing_maps&) = delete;

  [[nodiscard]] bool failed() const noexcept { return one_failed; }
};

struct totals {
  std::size_t mapped, carved, large, live;
  bool operator==(const totals&) const = default;
};

totals now() {
  const frame_statistics found = describe_frames();
  return {found.mapped_bytes, found.carved_bytes, found.large_bytes, live_frames()};
}

class frame_failure : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(choose_frame_source(frame_source::pool));
    trim_frames();
  }
};

/// Makes each call of mmap in an allocation fail in turn; answers how many there were.
int fail_each_map(std::size_t bytes) {
  for (int n = 0;; ++n) {
    const totals before = now();
    const failing_maps failing(n);
    try {
      errno = 0;
      void* frame = allocate_frame(bytes);
      EXPECT_FALSE(failing.failed()) << "a failure of call " << n << " was not noticed";
      EXPECT_EQ(errno, 0);
      release_frame(frame, bytes);
      return n;
    } catch (const std::bad_alloc&) {
      EXPECT_TRUE(failing.failed());
      EXPECT_EQ(now(), before) << "call " << n;
      EXPECT_EQ(errno, 0);
    }
  }
}

TEST_F(frame_failure, the_first_region_cannot_be_mapped) {
  ASSERT_EQ(describe_frames().mapped_bytes, 0u) << "this case comes first in its process";
  EXPECT_GE(fail_each_map(64), 1);
  EXPECT_GE(describe_frames().mapped_bytes, sched::region_bytes);
}

TEST_F(frame_failure, a_big_frame_cannot_be_mapped) {
  EXPECT_GE(fail_each_map(200000), 1);
  trim_frames();
}

TEST_F(frame_failure, a_cache_cannot_be_filled) {
  test::open_cache cache;
  std::vector<void*> frames;
  const failing_maps failing(0);

  EXPECT_THROW(
      {
        while (true) frames.push_back(allocate_frame(16384));
      },
      std::bad_alloc);

  EXPECT_TRUE(failing.failed());
  cache.publish();
  EXPECT_EQ(live_frames(), frames.size());
  EXPECT_EQ(cache.allocated(), frames.size());
  EXPECT_THROW(allocate_frame(16384), std::bad_alloc);
  const std::size_t count = frames.size();
  for (void* frame : frames) release_frame(frame, 16384);
  for (void*& frame : frames) frame = allocate_frame(16384);  // what was released is enough for as many again
  for (void* frame : frames) release_frame(frame, 16384);
  EXPECT_EQ(cache.allocated(), 2 * count);
  EXPECT_EQ(cache.released(), 2 * count);
}

TEST_F(frame_failure, other_sizes_are_served_from_memory_that_is_there) {
  release_frame(allocate_frame(64), 64);  // makes sure of a region
  const failing_maps failing(0);

  void* frame = allocate_frame(2000);

  EXPECT_FALSE(failing.failed());
  release_frame(frame, 2000);
}

TEST_F(frame_failure, what_foreign_threads_left_in_their_bins_is_used_up) {
  std::vector<void*> frames;
  std::thread([] { release_frame(allocate_frame(12000), 12000); }).join();
  const failing_maps failing(0);

  EXPECT_THROW(
      {
        while (true) frames.push_back(allocate_frame(12000));
      },
      std::bad_alloc);

  EXPECT_EQ(frames.size(), describe_frames().classes[sched::size_class_for(12000) - 1].carved_blocks);
  EXPECT_EQ(live_frames(), frames.size());
  for (void* frame : frames) release_frame(frame, 12000);
}

TEST_F(frame_failure, once_there_is_memory_again_all_is_well) {
  {
    const failing_maps failing(0);
    EXPECT_THROW(allocate_frame(1000000), std::bad_alloc);
    EXPECT_TRUE(failing.failed());
  }
  release_frame(allocate_frame(1000000), 1000000);
  trim_frames();
  EXPECT_EQ(describe_frames().large_bytes, 0u);
}

}  // namespace
}  // namespace weft
