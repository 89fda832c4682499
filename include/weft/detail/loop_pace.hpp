// SPDX-License-Identifier: Apache-2.0
//
// In how large grains a part of a loop is done, and whether a share of it is worth offering.
//
// A grain is to take a few microseconds: long enough that a look at others costs nothing, and that the processor can overlap elements;
// short enough that nobody waits for it. What an element costs is taken over from the part that this one was split from, and measured again
// whenever another worker is hungry, and after some grains: elements need not cost the same, and the first ones may have come from memory.
// Until then nothing tells, so a grain is never more than a sixteenth of the part.
#pragma once

#include "weft/detail/parallel_call.hpp"
#include "weft/detail/sync.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace weft::detail {

class loop_pace {
 public:
  using nanoseconds = std::chrono::duration<double, std::nano>;
  static constexpr nanoseconds grain_time{8000};
  static constexpr unsigned most_grains = 16;  // between two looks at the clock

  /// Of a part of `count` elements. `grain`: as given, or 0; then `usual` elements take a grain's time, as far as is known.
  loop_pace(std::size_t grain, std::size_t usual, std::size_t count) noexcept
      : grain_(grain),
        usual_(usual),
        largest_(std::max<std::size_t>(count / 16, 1)),
        size_(std::max<std::size_t>(std::min(usual / 16, count / 64), 1)) {
    if (grain_ == 0) since_ = now();
  }

  /// Where the next grain of elements [first, end) ends.
  [[nodiscard]] std::size_t next(std::size_t first, std::size_t end) noexcept {
    if (grain_ != 0) return first + std::min(grain_, end - first);
    if (++grains_ == most_grains) measure();
    const std::size_t next = even(first, std::min({size_, largest_, end - first}));
    size_ = std::min(size_ * 2, usual_);
    done_ += next - first;
    return next;
  }

  /// Others are hungry: whether a share of `left` elements is worth offering.
  [[nodiscard]] bool can_share(std::size_t left) noexcept {
    if (grain_ != 0) return left > grain_;
    if (done_ != 0) measure();
    return left > std::max<std::size_t>(usual_ / 4, 1);
  }
  /// Where the elements [first, end) are halved: between whole grains, if one is given.
  [[nodiscard]] std::size_t middle(std::size_t first, std::size_t end) const noexcept {
    const std::size_t left = end - first;
    return grain_ != 0 ? first + (left + grain_ - 1) / grain_ / 2 * grain_ : even(first, left / 2);
  }
  /// How many elements take a grain's time.
  [[nodiscard]] std::size_t usual() const noexcept { return usual_; }

  /// `first + count`, or a little less, so that long runs of elements begin where a cache line is likely to.
  [[nodiscard]] static std::size_t even(std::size_t first, std::size_t count) noexcept {
    constexpr std::size_t step = 64;
    const std::size_t end = first + count;
    return count < 2 * step ? end : end - end % step;
  }

 private:
  void measure() noexcept {
    const auto time = now();
    const nanoseconds spent = time - since_;
    const double in_a_grain = static_cast<double>(done_) * (grain_time / std::max(spent, nanoseconds{1}));
    usual_ = std::max<std::size_t>(static_cast<std::size_t>(in_a_grain), 1);
    size_ = std::min(size_, usual_);
    since_ = time;
    done_ = 0;
    grains_ = 0;
  }

  const std::size_t grain_;
  std::size_t usual_;
  const std::size_t largest_;
  std::size_t size_;
  std::size_t done_ = 0;  // elements since
  unsigned grains_ = 0;  // in which they were done
  std::chrono::steady_clock::time_point since_;
};

}  // namespace weft::detail
