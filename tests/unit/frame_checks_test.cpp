// SPDX-License-Identifier: Apache-2.0
// What checked builds find: each wrong use of a frame ends the process with a message that names the rule.
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>

#include "open_cache.hpp"
#include "scheduler/frame_poison.hpp"
#include "scheduler/frame_regions.hpp"
#include "weft/frames.hpp"

namespace weft {
namespace {

using detail::allocate_frame;
using detail::release_frame;
using test::open_cache;

static_assert(detail::checked_frames, "this test is for builds that check");

constexpr auto twice = "weft: release of a frame: it is free already \\(released twice, or never allocated\\)";
constexpr auto never = "weft: release of a frame: this address was never given out as a frame";
constexpr auto inside = "weft: release of a frame: this address is not where a frame starts";
constexpr auto wrong_class = "weft: release of a frame: the size is not the one it was allocated with \\(wrong size class\\)";
constexpr auto written = "weft: allocation of a frame: a released frame was written to";

/// A wrong use by a worker and by a thread that is none.
template <class Use>
void dies_everywhere(Use use, const char* message) {
  EXPECT_DEATH(use(), message);
  const open_cache cache;
  EXPECT_DEATH(use(), message);
}

TEST(frame_checks_death, released_twice) {
  for (const std::size_t bytes : {64, 1024, 4000}) {
    dies_everywhere(
        [=] {
          void* frame = allocate_frame(bytes);
          release_frame(frame, bytes);
          release_frame(frame, bytes);
        },
        twice);
  }
}

TEST(frame_checks_death, released_twice_with_others_in_between) {
  dies_everywhere(
      [] {
        void* first = allocate_frame(64);
        void* second = allocate_frame(64);
        release_frame(first, 64);
        release_frame(second, 64);
        release_frame(*detail::current_cache, first);
      },
      twice);
}

TEST(frame_checks_death, a_large_frame_released_twice) {
  dies_everywhere(
      [] {
        void* frame = allocate_frame(100000);
        release_frame(frame, 100000);
        release_frame(frame, 100000);
      },
      never);
}

TEST(frame_checks_death, foreign_pointers) {
  static char global[64];
  dies_everywhere([] { release_frame(static_cast<void*>(global), 64); }, never);
  dies_everywhere(
      [] {
        char local[64];
        release_frame(static_cast<void*>(local), 64);
      },
      never);
  dies_everywhere([] { release_frame(::operator new(64), 64); }, never);
  dies_everywhere([] { release_frame(nullptr, 64); }, never);
  dies_everywhere([] { release_frame(reinterpret_cast<void*>(~std::uintptr_t{63}), 64); }, never);
}

TEST(frame_checks_death, addresses_inside_a_frame) {
  for (const std::size_t bytes : {192, 5000, 100000}) {
    dies_everywhere([=] { release_frame(static_cast<char*>(allocate_frame(bytes)) + 64, bytes); }, inside);
  }
}

TEST(frame_checks_death, addresses_of_the_pools_own_records) {
  dies_everywhere([] { release_frame(static_cast<void*>(&sched::region_of(allocate_frame(64))), 64); }, inside);
}

TEST(frame_checks_death, a_block_never_given_out) {
  dies_everywhere([] { release_frame(static_cast<char*>(allocate_frame(16384)) + 16384, 16384); }, twice);
}

TEST(frame_checks_death, wrong_size_class) {
  dies_everywhere([] { release_frame(allocate_frame(64), 65); }, wrong_class);
  dies_everywhere([] { release_frame(allocate_frame(640), 64); }, wrong_class);
  dies_everywhere([] { release_frame(allocate_frame(64), 5000); }, wrong_class);
  dies_everywhere([] { release_frame(allocate_frame(5000), 64); }, wrong_class);
  dies_everywhere([] { release_frame(allocate_frame(64), 100000); }, wrong_class);
  dies_everywhere([] { release_frame(allocate_frame(100000), 64); }, wrong_class);
  dies_everywhere([] { release_frame(allocate_frame(100000), 10000000); }, wrong_class);
}

/// Writes as no compiler's instrumentation sees it, so that the pool's own check has to find it.
[[gnu::noinline]] void write_unseen(void* at) {
  ASAN_UNPOISON_MEMORY_REGION(at, 1);
  *static_cast<volatile char*>(at) = 1;
}

/// Reads so, too.
[[gnu::noinline]] unsigned char read_unseen(const void* at) {
  ASAN_UNPOISON_MEMORY_REGION(at, 1);
  return *static_cast<const volatile unsigned char*>(at);
}

TEST(frame_checks_death, written_to_after_release) {
  for (const std::size_t offset : {16, 500, 1023}) {
    dies_everywhere(
        [=] {
          void* frame = allocate_frame(1024);
          release_frame(frame, 1024);
          write_unseen(static_cast<char*>(frame) + offset);
          allocate_frame(1024);
        },
        written);
  }
}

TEST(frame_checks_death, a_large_frame_is_gone_once_released) {
  dies_everywhere(
      [] {
        void* frame = allocate_frame(100000);
        release_frame(frame, 100000);
        *static_cast<volatile char*>(frame) = 1;
      },
      "");
}

TEST(frame_checks, the_same_size_class_is_the_same_size) {
  release_frame(allocate_frame(65), 128);
  release_frame(allocate_frame(5000), 5120);
}

TEST(frame_checks, a_released_frame_reads_as_the_pattern) {
  const open_cache cache;
  auto* frame = static_cast<unsigned char*>(allocate_frame(256));
  std::memset(frame, 7, 256);
  release_frame(frame, 256);

  for (std::size_t i = 16; i < 256; ++i) ASSERT_EQ(read_unseen(frame + i), 0xDD) << i;
}

/// Touches one byte of a frame as user code does.
void touch(void* frame, std::size_t offset) { *(static_cast<volatile char*>(frame) + offset) = 1; }

TEST(frame_checks_death, address_sanitizer_sees_the_use_of_a_released_frame_and_of_what_lies_behind_a_frame) {
  const bool sees = detail::under_asan;
  const auto after_release = [] {
    void* frame = allocate_frame(200);
    release_frame(frame, 200);
    touch(frame, 100);
    std::exit(0);
  };
  const auto behind_the_end = [] {
    touch(allocate_frame(200), 200);
    std::exit(0);
  };
  if (sees) {
    EXPECT_DEATH(after_release(), "use-after-poison");
    EXPECT_DEATH(behind_the_end(), "use-after-poison");
  } else {
    EXPECT_EXIT(after_release(), testing::ExitedWithCode(0), "");
    EXPECT_EXIT(behind_the_end(), testing::ExitedWithCode(0), "");
  }
}

}  // namespace
}  // namespace weft
