// SPDX-License-Identifier: Apache-2.0
// Pool or heap: who decides, when, and that frames from the heap behave like others. The choice is made once a process, so
// each case makes it in a child of its own.
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <set>
#include <string>
#include <vector>

#include "open_cache.hpp"
#include "weft/frames.hpp"

namespace weft {
namespace {

using detail::allocate_frame;
using detail::release_frame;

/// Runs `check` in a child, with WEFT_FRAMES as given (null: unset). The child leaves with 0 if `check` holds.
template <class Check>
void in_child(const char* environment, const char* expected_output, Check check) {
  EXPECT_EXIT(
      {
        ::unsetenv("WEFT_FRAMES");
        if (environment != nullptr) ::setenv("WEFT_FRAMES", environment, 1);
        std::exit(check() ? 0 : 1);
      },
      testing::ExitedWithCode(0), expected_output);
}

bool comes_from_pool() {
  void* frame = allocate_frame(64);
  const bool from_pool = describe_frames().carved_bytes > 0 && live_frames() == 1;
  release_frame(frame, 64);
  return from_pool && live_frames() == 0;
}

bool comes_from_heap() {
  bool holds = true;
  std::vector<void*> frames;
  for (const std::size_t bytes : {1, 64, 1000, 5000, 16384, 100000}) {
    frames.push_back(allocate_frame(bytes));
    std::memset(frames.back(), 1, bytes);
    holds = holds && reinterpret_cast<std::uintptr_t>(frames.back()) % 64 == 0;
  }
  holds = holds && live_frames() == frames.size() && describe_frames().mapped_bytes == 0;
  for (void* frame : frames) release_frame(*detail::current_cache, frame);
  return holds && live_frames() == 0;
}

TEST(frame_source_test, without_a_word_frames_come_from_the_pool) { in_child(nullptr, "^$", comes_from_pool); }

TEST(frame_source_test, the_environment_chooses_the_heap) { in_child("malloc", "^$", comes_from_heap); }

TEST(frame_source_test, the_environment_chooses_the_pool) {
  in_child("pool", "^$", comes_from_pool);
  in_child("", "^$", comes_from_pool);
}

TEST(frame_source_test, garbage_is_ignored_with_one_warning) {
  for (const char* garbage : {"Malloc", "1", " malloc", "heap\n", "%s%n"}) {
    in_child(garbage, "^weft: WEFT_FRAMES is ignored: it must be \"pool\" or \"malloc\"\n$", comes_from_pool);
  }
  in_child(std::string(100000, 'x').c_str(), "^weft: WEFT_FRAMES is ignored[^\n]*\n$", comes_from_pool);
}

TEST(frame_source_test, the_program_chooses_before_the_environment) {
  in_child("pool", "^$", [] { return choose_frame_source(frame_source::heap) && comes_from_heap(); });
  in_child("garbage", "^$", [] { return choose_frame_source(frame_source::pool) && comes_from_pool(); });
}

TEST(frame_source_test, the_choice_cannot_be_changed_afterwards) {
  in_child(nullptr, "^$", [] {
    return choose_frame_source(frame_source::heap) && choose_frame_source(frame_source::heap) && !choose_frame_source(frame_source::pool) &&
           comes_from_heap();
  });
  in_child(nullptr, "^$", [] { return comes_from_pool() && !choose_frame_source(frame_source::heap) && comes_from_pool(); });
}

TEST(frame_source_test, a_cache_keeps_nothing_when_frames_come_from_the_heap) {
  in_child("malloc", "^$", [] {
    test::open_cache cache;
    const bool holds = comes_from_heap() && cache.kept() == 0;
    return holds && cache.allocated() == 6 && cache.released() == 6;
  });
}

TEST(frame_source_test, an_impossible_size_throws_from_the_heap_too) {
  in_child("malloc", "", [] {
    try {
      allocate_frame(static_cast<std::size_t>(-1));
      return false;
    } catch (const std::bad_alloc&) {
      return live_frames() == 0;
    }
  });
}

}  // namespace
}  // namespace weft
