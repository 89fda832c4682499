// SPDX-License-Identifier: Apache-2.0
//
// Quicksort whose two sides are sorted in parallel. Needs no memory but for its tasks.
#pragma once

#include "weft/detail/parallel_call.hpp"
#include "weft/detail/partition.hpp"
#include "weft/task.hpp"
#include "weft/when_all.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <functional>
#include <iterator>
#include <optional>
#include <ranges>
#include <type_traits>
#include <utility>

namespace weft::detail {

/// A sort. Borrowed by its parts.
template <class It, class Compare>
struct shared_sort {
  static constexpr std::size_t usual = 2048;    // elements that are not worth a task
  static constexpr std::ptrdiff_t small = 64;   // nor a cut

  using distance = std::iter_difference_t<It>;

  parallel_call call;
  const It begin;
  const Compare before;
  const std::size_t grain;

  [[nodiscard]] std::size_t position(It at) const noexcept { return static_cast<std::size_t>(at - begin); }

  /// Cuts a range. Nothing: something was thrown. `lopsided`: how often that may still go badly, after which the standard library sorts,
  /// whose time is bounded.
  [[nodiscard]] std::optional<cut_range<It>> cut(It first, It last, int& lopsided) noexcept {
    try {
      return cut_alone(first, last, lopsided);
    } catch (...) {
      call.fail(position(first));
      return std::nullopt;
    }
  }

  /// Sorts a range on this worker.
  [[gnu::noinline]] void sort_here(It first, It last, int lopsided) noexcept {
    try {
      sort_alone(first, last, lopsided);
    } catch (...) {
      call.fail(position(first));
    }
  }

 private:
  cut_range<It> cut_alone(It first, It last, int& lopsided) {
    const cut_range<It> made = cut_around_middle(first, last, before);
    if (std::max(made.left_end - first, last - made.right_begin) > (last - first) / 8 * 7) --lopsided;
    return made;
  }

  void sort_alone(It first, It last, int lopsided) {
    if constexpr (is_cut_in_blocks<std::iter_value_t<It>>) {
      while (last - first > small && lopsided > 0) {
        const cut_range<It> made = cut_alone(first, last, lopsided);
        sort_alone(first, made.left_end, lopsided);
        first = made.right_begin;
      }
    }
    std::sort(first, last, std::cref(before));
  }
};

/// Elements [first, last) of a sort.
template <class It, class Compare>
task<> sort_part(shared_sort<It, Compare>* sort, It first, It last, int lopsided) {
  if (sort->call.must_end()) co_return;
  if (sort->position(last) - sort->position(first) <= sort->grain || lopsided <= 0) {
    sort->sort_here(first, last, lopsided);
    co_return;
  }
  const std::optional<cut_range<It>> sides = sort->cut(first, last, lopsided);
  if (!sides) co_return;
  try {
    auto both = when_all(sort_part(sort, first, sides->left_end, lopsided), sort_part(sort, sides->right_begin, last, lopsided));
    co_await both;
  } catch (...) {
    sort->call.fail(sort->position(first));  // there is no memory for them
  }
}

/// The whole of a sort.
template <class Range, class Compare>
task<> run_sort(Range range, Compare before, std::size_t grain) {
  const auto first = std::ranges::begin(range);
  using iterator = std::remove_const_t<decltype(first)>;
  const std::size_t count = std::ranges::size(range);
  shared_sort<iterator, Compare> sort{parallel_call("parallel_sort"), first, std::move(before),
                                      std::max<std::size_t>(grain != 0 ? grain : sort.usual, 16)};
  co_await sort.call;
  const iterator last = advanced(first, count);
  if (!std::is_sorted(first, last, std::cref(sort.before))) co_await sort_part(&sort, first, last, static_cast<int>(std::bit_width(count)));
  sort.call.throw_if_failed();
}

}  // namespace weft::detail
