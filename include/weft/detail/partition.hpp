// SPDX-License-Identifier: Apache-2.0
//
// How a sort cuts a range in two: around one of its elements, by exchanging elements and nothing else, so that none is lost if a comparison
// throws.
//
// Small elements without constructors are partitioned without a branch on the outcome of a comparison, which no processor can predict:
// from both ends the places of those on the wrong side are collected in blocks, then exchanged.
// From   Edelkamp and Weiss 2016 (BlockQuicksort); the sample of nine is Bentley's and McIlroy's, 1993.
// Checked tests/unit/parallel_sort_test.cpp, tests/unit/partition_test.cpp
#pragma once

#include "weft/detail/sync.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <type_traits>
#include <utility>

namespace weft::detail {

/// Exchanges what two iterators point to.
template <class It>
WEFT_INLINE void exchange(It a, It b) {
  std::ranges::iter_swap(a, b);
}

/// Whether comparisons of two T are cheap and moves are copies: then a mispredicted branch is what costs.
template <class T>
inline constexpr bool is_cut_in_blocks = std::is_trivially_copyable_v<T> && sizeof(T) <= 16;

/// Places of elements on the wrong side, in a block at one end of what is not partitioned yet.
class misplaced {
 public:
  static constexpr std::size_t block = 64;

  [[nodiscard]] std::size_t count() const noexcept { return end_ - begin_; }
  [[nodiscard]] std::size_t next() noexcept { return places_[begin_++]; }

  /// Looks at `size` elements, element(0) to element(size - 1), and notes those for which `is_wrong` says so. After all noted were taken.
  template <class IsWrong>
  void collect(std::size_t size, IsWrong is_wrong) {
    begin_ = end_ = 0;
    std::size_t found = 0;
    for (std::size_t i = 0; i < size; ++i) {
      places_[found] = static_cast<std::uint8_t>(i);
      found += is_wrong(i) ? 1U : 0U;
    }
    end_ = found;
  }

 private:
  std::array<std::uint8_t, block> places_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

/// Moves the elements of [first, last) for which `is_left` is true before the others; gives the first of those. Not stable.
template <class It, class IsLeft>
It cut_in_blocks(It first, It last, IsLeft is_left) {
  using distance = std::iter_difference_t<It>;
  constexpr auto block = static_cast<distance>(misplaced::block);
  misplaced on_left, on_right;
  distance left_size = 0, right_size = 0;  // of the blocks that were looked at and may hold noted places
  while (last - first > 2 * block) {
    if (on_left.count() == 0) {
      left_size = block;
      on_left.collect(misplaced::block, [&](std::size_t i) { return !is_left(first[static_cast<distance>(i)]); });
    }
    if (on_right.count() == 0) {
      right_size = block;
      on_right.collect(misplaced::block, [&](std::size_t i) { return is_left(last[-1 - static_cast<distance>(i)]); });
    }
    for (std::size_t pairs = std::min(on_left.count(), on_right.count()); pairs != 0; --pairs) {
      const auto a = static_cast<distance>(on_left.next());
      const auto b = static_cast<distance>(on_right.next());
      exchange(first + a, last - 1 - b);
    }
    if (on_left.count() == 0) first += std::exchange(left_size, 0);
    if (on_right.count() == 0) last -= std::exchange(right_size, 0);
  }
  It left_end = first;
  for (; first != last; ++first) {
    const bool goes_left = is_left(*first);
    exchange(left_end, first);
    left_end += goes_left ? 1 : 0;
  }
  return left_end;
}

/// The same, by whatever is best for the elements.
template <class It, class IsLeft>
It cut_by(It first, It last, IsLeft is_left) {
  if constexpr (is_cut_in_blocks<std::iter_value_t<It>>)
    return cut_in_blocks(first, last, is_left);
  else
    return std::partition(first, last, is_left);
}

/// The one in the middle of the three that these point to.
template <class It, class Compare>
It middle_of(It a, It b, It c, const Compare& before) {
  if (before(*b, *a)) std::swap(a, b);
  if (!before(*c, *b)) return b;
  return before(*c, *a) ? a : c;
}

/// Where an element lies that is likely to be near the middle of [first, last), which has nine elements at least.
template <class It, class Compare>
It near_middle(It first, It last, const Compare& before) {
  const auto step = (last - first) / 9;
  const auto three = [&](int i) {
    const It a = first + 3 * i * step;
    return middle_of(a, a + step, a + 2 * step, before);
  };
  return middle_of(three(0), three(1), three(2), before);
}

/// [first, last) cut in three: [first, left_end) and [right_begin, last) are to be sorted yet, what lies between is in its place.
template <class It>
struct cut_range {
  It left_end;
  It right_begin;
};

/// Cuts [first, last), nine elements at least, around one of them. At least one element is in its place afterwards. Where the left side is
/// small, for many elements are equal to that one, those are all in place.
template <class It, class Compare>
[[gnu::noinline]] cut_range<It> cut_around_middle(It first, It last, const Compare& before) {
  exchange(first, near_middle(first, last, before));
  const auto around = [&](const auto& pivot) {  // is in *first
    It middle = cut_by(first + 1, last, [&](const auto& x) { return before(x, pivot); });
    const bool is_lopsided = middle - first < (last - first) / 8;
    It right = is_lopsided ? cut_by(middle, last, [&](const auto& x) { return !before(pivot, x); }) : middle;
    return cut_range<It>{middle - 1, right};
  };
  cut_range<It> cut;
  if constexpr (is_cut_in_blocks<std::iter_value_t<It>>) {
    const auto pivot = *first;  // a copy, which stores elsewhere cannot change
    cut = around(pivot);
  } else {
    cut = around(*first);
  }
  exchange(first, cut.left_end);
  return cut;
}

}  // namespace weft::detail
