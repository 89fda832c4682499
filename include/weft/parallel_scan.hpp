// SPDX-License-Identifier: Apache-2.0
//
// Running sums by all workers, whose results do not depend on how many there are.
#pragma once

#include "weft/detail/scan_part.hpp"
#include "weft/parallel_for.hpp"
#include "weft/parallel_options.hpp"
#include "weft/parallel_reduce.hpp"
#include "weft/task.hpp"

#include <concepts>
#include <cstddef>
#include <functional>
#include <iterator>
#include <optional>
#include <ranges>
#include <utility>

namespace weft {

namespace detail {

template <scan_form Form, class T, class Range, class Out, class Op>
task<Out> scan_over(const char* name, Range range, Out out, std::optional<T> init, Op op, leaves cut) {
  co_return co_await run_scan<Form, T>(name, std::ranges::begin(range), std::move(out), std::move(init), std::move(op), cut);
}

/// Its blocks are larger than the leaves of a reduction, for there is more to do about each.
template <class Range>
leaves scan_blocks(Range& range, const parallel_options& options, const char* name) {
  return leaves::of(static_cast<std::size_t>(std::ranges::size(range)), options, name, 16, 8192);
}

template <class Op, class T>
concept scans_values = joins_values<Op, T> && std::copyable<T>;

}  // namespace detail

/// `auto end = co_await parallel_scan(in, out.begin());` writes to each place of `out` what the elements of `in`, a random-access range,
/// come to up to and with the one in that place, and gives the end of what was written. `out` may be the begin of `in`. `op` has to be
/// associative, need not be commutative. What is joined with what depends on the number of elements, and on the grain if one is given,
/// alone. An lvalue has to outlive the await. `op` is called as const, by several workers at once; it gives values, not tasks. A scan takes
/// memory for two values a block of up to 8192 elements: throws std::bad_alloc. Thread rule, errors and cancellation as in parallel_for;
/// then some results are missing.
template <detail::parallel_range Range, std::random_access_iterator Out, class Op = std::plus<>>
  requires detail::scans_values<Op, std::ranges::range_value_t<Range>>
[[nodiscard]] task<Out> parallel_scan(Range&& range, Out out, Op op = {}, parallel_options options = {}) {
  using value = std::ranges::range_value_t<Range>;
  const detail::leaves cut = detail::scan_blocks(range, options, "parallel_scan");
  return detail::scan_over<detail::scan_form::inclusive, value>("parallel_scan", std::views::all(std::forward<Range>(range)),
                                                                std::move(out), std::nullopt, std::move(op), cut);
}

/// The same without the element in that place: the first result is `init`, which stands before all elements.
template <detail::parallel_range Range, std::random_access_iterator Out, class T, class Op = std::plus<>>
  requires detail::scans_values<Op, T>
[[nodiscard]] task<Out> parallel_scan_exclusive(Range&& range, Out out, T init, Op op = {}, parallel_options options = {}) {
  const detail::leaves cut = detail::scan_blocks(range, options, "parallel_scan_exclusive");
  return detail::scan_over<detail::scan_form::exclusive, T>("parallel_scan_exclusive", std::views::all(std::forward<Range>(range)),
                                                            std::move(out), std::optional<T>(std::move(init)), std::move(op), cut);
}

}  // namespace weft
