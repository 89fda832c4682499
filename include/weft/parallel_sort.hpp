// SPDX-License-Identifier: Apache-2.0
//
// Sorting by all workers.
#pragma once

#include "weft/detail/leaves.hpp"
#include "weft/detail/merge_part.hpp"
#include "weft/detail/sort_part.hpp"
#include "weft/parallel_for.hpp"
#include "weft/parallel_options.hpp"
#include "weft/task.hpp"

#include <concepts>
#include <cstddef>
#include <functional>
#include <iterator>
#include <ranges>
#include <utility>

namespace weft {

namespace detail {

template <class Range, class Compare>
concept sortable_range = parallel_range<Range> && std::permutable<std::ranges::iterator_t<Range>> &&
                         std::indirect_strict_weak_order<const Compare&, std::ranges::iterator_t<Range>>;

}  // namespace detail

/// `co_await parallel_sort(v);` sorts the elements of a random-access range by `before`, which is called as const, by several workers at
/// once. Equal elements end in an order that is not said; it depends on the elements alone. Quicksort in place: takes no memory but for its
/// tasks. A range of `grain` elements or fewer, 2048 if it is not given and 16 at least, is sorted by one worker. Of the last elements to
/// be sorted std::sort takes care, and of those that defeat quicksort, so that the time is bounded as std::sort's is. Thread rule, errors
/// and cancellation as in parallel_for. The elements are then in some order; if `before` threw, some may be lost, as with std::sort: they
/// are valid, and not said to be what they were. An lvalue has to outlive the await.
template <class Range, class Compare = std::less<>>
  requires detail::sortable_range<Range, Compare>
[[nodiscard]] task<> parallel_sort(Range&& range, Compare before = {}, parallel_options options = {}) {
  return detail::run_sort(std::views::all(std::forward<Range>(range)), std::move(before), detail::given_grain(options, "parallel_sort"));
}

/// The same, keeping the order of equal elements. Merge sort: takes memory for as many elements as there are, and throws std::bad_alloc
/// before it has moved one. Elements are valid, and not said to be what they were, if `before` or a move threw or the call was cancelled:
/// some are then in that memory, which goes.
template <class Range, class Compare = std::less<>>
  requires detail::sortable_range<Range, Compare>
[[nodiscard]] task<> parallel_stable_sort(Range&& range, Compare before = {}, parallel_options options = {}) {
  constexpr std::size_t usual = 4096;
  const auto cut = detail::leaves::of(static_cast<std::size_t>(std::ranges::size(range)), options, "parallel_stable_sort", 1, usual);
  return detail::run_stable_sort(std::views::all(std::forward<Range>(range)), std::move(before), cut);
}

}  // namespace weft
