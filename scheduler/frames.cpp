// SPDX-License-Identifier: Apache-2.0
// The public view of the frame pool: limit, trim and numbers.
#include "weft/frames.hpp"

#include "big_frames.hpp"
#include "cached_frames.hpp"
#include "foreign_bins.hpp"
#include "frame_budget.hpp"
#include "frame_carver.hpp"
#include "frame_exchange.hpp"
#include "frame_source.hpp"
#include "frame_trim.hpp"

namespace weft {
namespace {

/// Free blocks of a class that no worker keeps.
std::size_t pooled_blocks(std::size_t size_class) noexcept {
  return sched::exchange_of(size_class).pooled() + sched::binned_blocks(size_class);
}

}  // namespace

void set_frame_limit(std::optional<std::size_t> bytes) noexcept { sched::set_limit_bytes(bytes.value_or(sched::no_limit)); }

std::size_t trim_frames() noexcept { return sched::trim(sched::hold_growth()); }

std::size_t live_frames() noexcept {
  std::size_t carved = 0;
  std::size_t idle = sched::cached_frames();
  for (std::size_t k = 1; k < sched::class_count; ++k) {
    idle += pooled_blocks(k);
    carved += sched::carver_of(k).carved();
  }
  const std::size_t in_blocks = carved > idle ? carved - idle : 0;  // while others work, the sums are of different moments
  return in_blocks + sched::live_big_frames() + sched::live_heap_frames();
}

frame_statistics describe_frames() noexcept {
  frame_statistics now;
  now.large_bytes = sched::big_frame_bytes();
  now.mapped_bytes = sched::region_count() * sched::region_bytes + now.large_bytes;
  now.carved_bytes = sched::carved_bytes();
  now.large_frames = sched::live_big_frames();
  if (sched::limit_bytes() != sched::no_limit) now.limit_bytes = sched::limit_bytes();
  static_assert(std::tuple_size_v<decltype(now.classes)> == sched::class_count - 1);
  for (std::size_t k = 1; k < sched::class_count; ++k) {
    now.classes[k - 1] = {sched::block_bytes[k], sched::carver_of(k).carved(), pooled_blocks(k)};
  }
  return now;
}

}  // namespace weft
