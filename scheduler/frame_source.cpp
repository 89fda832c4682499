// SPDX-License-Identifier: Apache-2.0
//
// The choice between pool and heap, and the frames that come from the heap.
//
// Who touches what
//   chosen   written once, by CAS from `undecided`, by the first who needs or makes the choice
//   live     added to by all; a gauge
//
// Edges
//   There are none: the choice is the word itself.
#include "frame_source.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "weft/detail/frame_pool.hpp"

namespace weft::sched {
namespace {

using detail::relaxed;

enum class choice : int { undecided, pool, heap };

constinit detail::atomic<choice> chosen{choice::undecided};
constinit detail::atomic<std::size_t> live{0};

constexpr choice choice_of(frame_source source) noexcept { return source == frame_source::heap ? choice::heap : choice::pool; }

/// What WEFT_FRAMES asks for; nothing if it asks for something else.
std::optional<choice> choice_in_environment() noexcept {
  const char* text = std::getenv("WEFT_FRAMES");
  if (text == nullptr || *text == '\0' || std::strcmp(text, "pool") == 0) return choice::pool;
  if (std::strcmp(text, "malloc") == 0) return choice::heap;
  return std::nullopt;
}

/// Makes the choice if it is still open; answers what holds now and whether it was made here.
bool try_choose(choice wanted, choice& holds) noexcept {
  holds = choice::undecided;
  if (!chosen.compare_exchange_strong(holds, wanted, relaxed, relaxed)) return false;  // the word is all there is
  holds = wanted;
  return true;
}

}  // namespace

frame_source source_of_frames() noexcept {
  choice holds = chosen.load(relaxed);  // the word is all there is
  if (holds == choice::undecided) [[unlikely]] {
    const std::optional<choice> asked = choice_in_environment();
    if (try_choose(asked.value_or(choice::pool), holds) && !asked) {
      std::fputs("weft: WEFT_FRAMES is ignored: it must be \"pool\" or \"malloc\"\n", stderr);
    }
  }
  return holds == choice::heap ? frame_source::heap : frame_source::pool;
}

void* allocate_from_heap(std::size_t bytes) noexcept {
  const std::size_t rounded = (bytes + detail::line_bytes - 1) / detail::line_bytes * detail::line_bytes;
  void* block = rounded < bytes ? nullptr : std::aligned_alloc(detail::line_bytes, rounded);
  if (block != nullptr) live.fetch_add(1, relaxed);  // a gauge
  return block;
}

void release_to_heap(void* block) noexcept {
  live.fetch_sub(1, relaxed);  // a gauge
  std::free(block);
}

std::size_t live_heap_frames() noexcept {
  return live.load(relaxed);  // a gauge
}

}  // namespace weft::sched

namespace weft {

bool choose_frame_source(frame_source source) noexcept {
  sched::choice holds{};
  sched::try_choose(sched::choice_of(source), holds);
  return holds == sched::choice_of(source);
}

}  // namespace weft
